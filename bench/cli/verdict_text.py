"""How a verdict looks: tables for people, plain data for programs, both with the same content.

docs/verdict.md documents the data.
"""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any

import rich_click as click

from bench.cli.tables import print_table, printable
from bench.verdict.model import footing_of
from bench.verdict.overview import Overview, exam_spoken
from bench.verdict.prices import Price, is_stale, spoken
from bench.verdict.report import JobReport
from bench.verdict.statistics import Estimate
from bench.verdict.words import money_spoken, number_spoken, seconds_spoken

NEVER = "never"


def show_overview(answer: Overview, *, one: bool) -> None:
    """Print the first line, then one job in full, or a line a task."""
    click.echo(printable(answer.verdict))
    if one:
        for report in answer.reports:
            _show_job(report)
    else:
        print_table([_line(report) for report in answer.reports], "Each task once")
    click.echo(exam_spoken(answer.exam) if answer.exam else f"Exam day: {answer.no_exam}.")
    _show_origins(answer)
    if not one:
        click.echo("More about one of them: certbench decide --task T")


def _line(report: JobReport) -> dict[str, object]:
    here = report.job.answers[0]
    [needed] = [n for n in report.needed if n.epochs == report.question.epochs]
    return {
        "task": report.task,
        "epochs": f"{report.question.epochs:g}",
        f"time on {here.option.name}": seconds_spoken(here.seconds.middle),
        "fastest": _pick(report.job.fastest),
        "cheapest": _pick(report.job.cheapest),
        "epochs a cloud must do faster": _times(needed.middle),
    }


def _pick(pick: Any) -> str:
    if pick.name is None:
        return "none can"
    if pick.close:
        return f"too close: {', '.join((pick.name, *pick.close))}"
    return f"{pick.name}{' (preliminary)' if pick.preliminary else ''}"


def _times(factor: float) -> str:
    return f"{factor:.3g} times" if math.isfinite(factor) else "impossible"


def _show_job(report: JobReport) -> None:
    currency = report.job.currency
    print_table(
        [
            {
                "option": answer.option.name,
                "time": seconds_spoken(answer.seconds.middle),
                "from to": f"{seconds_spoken(answer.seconds.low)} to "
                f"{seconds_spoken(answer.seconds.high)}",
                "money a job": money_spoken(answer.cost.middle, currency),
                "footing": footing_of(answer.option.timing),
                "but": answer.why or ("" if answer.option.fits else "the model does not fit"),
            }
            for answer in report.job.answers
        ],
        f"{report.task}, {report.question.epochs:g} epochs: time and money of one job",
    )
    _show_crossings(report)
    _show_needed(report)
    _show_map(report)
    for turn in report.turns:
        way = "more" if turn.factor > 1 else "less"
        click.echo(
            f"20 % {way} {turn.what} turns it: fastest {_pick(turn.fastest)}, "
            f"cheapest {_pick(turn.cheapest)}"
        )
    if not report.turns:
        click.echo("No input, moved by 20 %, turns the verdict.")


def _show_crossings(report: JobReport) -> None:
    for time in report.times:
        click.echo(
            f"{time.b} is faster than {time.a} from epoch {number_spoken(time.middle)} on "
            f"({number_spoken(time.low)} to {number_spoken(time.high)}; always {time.a} in "
            f"{time.always_a:.0%}, always {time.b} in {time.always_b:.0%} of the resamples)"
        )
    for money in report.money:
        paid = money.paid_off_month
        paid_text = f", paid off in month {number_spoken(paid)}" if paid is not None else ""
        click.echo(
            f"owning {money.own} beats renting {money.rent} from "
            f"{number_spoken(money.hours_per_week)} hours of training a week on{paid_text}"
        )


def _show_needed(report: JobReport) -> None:
    click.echo(
        f"A cloud with a session start of {seconds_spoken(report.session_start)} must do an epoch: "
        + "; ".join(f"{_times(n.middle)} as fast at {n.epochs:g} epochs" for n in report.needed)
    )


def _show_map(report: JobReport) -> None:
    grid = report.map
    rows = []
    for i, epochs in enumerate(grid.epochs):
        row: dict[str, object] = {"epochs": f"{epochs:g}"}
        for j, runs in enumerate(grid.runs_per_week):
            best = int(grid.best[i, j])
            name = grid.options[best] if best >= 0 else "none can"
            row[f"{runs:g} a week"] = f"{name} ?" if grid.close[i, j] else name
        rows.append(row)
    print_table(
        rows,
        f"Cheapest by job length and jobs a week, over {report.question.use.months:g} months",
        "? is too close to call",
    )


def _show_origins(answer: Overview) -> None:
    """One line for each source, with all that it speaks of."""
    click.echo("Where the numbers come from:")
    lines: dict[str, dict[str, None]] = {}
    today = datetime.now(tz=UTC).date()
    for report in answer.reports:
        for option in (a.option for a in report.job.answers):
            task = f" ({report.task})" if len(answer.reports) > 1 else ""
            for origin in option.origins:
                own = task if origin.kind == "measured" else ""
                text = f"{origin.what} {origin.kind}, {origin.text}"
                lines.setdefault(text, {})[option.name + own] = None
            lines.setdefault(_price_line(option.price, today), {})[option.name] = None
    for text, names in lines.items():
        click.echo(printable(f"  {', '.join(names)}: {text}"))


def _price_line(price: Price, today: date) -> str:
    kind = "assumed" if price.assumed else "published"
    stale = ", stale" if is_stale(price, today) else ""
    return f"price {kind}, {spoken(price)}; {price.source}; seen {price.seen}{stale}"


def as_data(answer: Overview) -> dict[str, object]:
    """The same content as plain data."""
    return {
        "verdict": answer.verdict,
        "jobs": [_job_data(report) for report in answer.reports],
        "exam": _plain(answer.exam),
        "no_exam": answer.no_exam,
    }


def _job_data(report: JobReport) -> dict[str, object]:
    grid = report.map
    names = [[grid.options[i] if i >= 0 else None for i in row] for row in grid.best.tolist()]
    return {
        "task": report.task,
        "verdict": report.verdict,
        "cautions": list(report.cautions),
        "question": _plain(report.question),
        "currency": report.job.currency,
        "options": [_option_data(answer) for answer in report.job.answers],
        "fastest": _plain(report.job.fastest),
        "cheapest": _plain(report.job.cheapest),
        "time_crossings": _plain(report.times),
        "money_crossings": _plain(report.money),
        "session_start_seconds": report.session_start,
        "speed_needed": _plain(report.needed),
        "turns": _plain(report.turns),
        "map": {
            "epochs": list(grid.epochs),
            "runs_per_week": list(grid.runs_per_week),
            "cheapest": names,
            "close": grid.close.tolist(),
        },
    }


def _option_data(answer: Any) -> dict[str, object]:
    import msgspec

    option = answer.option
    return {
        "name": option.name,
        "seconds": _bounds(answer.seconds),
        "cost": _bounds(answer.cost),
        "footing": footing_of(option.timing),
        "rounds": option.timing.rounds if footing_of(option.timing) != "stated" else None,
        "why_not": answer.why,
        "fits": option.fits,
        "origins": _plain(option.origins),
        "price": msgspec.to_builtins(option.price),
    }


def _bounds(found: Estimate) -> dict[str, object]:
    return {name: _plain(getattr(found, name)) for name in ("middle", "low", "high")}


def _plain(value: Any) -> Any:
    """Dataclasses as dictionaries; infinity, which JSON does not know, as "never"."""
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return NEVER if isinstance(value, float) and not math.isfinite(value) else value
