"""From what the user asked for to a job that can run: leftovers, campaign, plan, environments."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import tasks
from bench.campaign.brought import Brought
from bench.campaign.engines import Say
from bench.campaign.engines.registry import reclaim
from bench.campaign.journal import recover
from bench.campaign.machine import this_machine
from bench.campaign.plan import missing, plan
from bench.campaign.runner import Job, Started
from bench.campaign.script import UserScript
from bench.campaign.script_options import of_script, resumed
from bench.campaign.setup import (
    new_campaign,
    newest_campaign,
    open_environments,
    open_or_fall_back,
)
from bench.campaign.user_file import check_shared
from bench.campaign.variants import product_size, variants
from bench.errors import UsageError
from bench.evidence.record import Campaign, Record
from bench.evidence.store import Store
from bench.evidence.variants import parts
from bench.evidence.words import counted

DEFAULT_ROUNDS = 3
MOST_VARIANTS = 64
MOST_ROUNDS = 20  # of a campaign that ends by itself when its medians are known well enough


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the user asked for. `rounds` of None is the default, or the resumed campaign's.

    `auto` ends the campaign before its last round where its medians are known well enough. `vary`
    holds texts such as `batch_size=32,128`, whose product may have `most` variants. `entry` is
    this machine's name in a fleet, whose `campaign` is begun or taken up under the fleet's name.
    """

    environments: tuple[str, ...] = ("cpu",)
    tasks: tuple[str, ...] = ()
    own: tuple[Path, ...] = ()
    rounds: int | None = None
    seed: int = 1
    epochs: int | None = None
    seconds: float = 1800.0
    resume: bool = False
    fallback: str | None = None
    auto: bool = False
    script: UserScript | None = None
    brought: Brought | None = None
    vary: tuple[str, ...] = ()
    most: int = MOST_VARIANTS
    entry: str | None = None
    campaign: str | None = None


def prepare_job(request: Request, store: Store, say: Say) -> Job:
    """Make everything ready for the first run. Raises CertbenchErrors, each with the next step."""
    _recover(store, say)
    machine = this_machine()
    known = store.load_all()
    records = tuple(r for r in known if r.entry == request.entry) if request.entry else known
    before = _before(request, records, machine.id)
    script = request.script
    if before and script:
        script = resumed(script, before, _of(before, records))
    campaign, opened = _taken_up(before, request, say) if before else _begun(request, say)
    brings = script or request.brought or Brought()
    if any(started.ready.facts.isolated for started in opened.values()):
        check_shared((*request.own, *brings.siblings))
    opened = _with_packages(opened, brings, say)
    for started in opened.values() if request.own else ():
        started.engine.check_own(started.ready, request.own, brings)
    runs = missing(plan(campaign, request.own, request.entry), _of(campaign, records))
    for started in sorted(opened.values(), key=lambda one: not one.ready.facts.isolated):
        started.engine.sweep()  # what an engine can remove is no orphan to the others
    return Job(
        campaign=campaign,
        machine=machine,
        runs=runs,
        environments=opened,
        script=script,
        brought=request.brought,
        known=known,
    )


def _with_packages(
    opened: Mapping[str, Started], brings: Brought, say: Say
) -> Mapping[str, Started]:
    """The environments with the packages that a user's file brings."""
    packages = brings.packages
    if packages is None:
        return opened
    return {
        name: replace(one, ready=one.engine.add_packages(one.ready, packages, say))
        for name, one in opened.items()
    }


def _before(request: Request, records: tuple[Record, ...], machine: str) -> Campaign | None:
    """The campaign to go on with; None where one is to begin."""
    if request.campaign:
        known = [r.campaign for r in records if r.campaign.id == request.campaign]
        return max(known, key=lambda campaign: campaign.rounds, default=None)
    return newest_campaign(records, machine) if request.resume else None


def _recover(store: Store, say: Say) -> None:
    found = recover(store)
    for record in found.records:
        say(_told(record))
    for path in found.aside:
        say(f"a journal that cannot become a record was set aside: {path}")
    rented = (one for one in found.records if one.environment.rented and one.controller)
    reclaim(sorted({one.environment.engine for one in rented}), say)


def _told(record: Record) -> str:
    """What became of a run that the last command left behind."""
    if record.status != "interrupted":
        return f"{record.id} had ended when its command did: its record is kept as {record.status}"
    cut = "a kill" if record.reasons == ("killed",) else "a full disk"
    return f"{record.id} was cut short by {cut}: its record is kept as interrupted"


def _begun(request: Request, say: Say) -> tuple[Campaign, Mapping[str, Started]]:
    """A new campaign, named after the environments that could really be opened."""
    names = request.tasks or (() if request.own else tasks.names())
    names = (*names, *(path.stem for path in request.own))
    if request.vary and (size := len(names) * product_size(request.vary)) > request.most:
        raise UsageError(
            f"{counted(size, 'variant')} are more than --most {request.most}: vary less"
        )
    names = variants(names, request.vary, request.own)
    if request.fallback and len(request.environments) == 1:
        [name] = request.environments
        opened = open_or_fall_back(name, request.fallback, names, request.seconds, say)
    else:
        opened = open_environments(request.environments, names, request.seconds, say)
    campaign = new_campaign(
        [started.ready.environment.name for started in opened.values()],
        names,
        rounds=request.rounds or DEFAULT_ROUNDS,
        seed=request.seed,
        epochs=request.epochs,
        auto=request.auto,
        name=request.campaign,
    )
    return of_script(campaign, request.script), opened


def _taken_up(
    campaign: Campaign, request: Request, say: Say
) -> tuple[Campaign, Mapping[str, Started]]:
    """The campaign as it was planned; more rounds may be asked for, or that it ends by itself."""
    import msgspec

    known = {*tasks.names(), *(path.stem for path in request.own)}
    absent = {parts(name)[0] for name in campaign.tasks} - known
    if absent:
        name = min(absent)
        raise UsageError(
            f"the campaign has a file of your own, name it: --task {name}.py, or a script that it "
            f"was begun with: --script {name}.py"
        )
    rounds = max(request.rounds or 0, campaign.rounds)
    opened = open_environments(campaign.environments, campaign.tasks, request.seconds, say)
    auto = request.auto or campaign.auto
    return msgspec.structs.replace(campaign, rounds=rounds, auto=auto), opened


def _of(campaign: Campaign, records: tuple[Record, ...]) -> list[Record]:
    return [record for record in records if record.campaign.id == campaign.id]
