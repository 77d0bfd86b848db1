"""From what the user asked for to a job that can run: leftovers, campaign, plan, environments."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tasks
from bench.campaign.engines import Say
from bench.campaign.engines.registry import reclaim_rented
from bench.campaign.journal import recover
from bench.campaign.machine import this_machine
from bench.campaign.plan import missing, plan
from bench.campaign.runner import Job, Started
from bench.campaign.script import UserScript
from bench.campaign.setup import (
    new_campaign,
    newest_campaign,
    open_environments,
    open_or_fall_back,
)
from bench.errors import UsageError
from bench.evidence.record import Campaign, Record
from bench.evidence.store import Store

DEFAULT_ROUNDS = 3
MOST_ROUNDS = 20  # of a campaign that ends by itself when its medians are known well enough


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the user asked for. `rounds` of None is the default, or the resumed campaign's.

    `auto` ends the campaign before its last round where its medians are known well enough.
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


def prepare_job(request: Request, store: Store, say: Say) -> Job:
    """Make everything ready for the first run. Raises CertbenchErrors, each with the next step."""
    _recover(store, say)
    machine = this_machine()
    records = store.load_all() if request.resume else ()
    before = newest_campaign(records, machine.id) if request.resume else None
    campaign, opened = _taken_up(before, request, say) if before else _begun(request, say)
    runs = missing(plan(campaign, request.own), _of(campaign, records))
    for started in opened.values():
        started.engine.sweep()
    return Job(
        campaign=campaign,
        machine=machine,
        runs=runs,
        environments=opened,
        script=request.script,
    )


def _recover(store: Store, say: Say) -> None:
    found = recover(store)
    for record in found:
        say(f"{record.id} was cut short by a kill: its record is kept as interrupted")
    if any(record.environment.rented and record.controller for record in found):
        reclaim_rented(say)


def _begun(request: Request, say: Say) -> tuple[Campaign, Mapping[str, Started]]:
    """A new campaign, named after the environments that could really be opened."""
    names = request.tasks or (() if request.own else tasks.names())
    if request.fallback and len(request.environments) == 1:
        [name] = request.environments
        opened = open_or_fall_back(name, request.fallback, names, request.seconds, say)
    else:
        opened = open_environments(request.environments, names, request.seconds, say)
    campaign = new_campaign(
        tuple(opened),
        (*names, *(path.stem for path in request.own)),
        rounds=request.rounds or DEFAULT_ROUNDS,
        seed=request.seed,
        epochs=request.epochs,
        auto=request.auto,
    )
    return _of_script(campaign, request.script), opened


def _of_script(campaign: Campaign, script: UserScript | None) -> Campaign:
    """The campaign with what a script was given."""
    import msgspec

    if script is None:
        return campaign
    return msgspec.structs.replace(campaign, steps=script.steps, arguments=script.arguments)


def _taken_up(
    campaign: Campaign, request: Request, say: Say
) -> tuple[Campaign, Mapping[str, Started]]:
    """The campaign as it was planned; more rounds may be asked for, or that it ends by itself."""
    import msgspec

    absent = set(campaign.tasks) - set(tasks.names()) - {path.stem for path in request.own}
    if absent:
        raise UsageError(f"the campaign has own tasks, name their files: --task {min(absent)}.py")
    rounds = max(request.rounds or 0, campaign.rounds)
    ours = [name for name in campaign.tasks if name in tasks.names()]
    opened = open_environments(campaign.environments, ours, request.seconds, say)
    auto = request.auto or campaign.auto
    return msgspec.structs.replace(campaign, rounds=rounds, auto=auto), opened


def _of(campaign: Campaign, records: tuple[Record, ...]) -> list[Record]:
    return [record for record in records if record.campaign.id == campaign.id]
