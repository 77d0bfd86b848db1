"""How a verdict reads: first line, tables and sentences. `verdict_data` has the same as data."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from bench.cli.tables import print_prose, print_table
from bench.verdict.answer import CAUTIONS_MOST, Answer, JobAnswer
from bench.verdict.decide import Outcome
from bench.verdict.headline import about_seconds, crossing_lines, headline
from bench.verdict.knobs import knob_lines
from bench.verdict.model import interval_of
from bench.verdict.prices import Price, Units, is_stale, spoken
from bench.verdict.report import JobReport
from bench.verdict.sentences import (
    cheapest,
    crossings_spoken,
    exam_spoken,
    rented_from,
    times_spoken,
)
from bench.verdict.words import between, money_spoken, seconds_spoken


def show_answer(answer: Answer, *, sources: bool, details: bool) -> None:
    """Print the sentence, a line a task, the crossings and the cautions; more where it is asked."""
    print_prose(headline(answer))
    more = answer.more_cautions if sources or details else ()
    for line in (
        *(_bars(answer) if len(answer.jobs) > 1 else ()),
        *crossing_lines(answer),
        *knob_lines(answer),
        *(f"Caution: {caution}." for caution in (*answer.cautions, *more)),
        *(f"Not answered: {why}." for why in answer.unanswered[:CAUTIONS_MOST]),
    ):
        print_prose(line)
    if details:
        _show_details(answer)
    if sources:
        _show_origins(answer)
    for line in _more(answer, sources=sources, details=details):
        print_prose(line)


def _bars(answer: Answer) -> list[str]:
    """A line a task: here as a bar, and the place that was compared."""
    longest = max(job.here.seconds.middle for job in answer.jobs)
    width = max(len(job.task) for job in answer.jobs)
    return [
        f"  {job.task.ljust(width)}  here {_bar(job, longest)} "
        f"{about_seconds(job.here.seconds.middle)}{_beside(job)}"
        for job in answer.jobs[:10]
    ]


def _bar(job: JobAnswer, longest: float) -> str:
    return "█" * max(1, round(8 * job.here.seconds.middle / longest))


def _beside(job: JobAnswer) -> str:
    place = job.advised.place
    if place is None or place.why_not is not None:
        return ""
    waits = about_seconds(place.start_seconds)
    there = about_seconds(place.seconds.middle)
    sign = "" if place.basis == "measured" else "~"
    return f", {place.name} {sign}{there} ({waits} of it waiting to begin)"


def _more(answer: Answer, *, sources: bool, details: bool) -> list[str]:
    """What to type next."""
    shown = {"--sources": sources, "--details": details}
    asks = [flag for flag, given in shown.items() if not given]
    lines = [f"More: certbench decide {' '.join(asks)}"] if asks else []
    if answer.request.epoch_seconds is None:
        lines.append("Your job: certbench decide --epoch-seconds S --epochs N")
    return lines


def _show_details(answer: Answer) -> None:
    if len(answer.jobs) > 1:
        print_table([_line(report) for report in answer.reports], "Each task once")
    for report in answer.reports[:1] if len(answer.jobs) == 1 else ():
        _show_job(report)
    if answer.exam:
        print_prose(exam_spoken(answer.exam))
    elif len(answer.jobs) > 1:
        print_prose(f"Exam day: {answer.no_exam}.")


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
        "interval": interval_of(option.timing),
        "but": answer.why or ", ".join(filter(None, (rough, pack))),
    }


def _show_turns(report: JobReport) -> None:
    for point in report.tipping_points:
        way = "more" if point.factor > 1 else "less"
        print_prose(
            f"20 % {way} {point.what} tips it: fastest {_pick(point.fastest)}, "
            f"cheapest {_pick(point.cheapest)}"
        )
    if not report.tipping_points:
        print_prose("No input, moved by 20 %, tips it.")


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
        f"{grid.options[0]} also where what another saves is negligible; ? is too close to call"
        + ("; none can: a cap, a quota or the hours of a week" if empty else ""),
    )


def _show_origins(answer: Answer) -> None:
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
