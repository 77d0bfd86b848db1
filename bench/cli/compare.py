"""`certbench compare`: two environments, task by task."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from bench.cli.options import as_json, format_option, results_option

if TYPE_CHECKING:
    from bench.verdict.compare import Report, TaskComparison
    from bench.verdict.statistics import Comparison, Estimate


@click.command("compare")
@click.argument("a")
@click.argument("b")
@click.option("--campaign", metavar="ID", help="Use only the records of this campaign.")
@results_option
@format_option
def compare_command(a: str, b: str, campaign: str | None, results: Path, form: str) -> None:
    """Compare two sides: an environment of this machine, or MACHINE:ENVIRONMENT.

    Equal variants are compared. Across variants: `compare cpu "cpu[backend=jax]"`.

    For each task: the ratio of steady epochs and of whole runs with its 95 % interval (under six
    rounds: the range, and a preliminary winner only where the ranges are far apart), whether both
    reach the same score, and what cannot be compared and why.
    """
    from bench.campaign.machine import this_machine
    from bench.evidence.store import Store
    from bench.verdict.compare import compare
    from bench.verdict.table import of_campaign

    records = of_campaign(Store(results).load_all(), campaign)
    report = compare(records, a, b, this_machine().id)
    if form == "json":
        as_json(_as_data(report))
    else:
        _show(report)


def _show(report: "Report") -> None:
    from bench.cli.tables import print_prose, print_table

    if report.no_difference:
        print_prose(report.no_difference)
    print_prose(_headline(report))
    for line in report.left_out:
        print_prose(f"{line}.")
    rows = [_row(report, task) for task in report.tasks if task.why is None]
    if rows:
        print_table(rows, f"Ratios are {report.a.label} / {report.b.label}, of seconds")
    for task in report.tasks:
        for text in (task.why, *task.marks, *_pairings(task)):
            if text:
                print_prose(f"{task.task}: {text}")


def _pairings(task: "TaskComparison") -> tuple[str, ...]:
    both = (task.epoch, task.total)
    texts = {c.pairing for c in both if c and (c.left_out or not c.paired)}
    return tuple(sorted(texts))


def _headline(report: "Report") -> str:
    a, b = report.a.label, report.b.label
    wins: dict[str, list[str]] = {}
    for task in report.tasks:
        wins.setdefault(_outcome(report, task, lambda t: t.total), []).append(task.task)
    said = "; ".join(f"{outcome}: {', '.join(names)}" for outcome, names in wins.items())
    return f"Whole runs, {a} against {b}: {said}."


def _outcome(
    report: "Report",
    task: "TaskComparison",
    part: Callable[["TaskComparison"], "Comparison | None"],
) -> str:
    found = part(task)
    if found is None:
        return "not comparable"
    if found.winner is None:
        return "too close to call"
    side = report.a if found.winner == "a" else report.b
    return f"{side.label} is faster" + (" (preliminary)" if found.preliminary else "")


def _row(report: "Report", task: "TaskComparison") -> dict[str, object]:
    return {
        "task": task.task,
        "ratio of epochs": _spoken(task.epoch),
        "epochs": _outcome(report, task, lambda t: t.epoch),
        "ratio of whole runs": _spoken(task.total),
        "whole runs": _outcome(report, task, lambda t: t.total),
        "scores": _scores(task),
    }


def _spoken(found: "Comparison | None") -> str | None:
    if found is None:
        return None
    ratio = found.ratio
    return f"{ratio.middle:.2f} ({ratio.low:.2f} to {ratio.high:.2f}, {ratio.interval})"


def _scores(task: "TaskComparison") -> str | None:
    if task.scores is None:
        return None
    sides = (
        f"{low:g}" if low == high else f"{low:g}-{high:g}"
        for low, high in (task.scores.a, task.scores.b)
    )
    words = {True: "", False: ", not the same", None: ", parity not known"}
    return " and ".join(sides) + words[task.scores.same]


def _as_data(report: "Report") -> dict[str, object]:
    from dataclasses import asdict

    return {
        "a": asdict(report.a),
        "b": asdict(report.b),
        "no_difference": report.no_difference,
        "headline": _headline(report),
        "left_out": list(report.left_out),
        "tasks": [
            {
                "task": task.task,
                "comparable": task.why is None,
                "why": task.why,
                "marks": list(task.marks),
                "epoch": _comparison(report, task.epoch),
                "total": _comparison(report, task.total),
                "scores": asdict(task.scores) if task.scores else None,
            }
            for task in report.tasks
        ],
    }


def _comparison(report: "Report", found: "Comparison | None") -> dict[str, object] | None:
    if found is None:
        return None
    winners = {"a": report.a.label, "b": report.b.label}
    return {
        "a_seconds": _estimate(found.a),
        "b_seconds": _estimate(found.b),
        "ratio": _estimate(found.ratio),
        "winner": winners[found.winner] if found.winner else None,
        "preliminary": found.preliminary,
        "paired": found.paired,
        "left_out": found.left_out,
    }


def _estimate(found: "Estimate") -> dict[str, object]:
    return {
        "middle": found.middle,
        "low": found.low,
        "high": found.high,
        "rounds": found.rounds,
        "interval": found.interval,
    }
