"""`certbench run`: the main job."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from bench.cli.options import format_option, results_option, say
from bench.errors import NotReadyError, RejectedError, RunsFailedError, UsageError
from bench.evidence.record import Record
from bench.evidence.store import Store
from bench.evidence.variants import is_plain, parts
from bench.evidence.words import counted

if TYPE_CHECKING:
    from bench.campaign.checks import Check
    from bench.campaign.job import Request
    from bench.campaign.runner import Job, Listener
    from bench.campaign.script import UserScript

AUTO = "auto"
MOST = 99
TASK_LIMIT = 1800.0  # seconds


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
    help="Where; see `certbench environments`. Default: cpu.",
)
@click.option(
    "--task",
    "wanted",
    multiple=True,
    metavar="T",
    help="What: a name or ./mine.py; see `certbench tasks`. Default: all.",
)
@click.option(
    "--script",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your own training script, unchanged; what it is given follows after --.",
)
@click.option(
    "--data",
    multiple=True,
    metavar="PATH[:INSIDE]",
    help="A file or folder for the script, read-only, where it looks for it.",
)
@click.option("--steps", type=click.IntRange(1), help="Cut a script's epochs after N steps.")
@click.option("--network", is_flag=True, help="Open the container's network for the script.")
@click.option(
    "--target",
    metavar="METRIC>=X",
    help="Time until a script's metric is reached, 'val_accuracy>=0.89'; without it: no score.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Save what a script writes there, a folder for each run; without it that is lost.",
)
@click.option(
    "--repeats",
    "rounds",
    type=Rounds(),
    metavar="N|auto",
    help="Rounds, 3 by default; auto: 6 to 20, until each median epoch is known to within 3 %.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of round 1.")
@click.option("--epochs", type=click.IntRange(1), help="For a trial; never pooled with full runs.")
@click.option(
    "--time-limit",
    "seconds",
    type=click.FloatRange(1),
    metavar="SECONDS",
    help="After which a run is stopped: 1800 for a task, never for a script.",
)
@click.option(
    "--vary",
    multiple=True,
    metavar="KNOB=V,V",
    help="Train a variant for each value, and for each product of several; see `certbench tasks`.",
)
@click.option(
    "--most",
    type=click.IntRange(1),
    default=64,
    show_default=True,
    metavar="N",
    help="Refuse more variants than this.",
)
@click.option("--resume", is_flag=True, help="Go on with this machine's newest campaign.")
@click.option(
    "--fallback", type=click.Choice(["native"]), help="Where no engine or image is to be had."
)
@click.option("--entry", hidden=True, help="This machine's name in a fleet.")
@click.option("--campaign", hidden=True, help="The fleet's campaign, begun or taken up.")
@results_option
@format_option
@click.argument("arguments", nargs=-1)
def run_command(wanted: tuple[str, ...], results: Path, form: str, **options: object) -> None:
    """Train the tasks in the environments, round by round, and keep a record of each run.

    Repeats are interleaved: after round one there is a full table. Each record is written as soon
    as its run ends; after Ctrl-C or worse, --resume goes on with what is missing.

    --vary batch_size=32,128 --vary width=1,2 trains four variants of each task, interleaved.

    A task file of your own runs like ours: see docs/your-own-task.md. A script runs as it is: see
    docs/your-own-script.md.
    """
    from bench.campaign.job import MOST_ROUNDS, Request
    from bench.campaign.own import own_files
    from bench.campaign.script import NO_LIMIT
    from bench.campaign.setup import known_tasks

    planned = ("environments", "epochs", "vary", "steps", "target", "arguments")
    if options["resume"] and any(options[name] for name in planned):
        raise UsageError(
            "--resume takes environments, epochs, variants, and a script's steps, target and "
            "arguments from the campaign"
        )
    options["environments"] = options["environments"] or ("cpu",)
    auto = options["rounds"] == AUTO
    if auto and options["epochs"] == 1:
        raise UsageError("--repeats auto needs two epochs or more: the first is no steady one")
    options["rounds"] = MOST_ROUNDS if auto else options["rounds"]
    script = _script(options, wanted)
    options["seconds"] = options["seconds"] or (NO_LIMIT if script else TASK_LIMIT)
    own = (script.file,) if script else own_files(wanted)
    named = known_tasks([name for name in wanted if not name.endswith(".py")])
    request = Request(tasks=named, own=own, auto=auto, script=script, **options)  # type: ignore[arg-type]
    _finish(_campaign(request, Store(results)), form)


def _script(options: dict[str, object], wanted: tuple[str, ...]) -> "UserScript | None":
    """The script that was asked for, checked, out of the options. Raises UsageError."""
    from bench.campaign.environments import environment
    from bench.campaign.script import check_place, user_script
    from bench.campaign.script_options import check_keep, check_target

    names = ("file", "data", "arguments", "steps", "network", "target", "keep")
    file, data, arguments, steps, network, target, keep = (options.pop(name) for name in names)
    if file is None:
        if data or arguments or steps or network or target or keep:
            raise UsageError(
                "--data, --steps, --network, --target, --keep and arguments go with --script FILE"
            )
        return None
    if wanted:
        raise UsageError("--script and --task do not go together")
    if options.get("vary"):
        raise UsageError("--vary turns the knobs of a task, a script has none")
    if options["epochs"] == 1:
        raise UsageError("a script needs --epochs 2 or more: the first is no steady one")
    if network:
        say("The container's network is open for this script: the records will say so")
    script = user_script(file, data, arguments, steps=steps, network=bool(network))  # type: ignore[arg-type]
    for name in options["environments"]:  # type: ignore[attr-defined]
        entry = environment(name)
        native = not (entry.isolated or entry.rented)
        check_place(script, name, rented=entry.rented, native=native)
        if keep and entry.rented:
            raise UsageError(f"{name} is a rented machine, nothing of it is kept: leave out --keep")
    return replace(script, target=check_target(target), keep=check_keep(keep))  # type: ignore[arg-type]


def _campaign(request: "Request", store: Store) -> tuple[Record, ...]:
    """Run the campaign; all its records, those of earlier sittings too."""
    from bench.campaign.job import prepare_job
    from bench.campaign.lock import machine_lock
    from bench.cli.progress import Progress

    store.check_writable()
    with machine_lock():
        seen = _look(request, store)
        job = prepare_job(request, store, say)
        known = (*store.load_all(), *_committed(store))
        _announce(job, known, store)
        _warn(seen)
        run_job(job, store, Progress(job.runs, known, job.machine.id, job.campaign.epochs))
    return _of_campaign(store, job.campaign.id)


def run_job(job: "Job", store: Store, listener: "Listener") -> None:
    """Run the campaign; one that ends by itself says once, at its end, what was not reached."""
    from bench.campaign.runner import run_campaign
    from bench.verdict.precision import enough, unknown

    if not job.campaign.auto:
        run_campaign(job, store, listener)
        return
    planned = list(product(job.campaign.tasks, job.campaign.environments))
    before = _of_campaign(store, job.campaign.id)  # once: a store may hold many others
    new = run_campaign(job, store, listener, lambda so_far: enough((*before, *so_far), planned))
    if left := unknown((*before, *new), planned):
        rounds = max(record.round for record in (*before, *new))
        say(f"not reached after {rounds} rounds: {', '.join(left)}")


def _of_campaign(store: Store, campaign: str) -> tuple[Record, ...]:
    return tuple(record for record in store.load_all() if record.campaign.id == campaign)


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
        f"{most}{job.campaign.rounds} rounds, "
        f"{len(job.runs)} runs: {spoken(campaign_seconds(job.runs, known, job.machine.id))}, "
        f"{disk_bytes(job.runs) / 1e6:.1f} MB of records in {store.runs}"
    )
    for line in _rents(job, known):
        say(line)
    found = [started.ready.facts for started in job.environments.values()]
    here = {facts.engine for facts in found if not (facts.isolated or facts.rented)}
    for lacking in filter(None, (engine_class(name).lacks() for name in sorted(here))):
        say(f"warn: {lacking}")


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
            say(f"warn: {check.text}; {check.advice}")


def _finish(records: tuple[Record, ...], form: str) -> None:
    """Show the table; a run that failed or does not count makes the command fail."""
    from bench.cli.show import show_records

    show_records(records, form)
    last = _last_attempts(records)
    rejected = [r.id for r in last if r.status == "rejected"]
    failed = [r.id for r in last if r.status in ("failed", "oom", "timeout")]
    if rejected:
        raise RejectedError(f"{len(rejected)} runs do not count, the first is {rejected[0]}")
    if failed:
        raise RunsFailedError(f"{len(failed)} runs did not end well, the first is {failed[0]}")


def _last_attempts(records: tuple[Record, ...]) -> tuple[Record, ...]:
    """The newest attempt at each planned run: what a later one made good is no failure."""
    places: dict[tuple[int, str, str], Record] = {}
    for record in sorted(records, key=lambda one: one.attempt):
        places[record.round, record.environment.name, record.task.name] = record
    return tuple(places.values())
