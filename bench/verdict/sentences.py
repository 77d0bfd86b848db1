"""The verdict's crossings as sentences, the same in the terminal and on the page."""

import math
from collections.abc import Callable, Sequence

from bench.verdict.crossing import TimeCrossing
from bench.verdict.overview import elsewhere_from
from bench.verdict.owning import MoneyCrossing
from bench.verdict.report import JobReport
from bench.verdict.words import NEVER, between, number_spoken

LEAST_FACTOR = 1.005  # what is less reads as 1.00 times as fast
LEAST_SHARE = 0.005  # of the resamples; what is less reads as 0 %
OTHER = "\0"  # stands for the option that is not here, whatever names hold
Named = Callable[[str], str]


def crossings_spoken(report: JobReport, named: Named = str) -> list[str]:
    """A sentence a crossing; options that cross alike share one. `named` makes names safe."""
    here = report.result.outcomes[0].option.name
    lines: dict[str, list[str]] = {}
    for time in report.times:
        other = time.b if time.a == here else time.a
        lines.setdefault(crossing_spoken(time, here, named), []).append(named(other))
    times = [text.replace(OTHER, " or ".join(names)) for text, names in lines.items()]
    return [*times, *_owning(report.money, named)]


def rented_from(report: JobReport) -> str:
    """From how many epochs on a rented machine is faster, or, unknown, how fast it must be."""
    epochs = elsewhere_from(report)
    if epochs is not None:
        return NEVER if math.isinf(epochs) else f"from {number_spoken(epochs)} epochs on"
    [needed] = [n.middle for n in report.required_speedups if n.epochs == report.workload.epochs]
    return times_spoken(needed)


def times_spoken(factor: float) -> str:
    """How many times as fast an epoch must be."""
    if math.isinf(factor):
        return "at no speed"
    return "if any faster" if factor < LEAST_FACTOR else f"if {factor:.3g} times as fast"


def crossing_spoken(time: TimeCrossing, here: str, named: Named = str) -> str:
    """The crossing with OTHER in the place of the option that is not here."""
    fast, slow = (OTHER, named(here)) if time.a == here else (named(here), OTHER)
    low, high = number_spoken(time.low), number_spoken(time.high)
    if time.middle == math.inf:
        text = f"{fast} is never faster than {slow}, however long the job"
        text += "" if low == NEVER else f" (at the earliest from {low} epochs on)"
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


def _owning(crossings: Sequence[MoneyCrossing], named: Named) -> list[str]:
    return [
        f"buying {named(money.own)} instead of renting {named(money.rent)} "
        f"{_pays(money)}{_paid_off(money)}"
        for money in crossings
    ]


def _pays(money: MoneyCrossing) -> str:
    middle, low, high = map(number_spoken, (money.hours_per_week, money.low, money.high))
    if money.hours_per_week == 0:
        return "pays however little it is used"
    if math.isinf(money.hours_per_week):
        earliest = "" if math.isinf(money.low) else f" (at the earliest from {low} on)"
        return f"does not pay in the hours that a week has{earliest}"
    bounds = "" if low == high else f" ({low} to {high})"
    return f"pays from {middle} hours of training a week on{bounds}"


def _paid_off(money: MoneyCrossing) -> str:
    """What becomes of it at the use that was asked for."""
    if money.why:
        return f"; renting cannot do so many jobs a week: {money.why}"
    if money.paid_off_month is None:
        return ""
    if math.isinf(money.paid_off_month):
        return "; at this use it is not paid off in its life"
    return f"; at this use it is paid off in month {math.ceil(money.paid_off_month)}"
