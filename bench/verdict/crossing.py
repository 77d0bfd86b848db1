"""Where one option overtakes another: in epochs, in hours a week, in months, in speed."""

from dataclasses import dataclass

import numpy as np

from bench.verdict.decide import Question, billed
from bench.verdict.model import Option, job_seconds, joint
from bench.verdict.money import (
    HOUR,
    WEEKS_A_MONTH,
    energy_cost_per_hour,
    idle_cost_per_week,
    purchase,
    rate_per_hour,
)
from bench.verdict.prices import Owned
from bench.verdict.statistics import Floats, bounds


@dataclass(frozen=True, kw_only=True)
class TimeCrossing:
    """From how many epochs on `b`, which has the faster epoch, is faster than `a`.

    Infinite means never, 0 means always. The shares are those of the resamples; `reversed_share`
    is that of resamples in which `b` has the slower epoch and the faster start after all.
    """

    a: str
    b: str
    middle: float
    low: float
    high: float
    always_a: float
    always_b: float
    crosses: float
    reversed_share: float


def time_crossing(one: Option, other: Option) -> TimeCrossing:
    """n* = (s_B - s_A) / (e_A - e_B), where B is the option with the faster steady epoch."""
    b, a = sorted((one, other), key=lambda option: (option.timing.epoch[0], option.timing.start[0]))
    start = b.timing.start - a.timing.start
    epoch = a.timing.epoch - b.timing.epoch
    never = (epoch <= 0) & (start >= 0)
    always = (start <= 0) & (epoch >= 0) & ~never
    backwards = (epoch < 0) & (start < 0)
    number = epoch_crossing(start, epoch)
    weakest = joint((a.timing, b.timing))
    low, high = bounds(number, 1 if weakest.ranged else weakest.rounds)
    return TimeCrossing(
        a=a.name,
        b=b.name,
        middle=float(number[0]),
        low=low,
        high=high,
        always_a=float(never.mean()),
        always_b=float(always.mean()),
        crosses=float(((epoch > 0) & (start > 0)).mean()),
        reversed_share=float(backwards.mean()),
    )


def epoch_crossing(start: Floats, epoch: Floats) -> Floats:
    """`start` more seconds won back by `epoch` fewer an epoch: 0 is at once, infinite is never."""
    gains = epoch > 0
    safe = np.where(gains, epoch, 1.0)
    at_equal_epochs = np.where((epoch == 0) & (start < 0), 0.0, np.inf)
    return np.where(gains, np.maximum(start, 0.0) / safe, at_equal_epochs)


@dataclass(frozen=True, kw_only=True)
class MoneyCrossing:
    """When owning `own` beats renting `rent`.

    `hours_per_week` of training on the owned machine from which it is cheaper over the months, and
    the month in which the purchase has paid for itself at the use that was asked for (None where
    no use was stated). Infinite is never, 0 always.
    """

    own: str
    rent: str
    hours_per_week: float
    low: float
    high: float
    paid_off_month: float | None


def money_crossing(own: Option, rent: Option, question: Question) -> MoneyCrossing:
    """h* = P / (weeks x saving an hour), saving = rent's rate x its relative time - energy."""
    assert isinstance(own.price, Owned)
    here = job_seconds(own.timing, question.epochs)
    there = billed(rent, job_seconds(rent.timing, question.epochs), question)
    runs_per_week = question.use.runs_per_week
    saving = rate_per_hour(rent.price) * there / here - energy_cost_per_hour(own.price)
    weeks = question.use.months * WEEKS_A_MONTH
    fixed = purchase(own.price) + weeks * idle_cost_per_week(own.price)
    hours = epoch_crossing(np.full_like(saving, fixed / weeks), saving)
    weakest = joint((own.timing, rent.timing))
    low, high = bounds(hours, 1 if weakest.ranged else weakest.rounds)
    week_hours = None if runs_per_week is None else runs_per_week * float(here[0]) / HOUR
    return MoneyCrossing(
        own=own.name,
        rent=rent.name,
        hours_per_week=float(hours[0]),
        low=low,
        high=high,
        paid_off_month=None if week_hours is None else _month(own.price, saving[0], week_hours),
    )


def _month(price: Owned, saving: float, week_hours: float) -> float:
    """Months until what is saved each week has paid for the purchase."""
    a_week = saving * week_hours - idle_cost_per_week(price)
    if a_week <= 0:
        return float("inf")
    return purchase(price) / a_week / WEEKS_A_MONTH


@dataclass(frozen=True, kw_only=True)
class Needed:
    """How many times as fast an epoch the cloud needs, at so many epochs; infinite: impossible."""

    epochs: float
    middle: float
    low: float
    high: float


def speed_needed(local: Option, session_start: float, epochs: float) -> Needed:
    """At least n e_A / (n e_A + s_A - s_B); impossible where the denominator is not positive."""
    work = epochs * local.timing.epoch
    left = work + local.timing.start - session_start
    times = np.where(left > 0, work / np.where(left > 0, left, 1.0), np.inf)
    low, high = bounds(times, local.timing.rounds)
    return Needed(epochs=epochs, middle=float(times[0]), low=low, high=high)
