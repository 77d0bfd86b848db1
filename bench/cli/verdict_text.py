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
from bench.verdict.crossing import TimeCrossing
from bench.verdict.model import footing_of
from bench.verdict.overview import Overview, cheapest, exam_spoken
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
    if answer.exam:
        click.echo(exam_spoken(answer.exam))
    elif not one:
        click.echo(f"Exam day: {answer.no_exam}.")
    _show_origins(answer)
    if not one:
        click.echo("More about one of them: certbench decide --task T")


def _line(report: JobReport) -> dict[str, object]:
    here = report.job.answers[0]
    [needed] = [n for n in report.needed if n.epochs == report.question.epochs]
    return {
        "task": report.task,
        "epochs": f"{report.question.epochs:g}",
        f"time on {here.option.name}": seconds_spoken(here.seconds.middle)
        + ("" if here.option.fits else ", does not fit"),
        "fastest": _pick(report.job.fastest),
        "cheapest": _pick(cheapest(report)),
        "a cloud's epoch must be": _times(needed.middle),
    }


def _pick(pick: Any) -> str:
    if pick.name is None:
        return "none can"
    if pick.close:
        return f"too close: {', '.join((pick.name, *pick.close))}"
    return f"{pick.name}{' (preliminary)' if pick.preliminary else ''}"


def _times(factor: float) -> str:
    return f"{factor:.3g} times as fast" if math.isfinite(factor) else "no speed is enough"


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
                "but": answer.why
                or ("" if answer.option.fits else "the time model misses its total"),
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
    """A line a crossing; options that cross alike share one."""
    here = report.job.answers[0].option.name
    lines: dict[str, list[str]] = {}
    for time in report.times:
        other = time.b if time.a == here else time.a
        lines.setdefault(_crossing(time, here), []).append(other)
    for text, names in lines.items():
        click.echo(text.format(" or ".join(names)))
    for money in report.money:
        paid = money.paid_off_month
        paid_text = f", paid off in month {number_spoken(paid)}" if paid is not None else ""
        hours = number_spoken(money.hours_per_week)
        beats = "never pays" if hours == NEVER else f"pays from {hours} hours of training a week on"
        click.echo(f"buying {money.own} instead of renting {money.rent} {beats}{paid_text}")
    if not report.money:
        click.echo("nothing to buy among the options; to ask, add a card: --assume rtx-4060=6x")


def _crossing(time: TimeCrossing, here: str) -> str:
    """The crossing in words, with {} for the option that is not here."""
    fast, slow = ("{}", here) if time.a == here else (here, "{}")
    if time.middle == math.inf:
        return f"{fast} is never faster than {slow}, however long the job"
    bounds = f"{number_spoken(time.low)} to {number_spoken(time.high)}"
    shares = f"always in {time.always_b:.0%}, never in {time.always_a:.0%} of the resamples"
    return (
        f"{fast} is faster than {slow} from {number_spoken(time.middle)} epochs on "
        f"({bounds}; {shares})"
    )


def _show_needed(report: JobReport) -> None:
    said = "; ".join(f"{n.epochs:g} epochs: {_times(n.middle)}" for n in report.needed)
    start = seconds_spoken(report.session_start)
    click.echo(f"To save time, an epoch of a cloud with a session start of {start} must be: {said}")


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
        "cheapest by however little; ? is too close to call",
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
        "saving": report.job.saving,
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
