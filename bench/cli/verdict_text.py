"""How a verdict reads: first line, tables and sentences. `verdict_data` has the same as data."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from bench.cli.tables import print_prose, print_table
from bench.verdict.crossing import Needed, TimeCrossing
from bench.verdict.decide import Answer
from bench.verdict.model import footing_of
from bench.verdict.overview import Overview, cheapest, elsewhere_from, exam_spoken
from bench.verdict.owning import MoneyCrossing
from bench.verdict.prices import Price, Units, is_stale, spoken
from bench.verdict.report import JobReport
from bench.verdict.words import between, money_spoken, number_spoken, seconds_spoken

NEVER = "never"
LEAST_FACTOR = 1.005  # what is less reads as 1.00 times as fast
LEAST_SHARE = 0.005  # of the resamples; what is less reads as 0 %


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
    here = report.job.answers[0]
    from_ = elsewhere_from(report)
    return {
        "task": report.task,
        "epochs": f"{report.question.epochs:g}",
        f"time on {here.option.name}": _with_ends(here.seconds, seconds_spoken)
        + ("" if here.option.fits else ", rough"),
        "fastest": _pick(report.job.fastest),
        "cheapest": _pick(cheapest(report)),
        "rented is faster": _from(from_) if from_ is not None else _times(_here(report).middle),
    }


def _here(report: JobReport) -> Needed:
    [needed] = [n for n in report.needed if n.epochs == report.question.epochs]
    return needed


def _from(epochs: float) -> str:
    return "never" if math.isinf(epochs) else f"from {number_spoken(epochs)} epochs on"


def _pick(pick: Any) -> str:
    if pick.name is None:
        return "none can"
    if pick.close:
        return f"too close: {', '.join((pick.name, *pick.close))}"
    return f"{pick.name}{' (preliminary)' if pick.preliminary else ''}"


def _times(factor: float) -> str:
    if math.isinf(factor):
        return "at no speed"
    return "if any faster" if factor < LEAST_FACTOR else f"if {factor:.3g} times as fast"


def _factor(factor: float) -> str:
    return "no speed" if math.isinf(factor) else f"{factor:.3g}"


def _with_ends(found: Any, spoken_as: Callable[[float], str]) -> str:
    """A middle with its bounds; alone where they read the same."""
    middle, low, high = (spoken_as(getattr(found, name)) for name in ("middle", "low", "high"))
    return middle if middle == low == high else f"{middle} ({between(low, high)})"


def _show_job(report: JobReport) -> None:
    print_table(
        [_answer_row(answer, report.job.currency) for answer in report.job.answers],
        f"{report.task}, {report.question.epochs:g} epochs: time and money of one job",
    )
    _show_crossings(report)
    _show_needed(report)
    _show_map(report)
    _show_turns(report)
    for hint in _hints(report):
        print_prose(hint)


def _answer_row(answer: Answer, currency: str) -> dict[str, object]:
    option = answer.option
    rough = "" if option.fits else "rough estimate"
    pack = "buys whole packs" if isinstance(option.price, Units) else ""
    return {
        "option": option.name,
        "time": _with_ends(answer.seconds, seconds_spoken),
        "money a job": _with_ends(answer.cost, lambda amount: money_spoken(amount, currency)),
        "in brackets": footing_of(option.timing),
        "but": answer.why or ", ".join(filter(None, (rough, pack))),
    }


def _show_turns(report: JobReport) -> None:
    for turn in report.turns:
        way = "more" if turn.factor > 1 else "less"
        print_prose(
            f"20 % {way} {turn.what} turns it: fastest {_pick(turn.fastest)}, "
            f"cheapest {_pick(turn.cheapest)}"
        )
    if not report.turns:
        print_prose("No input, moved by 20 %, turns the verdict.")


def _hints(report: JobReport) -> list[str]:
    """What to type for what this answer lacks."""
    hints = []
    if not any(answer.option.rented for answer in report.job.answers):
        hints.append("To compare a cloud, say how fast it is: --assume colab-free-t4=10x-35x")
    if not report.money:
        hints.append("To ask whether to buy a card: --assume rtx-4060=6x --runs-per-week 10")
    return hints


def _show_crossings(report: JobReport) -> None:
    """A line a crossing; options that cross alike share one."""
    here = report.job.answers[0].option.name
    lines: dict[str, list[str]] = {}
    for time in report.times:
        other = time.b if time.a == here else time.a
        lines.setdefault(_crossing(time, here), []).append(other)
    for text, names in lines.items():
        print_prose(text.format(" or ".join(names)))
    for money in report.money:
        print_prose(_owning(money))


def _owning(money: MoneyCrossing) -> str:
    """The money crossing in words."""
    middle, low, high = map(number_spoken, (money.hours_per_week, money.low, money.high))
    if money.hours_per_week == 0:
        pays = "pays however little it is used"
    elif math.isinf(money.hours_per_week):
        pays = "does not pay in the hours that a week has"
        pays += "" if math.isinf(money.low) else f" (at the earliest from {low} on)"
    else:
        pays = f"pays from {middle} hours of training a week on"
        pays += "" if low == high else f" ({low} to {high})"
    return f"buying {money.own} instead of renting {money.rent} {pays}{_paid_off(money)}"


def _paid_off(money: MoneyCrossing) -> str:
    """What becomes of it at the use that was asked for."""
    if money.why:
        return f"; renting cannot do so many jobs a week: {money.why}"
    if money.paid_off_month is None:
        return ""
    if math.isinf(money.paid_off_month):
        return "; at this use it is not paid off in its life"
    return f"; at this use it is paid off in month {math.ceil(money.paid_off_month)}"


def _crossing(time: TimeCrossing, here: str) -> str:
    """The crossing in words, with {} for the option that is not here."""
    fast, slow = ("{}", here) if time.a == here else (here, "{}")
    low, high = number_spoken(time.low), number_spoken(time.high)
    if time.middle == math.inf:
        text = f"{fast} is never faster than {slow}, however long the job"
        text += "" if low == "never" else f" (at the earliest from {low} epochs on)"
    elif time.middle == 0:
        text = f"{fast} is faster than {slow} at any length"
        text += "" if high in ("0", NEVER) else f" (at the latest from {high} epochs on)"
    else:
        text = f"{fast} is faster than {slow} from {number_spoken(time.middle)} epochs on"
        text += f" ({between(low, high)})"
    return text + _shares(time)


def _shares(time: TimeCrossing) -> str:
    """The resamples that say otherwise, where there are any."""
    said = {
        "it is so from the first epoch on": time.always_b if time.middle else 0.0,
        "it never is": 0.0 if time.middle == math.inf else time.always_a,
        "it is so up to some length only": time.reversed_share,
    }
    shares = [f"{what} in {share:.0%}" for what, share in said.items() if share >= LEAST_SHARE]
    return f"; of the resamples, {', '.join(shares)}" if shares else ""


def _show_needed(report: JobReport) -> None:
    rows = [
        {
            "epochs": f"{needed.epochs:g}",
            "saves time": _times(needed.middle),
            "range": between(_factor(needed.low), _factor(needed.high)),
        }
        for needed in report.needed
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
        f"Cheapest by job length and jobs a week, over {report.question.use.months:g} months",
        f"{grid.options[0]} also where no other saves a cent; ? is too close to call"
        + ("; none can: a cap, a quota or the hours of a week" if empty else ""),
    )


def _show_origins(answer: Overview) -> None:
    """One line for each source, with all that it speaks of."""
    print_prose("Where the numbers come from:")
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
        print_prose(f"- {', '.join(names)}: {text}")


def _price_line(price: Price, today: date) -> str:
    kind = "assumed" if price.assumed else "published"
    stale = ", stale" if is_stale(price, today) else ""
    return f"price {kind}, {spoken(price)}; {price.source}; seen {price.seen}{stale}"
