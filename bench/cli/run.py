"""`certbench run`: the main job."""

from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from bench.cli.options import asked_as, format_option, results_option, say
from bench.errors import (
    CertbenchError,
    NotReadyError,
    RejectedError,
    RunsFailedError,
    UsageError,
)
from bench.evidence.record import Record
from bench.evidence.store import Store
from bench.evidence.variants import is_plain, parts
from bench.evidence.words import counted

if TYPE_CHECKING:
    from bench.campaign.brought import Brought
    from bench.campaign.checks import Check
    from bench.campaign.job import Request
    from bench.campaign.runner import Job, Listener
    from bench.campaign.script import UserScript

AUTO = "auto"
MOST = 99
TASK_LIMIT = 1800.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was typed: an option a field, by the option's name in the command."""

    environments: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    file: Path | None = None
    data: tuple[str, ...] = ()
    requirements: Path | None = None
    arguments: tuple[str, ...] = ()
    steps: int | None = None
    network: bool = False
    target: str | None = None
    keep: Path | None = None
    rounds: int | str | None = None
    seed: int = 1
    epochs: int | None = None
    seconds: float | None = None
    vary: tuple[str, ...] = ()
    most: int = 64
    resume: bool = False
    fallback: str | None = None
    entry: str | None = None
    campaign: str | None = None


class Rounds(click.ParamType[int | str]):
    """A number of rounds from 1 to 99, or `auto`."""

    name = "rounds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        """The number, or the word."""
        if value == AUTO:
            return AUTO
        if str(value).isdecimal() and 1 <= int(value) <= MOST:
            return int(value)
        return self.fail(f"{value!r} is not a number from 1 to {MOST}, or {AUTO}", param, ctx)


@click.command("run")
@click.option(
    "--env",
    "environments",
    multiple=True,
    metavar="E",
    help="Where to train; `certbench environments` lists what there is. Default: cpu.",
)
@click.option(
    "--task",
    "wanted",
    multiple=True,
    metavar="T",
    help="What to train: a name that `certbench tasks` lists, or ./mine.py. Default: all tasks.",
)
@click.option(
    "--script",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Train your own script or notebook, unchanged; its arguments follow after --.",
)
@click.option(
    "--data",
    multiple=True,
    metavar="PATH[:INSIDE]",
    help="Give your own script or task a file or folder, read-only, where it looks for it.",
)
@click.option(
    "--requirements",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Give your own script or task the packages of this list, as pip reads it.",
)
@click.option(
    "--steps", type=click.IntRange(1), metavar="N", help="Cut a script's epochs after N steps."
)
@click.option("--network", is_flag=True, help="Open the container's network for the script.")
@click.option(
    "--target",
    metavar="METRIC>=X",
    help="Tell the time until a script reaches this, 'val_accuracy>=0.89'; else no score.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Save what a script writes in a folder for each run; else it is lost.",
)
@click.option(
    "--repeats",
    "rounds",
    type=Rounds(),
    metavar="N|auto",
    help="Train everything N times, 3 by default; auto goes on from 6 to 20 rounds, until each "
    "median epoch is known to within 3 %.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Seed the first round with this number.",
)
@click.option(
    "--epochs",
    type=click.IntRange(1),
    help="Train so many epochs only, for a trial; scores of short and full runs are kept apart.",
)
@click.option(
    "--time-limit",
    "seconds",
    type=click.FloatRange(1),
    metavar="SECONDS",
    help="Stop a run after so many seconds: a task after 1800, a script never.",
)
@click.option(
    "--vary",
    multiple=True,
    metavar="KNOB=V,V",
    help="Train a variant for each value, and for each product of several knobs; `certbench tasks` "
    "lists them.",
)
@click.option(
    "--most",
    type=click.IntRange(1),
    default=64,
    show_default=True,
    metavar="N",
    help="Refuse to train more variants than this.",
)
@click.option("--resume", is_flag=True, help="Go on with this machine's newest campaign.")
@click.option(
    "--fallback",
    type=click.Choice(["native"]),
    help="Train in this interpreter where no engine or image is to be had.",
)
@click.option("--entry", hidden=True, help="This machine's name in a fleet.")
@click.option("--campaign", hidden=True, help="The fleet's campaign, begun or taken up.")
@results_option
@format_option
@click.argument("arguments", nargs=-1)
@asked_as(Asked)
def run_command(asked: Asked, results: Path, form: str) -> None:
    """Train the tasks in the environments, round by round, and keep a record of each run.

    Repeats are interleaved: after round one there is an answer already. Each record is written as
    soon as its run ends; after Ctrl-C or worse, --resume goes on with what is missing.

    --vary batch_size=32,128 --vary width=1,2 trains four variants of each task, interleaved.

    A task file of your own runs like ours: see docs/your-own-task.md. A script runs as it is: see
    docs/your-own-script.md.
    """
    _finish(*_campaign(_request(asked), Store(results)), results, form)


def _request(asked: Asked) -> "Request":
    """What the campaign is asked for. Raises UsageError for what does not go together."""
    from bench.campaign.job import MOST_ROUNDS, Request
    from bench.campaign.own import own_files
    from bench.campaign.script import NO_LIMIT
    from bench.campaign.setup import known_tasks

    planned = (asked.environments, asked.epochs, asked.vary)
    if asked.resume and any((*planned, asked.steps, asked.target, asked.arguments)):
        raise UsageError(
            "--resume takes environments, epochs, variants, and a script's steps, target and "
            "arguments from the campaign"
        )
    auto = asked.rounds == AUTO
    if auto and asked.epochs == 1:
        raise UsageError("--repeats auto needs two epochs or more: the first is no steady one")
    script = _script(asked)
    own = (script.file,) if script else own_files(asked.wanted)
    brought = script or _brought(asked, own)
    _check_places(asked, brought)
    return Request(
        environments=asked.environments or Request().environments,
        tasks=known_tasks([name for name in asked.wanted if not name.endswith(".py")]),
        own=own,
        rounds=MOST_ROUNDS if auto else _number(asked.rounds),
        auto=auto,
        seed=asked.seed,
        epochs=asked.epochs,
        seconds=asked.seconds or (NO_LIMIT if script else TASK_LIMIT),
        vary=asked.vary,
        most=asked.most,
        resume=asked.resume,
        fallback=asked.fallback,
        script=script,
        brought=brought,
        entry=asked.entry,
        campaign=asked.campaign,
    )


def _number(rounds: int | str | None) -> int | None:
    return None if rounds is None else int(rounds)


def _script(asked: Asked) -> "UserScript | None":
    """The script that was asked for, checked. Raises UsageError."""
    from bench.campaign.script import user_script
    from bench.campaign.script_options import check_keep, check_target

    if asked.file is None:
        if asked.network or any((asked.arguments, asked.steps, asked.target, asked.keep)):
            raise UsageError(
                "--steps, --network, --target, --keep and arguments go with --script FILE"
            )
        return None
    if asked.wanted:
        raise UsageError("--script and --task do not go together")
    if asked.vary:
        raise UsageError("--vary turns the knobs of a task, a script has none")
    if asked.epochs == 1:
        raise UsageError("a script needs --epochs 2 or more: the first is no steady one")
    if asked.network:
        say("The container's network is open for this script: the records will say so")
    script = user_script(
        asked.file,
        asked.data,
        asked.arguments,
        steps=asked.steps,
        network=asked.network,
        requirements=asked.requirements,
    )
    for note in script.notes:
        say(note)
    return replace(script, target=check_target(asked.target), keep=check_keep(asked.keep))


def _brought(asked: Asked, own: tuple[Path, ...]) -> "Brought | None":
    """What task files bring with them. Raises UsageError."""
    from bench.campaign.own import brought

    if own:
        return brought(own, asked.data, asked.requirements)
    if asked.data or asked.requirements:
        raise UsageError("--data and --requirements go with --script FILE or --task ./mine.py")
    return None


def _check_places(asked: Asked, brought: "Brought | None") -> None:
    """Raise UsageError where an environment cannot lay the data where they are looked for."""
    from bench.campaign.brought import check_place
    from bench.campaign.environments import environment
    from bench.campaign.job import Request

    if brought is None:
        return
    for name in asked.environments or Request().environments:
        entry = environment(name)
        native = not (entry.isolated or entry.rented)
        check_place(brought, name, rented=entry.rented, native=native)
        if asked.keep and entry.rented:
            raise UsageError(f"{name} is a rented machine, nothing of it is kept: leave out --keep")


def _campaign(request: "Request", store: Store) -> "tuple[Job, tuple[Record, ...]]":
    """Run the campaign; all its records, those of earlier sittings too."""
    from bench.campaign.job import prepare_job
    from bench.campaign.lock import machine_lock
    from bench.cli.ending import Provisional
    from bench.cli.progress import Progress

    store.check_writable()
    with machine_lock():
        seen = _look(request, store)
        job = prepare_job(request, store, say)
        known = (*job.known, *_committed(store))
        _announce(job, known, store)
        _warn(seen)
        shown = Progress(job.runs, known, job.machine.id, job.campaign.epochs)
        listener = shown if request.entry else Provisional(shown, job)  # a fleet answers by itself
        return job, run_job(job, store, listener)


def run_job(job: "Job", store: Store, listener: "Listener") -> tuple[Record, ...]:
    """Run the campaign; all its records, those of earlier sittings too.

    One that ends by itself says once, at its end, what was not reached.
    """
    from bench.campaign.runner import run_campaign
    from bench.verdict.precision import enough, unknown

    before = job.before
    if not job.campaign.auto:
        return (*before, *run_campaign(job, store, listener))
    planned = list(product(job.campaign.tasks, job.campaign.environments))
    new = run_campaign(job, store, listener, lambda so_far: enough((*before, *so_far), planned))
    if left := unknown((*before, *new), planned):
        rounds = max(record.round for record in (*before, *new))
        say(f"not reached after {counted(rounds, 'round')}: {', '.join(left)}")
    return (*before, *new)


def _committed(store: Store) -> tuple[Record, ...]:
    """The records that came with the program: they say how long tasks take on another machine."""
    from bench.campaign.sources import ROOT

    ours = Store(ROOT / "results")
    return () if ours.runs.resolve() == store.runs.resolve() else ours.load_all()


def _announce(job: "Job", known: tuple[Record, ...], store: Store) -> None:
    """Say what will be done, how long it takes and what disk it needs."""
    from bench.campaign.engines.registry import engine_class
    from bench.campaign.estimate import campaign_seconds, disk_bytes, spoken

    places = ", ".join(job.campaign.environments)
    most = "at most " if job.campaign.auto else ""
    say(
        f"Campaign {job.campaign.id}: {_what(job)} in {places}, "
        f"{most}{counted(job.campaign.rounds, 'round')}, {counted(len(job.runs), 'run')}: "
        f"{spoken(campaign_seconds(job.runs, known, job.machine.id))}, "
        f"{disk_bytes(job.runs) / 1e6:.1f} MB of records in {store.runs}"
    )
    for line in _rents(job, known):
        say(line)
    found = [started.ready.facts for started in job.environments.values()]
    here = {facts.engine for facts in found if not (facts.isolated or facts.rented)}
    for lacking in filter(None, (engine_class(name).lacks() for name in sorted(here))):
        say(f"warn: {lacking}", sign="warn")


def _rents(job: "Job", known: tuple[Record, ...]) -> list[str]:
    """What each rented place will take of money, where a price and earlier times say so."""
    from bench.campaign.estimate import campaign_seconds
    from bench.verdict.prices import load_prices, rent_spoken

    prices, said = load_prices(), []
    entries = {s.ready.environment.name: s.ready.environment for s in job.environments.values()}
    for name in (name for name, entry in entries.items() if entry.rented and name in prices):
        runs = [run for run in job.runs if run.environment == name]
        seconds = campaign_seconds(runs, known, job.machine.id)
        said.append(f"{name}: {rent_spoken(prices[name], seconds)}")
    return said


def _what(job: "Job") -> str:
    """How many tasks, and how many variants of them."""
    names = job.campaign.tasks
    tasks = counted(len({parts(name)[0] for name in names}), "task")
    if all(is_plain(name) for name in names):
        return tasks
    return f"{counted(len(names), 'variant')} of {tasks}"


def _look(request: "Request", store: Store) -> "list[Check]":
    """The fast part of the doctor: before an image is built, whose load it would report.

    A resumed campaign knows its environments itself. Raises NotReadyError for what would stop it.
    """
    from bench.campaign.doctor import fast
    from bench.campaign.environments import environment

    names = () if request.resume else request.environments
    checks = fast(store.folder, [environment(name) for name in names])
    failed = [check for check in checks if check.level == "fail"]
    if failed:
        raise NotReadyError("; ".join(f"{c.name}: {c.text}; {c.advice}" for c in failed))
    return checks


def _warn(checks: "list[Check]") -> None:
    """What would spoil the measurement; said once it is sure that there will be one."""
    for check in checks:
        if check.level == "warn":
            say(f"warn: {check.text}; {check.advice}", sign="warn")


def _finish(job: "Job", records: tuple[Record, ...], results: Path, form: str) -> None:
    """Show the answer; a run that failed or does not count makes the command fail."""
    from bench.cli.ending import show_ending
    from bench.cli.show import show_records

    if form == "json":
        show_records(records, form)
    else:
        show_ending(job, records, results)
    last = _last_attempts(records)
    _fail_for([r for r in last if r.status == "rejected"], RejectedError("rejected"))
    failed = [r for r in last if r.status in ("failed", "oom", "timeout")]
    _fail_for(failed, RunsFailedError("failed"))


def _fail_for(bad: list[Record], error: CertbenchError) -> None:
    if bad:
        first = f"the first is {bad[0].id}: `certbench show` has the reasons"
        raise type(error)(f"{error}: {counted(len(bad), 'run')}, {first}")


def _last_attempts(records: tuple[Record, ...]) -> tuple[Record, ...]:
    """The newest attempt at each planned run: what a later one made good is no failure."""
    places: dict[tuple[int, str, str], Record] = {}
    for record in sorted(records, key=lambda one: one.attempt):
        places[record.round, record.environment.name, record.task.name] = record
    return tuple(places.values())
