"""`certbench tasks` and `certbench environments`: what there is to choose from."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

import tasks
from bench.cli.options import as_json, format_option, results_option, say
from bench.cli.tables import print_blocks, print_prose, print_signed, print_table
from bench.evidence.variants import number
from bench.evidence.words import about_seconds, counted

if TYPE_CHECKING:
    from bench.campaign.environments import Environment
    from bench.contract.knobs import Knob


@click.command("tasks")
@results_option
@format_option
def tasks_command(results: Path, form: str) -> None:
    """List the training tasks, in the order of the exam's categories, and how long each takes here.

    How long is known from records of this machine alone.
    """
    from bench.campaign.machine import this_machine
    from bench.evidence.store import Store
    from bench.evidence.summaries import usual_seconds

    here = usual_seconds(Store(results).load_all(), this_machine().id)
    rows = [_task(name, here.get(name)) for name in tasks.names()]
    if form == "json":
        as_json(rows)
        return
    print_table(
        [_shown(row) for row in rows],
        "Five tasks, one an exam category; the thresholds earn score 1 to 5",
        "here: a whole run on this machine, from its records"
        if here
        else "here: not known yet; `certbench run` measures it",
        droppable=("category", "batch_size", "thresholds"),
    )
    print_blocks(
        [(str(row["task"]), str(row["title"]), ", ".join(row["knobs"])) for row in rows],
        "What --vary may turn, beside backend=tensorflow,jax; first the value that a task has",
    )


def _task(name: str, here: tuple[str, float] | None) -> dict[str, Any]:
    task = tasks.named(name)
    return {
        "task": name,
        "category": task.category,
        "title": task.title,
        "epochs": task.epochs,
        "batch_size": task.batch_size,
        "metric": task.metric,
        "thresholds": list(task.thresholds),
        "knobs": [_knob(knob) for knob in task.knobs],
        "environment_here": here[0] if here else None,
        "seconds_here": here[1] if here else None,
    }


def _shown(row: dict[str, Any]) -> dict[str, object]:
    seconds, place = row["seconds_here"], row["environment_here"]
    here = None if seconds is None else f"{about_seconds(seconds)} ({place})"
    columns = ("task", "title", "epochs", "batch_size", "metric", "thresholds", "category")
    shown = {name: row[name] for name in columns}
    return {"task": shown.pop("task"), "here": here} | shown


def _knob(knob: "Knob") -> str:
    """`batch_size 128 (1 to 60000)`, `jit auto (or on, off)`: the calibrated value first."""
    if knob.choices:
        others = ", ".join(choice for choice in knob.choices if choice != knob.default)
        return f"{knob.name} {knob.default} (or {others})"
    return f"{knob.name} {knob.default} ({number(knob.low)} to {number(knob.high)})"


@click.command("environments")
@format_option
def environments_command(form: str) -> None:
    """List the environments, and say which of them work here and why the others do not."""
    from bench.campaign.doctor import obstacle
    from bench.campaign.environments import ENVIRONMENTS

    if sys.stderr.isatty():
        say(f"Looking at {counted(len(ENVIRONMENTS), 'environment')}, some seconds")
    why = {entry.name: obstacle(entry) for entry in ENVIRONMENTS}
    if form == "json":
        as_json(
            [
                asdict(entry) | {"basis": _basis(entry), "why_not": why[entry.name]}
                for entry in ENVIRONMENTS
            ]
        )
        return
    works = [_line(entry, "ok") for entry in ENVIRONMENTS if why[entry.name] is None]
    print_signed("Works here:", works or [("warn", "none")])
    reasons: dict[str, list[Environment]] = {}
    for entry in ENVIRONMENTS:
        if reason := why[entry.name]:
            reasons.setdefault(reason, []).append(entry)
    for reason, entries in reasons.items():
        print_signed(f"Not here: {reason}", [_line(entry, "no") for entry in entries])
    print_prose("Emulated is never passed off as measured. More of one: certbench doctor --env E")


def _line(entry: "Environment", sign: str) -> tuple[str, str]:
    return sign, f"{entry.name}: {entry.title}; {_basis(entry)}; {_lends(entry)}"


def _basis(entry: "Environment") -> str:
    return "emulated" if entry.emulated else "measured"


def _lends(entry: "Environment") -> str:
    """The processors and the memory that a run is given."""
    if entry.rented:
        return "processors and memory of the rented machine"
    processors = counted(entry.processors, "processor") if entry.processors else "all processors"
    if entry.memory_bytes is None:
        return f"{processors}, all memory"
    return f"{processors}, {entry.memory_bytes / 2**30:.1f} GiB of memory"
