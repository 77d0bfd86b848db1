"""`certbench tasks` and `certbench environments`: what there is to choose from."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import rich_click as click

import tasks
from bench.cli.options import as_json, format_option
from bench.cli.tables import print_blocks, print_table
from bench.evidence.variants import number

if TYPE_CHECKING:
    from bench.campaign.environments import Environment
    from bench.contract.knobs import Knob


@click.command("tasks")
@format_option
def tasks_command(form: str) -> None:
    """List the training tasks, in the order of the exam's categories."""
    rows: list[dict[str, Any]] = []
    for name in tasks.names():
        task = tasks.named(name)
        rows.append(
            {
                "task": name,
                "category": task.category,
                "title": task.title,
                "epochs": task.epochs,
                "batch_size": task.batch_size,
                "metric": task.metric,
                "thresholds": list(task.thresholds),
                "knobs": [_knob(knob) for knob in task.knobs],
            }
        )
    if form == "json":
        as_json(rows)
    else:
        shown = [{k: v for k, v in row.items() if k != "knobs"} for row in rows]
        print_table(shown, "Five tasks, one an exam category; the thresholds earn score 1 to 5")
        print_blocks(
            [(str(row["task"]), str(row["title"]), ", ".join(row["knobs"])) for row in rows],
            "What --vary may turn, beside backend=tensorflow,jax; first the value that a task has",
        )


def _knob(knob: "Knob") -> str:
    """`batch_size 128 (1 to 60000)`, `jit auto (or on, off)`: the calibrated value first."""
    if knob.choices:
        others = ", ".join(choice for choice in knob.choices if choice != knob.default)
        return f"{knob.name} {knob.default} (or {others})"
    return f"{knob.name} {knob.default} ({number(knob.low)} to {number(knob.high)})"


@click.command("environments")
@format_option
def environments_command(form: str) -> None:
    """List the environments: what is started, with which limits, measured or emulated."""
    from bench.campaign.environments import ENVIRONMENTS

    if form == "json":
        as_json([asdict(entry) | {"basis": _basis(entry)} for entry in ENVIRONMENTS])
        return
    print_blocks(
        [
            (entry.name, entry.title, f"{entry.engine}; {_basis(entry)}; {_lends(entry)}")
            for entry in ENVIRONMENTS
        ],
        "Emulated is never passed off as measured",
    )


def _basis(entry: "Environment") -> str:
    return "emulated" if entry.emulated else "measured"


def _lends(entry: "Environment") -> str:
    """The processors and the memory that a run is given."""
    if entry.rented:
        return "processors and memory of the rented machine"
    processors = f"{entry.processors or 'all'} processors"
    if entry.memory_bytes is None:
        return f"{processors}, all memory"
    return f"{processors}, {entry.memory_bytes / 2**30:.1f} GiB of memory"
