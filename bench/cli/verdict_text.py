"""How a verdict reads: first line, tables and sentences. `verdict_data` has the same as data."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from bench.cli.tables import print_prose, print_table
from bench.verdict.decide import Outcome
from bench.verdict.model import interval_of
from bench.verdict.overview import Overview, cheapest, exam_spoken
from bench.verdict.prices import Price, Units, is_stale, spoken
from bench.verdict.report import JobReport
from bench.verdict.sentences import crossings_spoken, rented_from, times_spoken
from bench.verdict.words import between, money_spoken, seconds_spoken


def show_overview(answer: Overview, *, one: bool) -> None:
    """Print the first line, then one job in full, or a line a task."""
    print_prose(answer.verdict)
    for sentence in answer.mind:
        print_prose(f"Mind: {sentence}.")
    if one:
        for report in answer.reports:
            _show_job(report)
    else:
        print_table([_line(report) for report in answer.reports], "Each task once")
    if answer.exam:
        print_prose(exam_spoken(answer.exam))
    elif not one:
        print_prose(f"Exam day: {answer.no_exam}.")
    _show_origins(answer)
    if not one:
        print_prose("More about one of them: certbench decide --task T")


def _line(report: JobReport) -> dict[str, object]:
    here = report.result.outcomes[0]
    return {
        "task": report.task,
        "epochs": f"{report.workload.epochs:g}",
        f"time on {here.option.name}": _with_ends(here.seconds, seconds_spoken)
        + ("" if here.option.fits else ", rough"),
        "fastest": _pick(report.result.fastest),
        "cheapest": _pick(cheapest(report)),
        "rented is faster": rented_from(report),
    }


def _pick(pick: Any) -> str:
    if pick.name is None:
        return "none can"
    if pick.tied:
        return f"too tied: {', '.join((pick.name, *pick.tied))}"
    return f"{pick.name}{' (preliminary)' if pick.preliminary else ''}"


def _factor(factor: float) -> str:
    return "no speed" if math.isinf(factor) else f"{factor:.3g}"


def _with_ends(found: Any, spoken_as: Callable[[float], str]) -> str:
    """A middle with its bounds; alone where they read the same."""
    middle, low, high = (spoken_as(getattr(found, name)) for name in ("middle", "low", "high"))
    return middle if middle == low == high else f"{middle} ({between(low, high)})"


def _show_job(report: JobReport) -> None:
    print_table(
        [_answer_row(answer, report.result.currency) for answer in report.result.outcomes],
        f"{report.task}, {report.workload.epochs:g} epochs: time and money of one job",
    )
    for sentence in crossings_spoken(report):
        print_prose(sentence)
    _show_needed(report)
    _show_map(report)
    _show_turns(report)
    for hint in _hints(report):
        print_prose(hint)


def _answer_row(answer: Outcome, currency: str) -> dict[str, object]:
    option = answer.option
    rough = "" if option.fits else "rough estimate"
    pack = "buys whole packs" if isinstance(option.price, Units) else ""
    return {
        "option": option.name,
        "time": _with_ends(answer.seconds, seconds_spoken),
        "money a job": _with_ends(answer.cost, lambda amount: money_spoken(amount, currency)),
        "in brackets": interval_of(option.timing),
        "but": answer.why or ", ".join(filter(None, (rough, pack))),
    }


def _show_turns(report: JobReport) -> None:
    for turn in report.tipping_points:
        way = "more" if turn.factor > 1 else "less"
        print_prose(
            f"20 % {way} {turn.what} turns it: fastest {_pick(turn.fastest)}, "
            f"cheapest {_pick(turn.cheapest)}"
        )
    if not report.tipping_points:
        print_prose("No input, moved by 20 %, turns the verdict.")


def _hints(report: JobReport) -> list[str]:
    """What to type for what this answer lacks."""
    hints = []
    if not any(answer.option.rented for answer in report.result.outcomes):
        hints.append("To compare a cloud, say how fast it is: --assume colab-free-t4=10x-35x")
    if not report.money:
        hints.append("To ask whether to buy a card: --assume rtx-4060=6x --runs-per-week 10")
    return hints


def _show_needed(report: JobReport) -> None:
    rows = [
        {
            "epochs": f"{needed.epochs:g}",
            "saves time": times_spoken(needed.middle),
            "range": between(_factor(needed.low), _factor(needed.high)),
        }
        for needed in report.required_speedups
    ]
    start = seconds_spoken(report.session_start)
    print_table(rows, f"A rented machine whose session takes {start} to start")


def _show_map(report: JobReport) -> None:
    grid = report.map
    rows = []
    for i, epochs in enumerate(grid.epochs):
        row: dict[str, object] = {"epochs": f"{epochs:g}"}
        for j, runs in enumerate(grid.runs_per_week):
            advised = int(grid.advised[i, j])
            name = grid.options[advised] if advised >= 0 else "none can"
            row[f"{runs:g} a week"] = f"{name} ?" if grid.doubtful[i, j] else name
        rows.append(row)
    empty = bool((grid.best < 0).any())
    print_table(
        rows,
        f"Cheapest by job length and jobs a week, over {report.workload.use.months:g} months",
        f"{grid.options[0]} also where no other saves a cent; ? is too close to call"
        + ("; none can: a cap, a quota or the hours of a week" if empty else ""),
    )


def _show_origins(answer: Overview) -> None:
    """One line for each source, with all that it speaks of."""
    print_prose("Where the numbers come from:")
    lines: dict[str, dict[str, None]] = {}
    today = datetime.now(tz=UTC).date()
    for report in answer.reports:
        for option in (a.option for a in report.result.outcomes):
            task = f" ({report.task})" if len(answer.reports) > 1 else ""
            for origin in option.origins:
                own = task if origin.basis == "measured" else ""
                text = f"{origin.what} {origin.basis}, {origin.text}"
                lines.setdefault(text, {})[option.name + own] = None
            lines.setdefault(_price_line(option.price, today), {})[option.name] = None
    for text, names in lines.items():
        print_prose(f"- {', '.join(names)}: {text}")


def _price_line(price: Price, today: date) -> str:
    kind = "assumed" if price.assumed else "published"
    stale = ", stale" if is_stale(price, today) else ""
    return f"price {kind}, {spoken(price)}; {price.source}; seen {price.seen}{stale}"
