"""The verdict's crossings as sentences, the same in the terminal and on the page."""

import math
from collections.abc import Sequence

from bench.evidence.strangers import name
from bench.evidence.words import NEVER, between, counted, nouned, number_spoken, seconds_spoken
from bench.verdict.crossing import TimeCrossing
from bench.verdict.decide import Winner
from bench.verdict.exam import Exam
from bench.verdict.owning import MoneyCrossing
from bench.verdict.report import JobReport

LEAST_FACTOR = 1.005  # what is less reads as 1.00 times as fast
LEAST_SHARE = 0.005  # of the resamples; what is less reads as 0 %
OTHER = "\0"  # stands for the option that is not here, whatever names hold


def crossings_spoken(report: JobReport) -> list[str]:
    """A sentence a crossing; options that cross alike share one."""
    here = report.result.outcomes[0].option.name
    lines: dict[str, list[str]] = {}
    for time in report.times:
        other = time.b if time.a == here else time.a
        lines.setdefault(crossing_spoken(time, here), []).append(name(other))
    times = [text.replace(OTHER, " or ".join(names)) for text, names in lines.items()]
    return [f"{text}." for text in (*times, *_owning(report.money, here))]


def rented_from(report: JobReport) -> str:
    """From how many epochs on a rented machine is faster, or, unknown, how fast it must be."""
    epochs = elsewhere_from(report)
    if epochs is not None:
        return NEVER if math.isinf(epochs) else f"from {_epochs(epochs)} on"
    [needed] = [n.middle for n in report.required_speedups if n.epochs == report.workload.epochs]
    return times_spoken(needed)


def _epochs(number: float) -> str:
    return nouned(number_spoken(number), "epoch")


def times_spoken(factor: float) -> str:
    """How many times as fast an epoch must be."""
    if math.isinf(factor):
        return "at no speed"
    return "if any faster" if factor < LEAST_FACTOR else f"if {factor:.3g} times as fast"


def crossing_spoken(time: TimeCrossing, here: str) -> str:
    """The crossing with OTHER in the place of the option that is not here."""
    fast, slow = (OTHER, name(here)) if time.a == here else (name(here), OTHER)
    low, high = number_spoken(time.low), number_spoken(time.high)
    if time.middle == math.inf:
        text = f"{fast} is never faster than {slow}, however long the job"
        text += "" if low == NEVER else f" (at the earliest from {_epochs(time.low)} on)"
    elif time.middle == 0:
        text = f"{fast} is faster than {slow} at any length"
        text += "" if high in ("0", NEVER) else f" (at the latest from {_epochs(time.high)} on)"
    else:
        text = f"{fast} is faster than {slow} from {_epochs(time.middle)} on"
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


def _owning(crossings: Sequence[MoneyCrossing], here: str) -> list[str]:
    return [
        f"Buying {name(money.own)} instead of {_other(money, here)} "
        f"{_costs_less(money)}{_paid_off(money)}"
        for money in crossings
    ]


def _other(money: MoneyCrossing, here: str) -> str:
    return f"using {name(here)}" if money.other == here else f"renting {name(money.other)}"


def _costs_less(money: MoneyCrossing) -> str:
    """From how many hours on; the reason, where the other machine cannot do the job at all."""
    if money.never:
        return f"is no matter of money: the other cannot do it ({money.never})"
    middle, low, high = map(number_spoken, (money.hours_per_week, money.low, money.high))
    if money.hours_per_week == 0:
        return "costs less however little it is used"
    if math.isinf(money.hours_per_week):
        earliest = "" if math.isinf(money.low) else f" (at the earliest from {low} on)"
        return f"does not cost less in the hours that a week has{earliest}"
    bounds = "" if low == high else f" ({low} to {high})"
    own = number_spoken(money.own_hours_per_week)
    text = (
        f"costs less from {nouned(middle, 'hour')} of training a week on this machine on{bounds}, "
        f"which are {own} on {name(money.own)}"
    )
    return text + (f"; from there on the other cannot do it ({money.ends})" if money.ends else "")


def _paid_off(money: MoneyCrossing) -> str:
    """What becomes of it at the use that was asked for."""
    if money.why:
        return "" if money.never else f"; the other cannot do so many jobs a week: {money.why}"
    if money.paid_off_month is None:
        return ""
    if math.isinf(money.paid_off_month):
        return "; at this use it is not paid off in its life"
    return f"; at this use it is paid off in month {math.ceil(money.paid_off_month)}"


def exam_spoken(exam: Exam) -> str:
    """The exam's answer as a sentence."""
    word = {True: "fit into", False: "do not fit into", None: "may or may not fit into"}[exam.fits]
    seconds, least = exam.seconds, exam.least_most_attempts
    span = between(seconds_spoken(seconds.low), seconds_spoken(seconds.high))
    most = between(f"{min(least, exam.most_attempts)}", f"{exam.most_attempts}")
    return (
        f"Exam day on {exam.option}: {counted(exam.attempts, 'attempt')} at each of five tasks, "
        f"with {counted(exam.thinking_minutes, 'minute')} of thinking each, {word} five hours "
        f"({seconds_spoken(seconds.middle)}, {span}); {most} would."
    )


def elsewhere_from(report: JobReport) -> float | None:
    """From how many epochs on some rented machine is faster than here; infinite is never.

    None where no rented machine has a speed.
    """
    here = report.result.outcomes[0].option.name
    rented = {a.option.name for a in report.result.outcomes if a.option.rented}
    times = [t for t in report.times if {t.a, t.b} & rented]
    # where here has the faster epoch, another is ahead at most at first, by its start
    return min((t.middle if t.a == here else float("inf") for t in times), default=None)


def cheapest(report: JobReport) -> Winner:
    """The cheapest, with a word where that is only because what any other saves is negligible."""
    found = report.result.advised
    return Winner(name=f"{found.name} (negligible)") if report.result.negligible else found
