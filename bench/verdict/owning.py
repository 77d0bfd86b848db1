"""When owning beats another place, in hours of training a week and in months.

The costs and limits are those of one job, with packs, plans, quotas and caps: on either side of a
crossing another option is the cheapest.
"""

from dataclasses import dataclass, replace

import numpy as np

from bench.verdict.decide import Workload, obstacle, seconds_of
from bench.verdict.model import Option, joint, summary
from bench.verdict.money import HOUR
from bench.verdict.prices import Owned
from bench.verdict.request import WEEK_HOURS
from bench.verdict.spending import alone, spent
from bench.verdict.statistics import Floats

# Steps of 6 %, within which a crossing is then searched by halving. Packs are steps too: where
# owning wins and loses again inside one step of ours, one of its crossings is found.
HOURS = np.geomspace(0.01, WEEK_HOURS * (1 - 1e-9), 161)
MONTHS_MOST = 1200
HALVINGS = 45


@dataclass(frozen=True, kw_only=True)
class MoneyCrossing:
    """When owning `own` beats `other`, which may be rented or this machine.

    `hours_per_week` of training **on this machine** from which on it is cheaper over the months
    (infinite: not in the hours that a week of `own` has; 0: always), with `low` and `high`;
    `own_hours_per_week` is the same work on `own`. `paid_off_month` is the month in which the
    purchase has paid for itself at the stated use (infinite: not in its life; None where `other`
    cannot do it, and `why` says why). `never` says why `other` cannot do such a job at all, and
    `ends` what ends it at the crossing, where that is no matter of money.
    """

    own: str
    other: str
    hours_per_week: float
    low: float
    high: float
    own_hours_per_week: float
    paid_off_month: float | None
    why: str | None = None
    never: str | None = None
    ends: str | None = None


@dataclass(frozen=True, kw_only=True)
class Pair:
    """An owned and another machine for the same jobs, and this machine, whose hours count."""

    own: Option
    other: Option
    here: Option
    workload: Workload

    @property
    def scale(self) -> Floats:
        """Hours on this machine for one on the owned machine, shape (samples,)."""
        here, own = (self._seconds(option) for option in (self.here, self.own))
        return np.asarray(here / own)

    def advantage(self, hours: Floats, months: float) -> Floats:
        """What owning saves over so many months, at so many `hours` a week on this machine.

        Shape (…, samples), as `hours` and the samples broadcast. Infinite where the other machine
        cannot do that much, minus infinite where the owned one cannot.
        """
        own, other = (
            spent(option, self.here, self.workload, hours, months)
            for option in (self.own, self.other)
        )
        both = np.isinf(own)
        return np.where(both, -np.inf, other - np.where(both, 0.0, own))

    def _seconds(self, option: Option) -> Floats:
        return seconds_of(option, self.workload.epochs, self.workload)


def money_crossing(own: Option, other: Option, here: Option, workload: Workload) -> MoneyCrossing:
    """From how many hours a week on, and in which month, owning is cheaper than the other."""
    assert isinstance(own.price, Owned)
    pair = Pair(own=own, other=other, here=here, workload=workload)
    weakest = joint((own.timing, other.timing, here.timing))
    own_hours = _hours(pair, workload.use.months)
    found = summary(own_hours * pair.scale, weakest)
    why, month = _paid_off(pair, own.price)
    return MoneyCrossing(
        own=own.name,
        other=other.name,
        hours_per_week=found.middle,
        low=found.low,
        high=found.high,
        own_hours_per_week=float(own_hours[0]),
        paid_off_month=month,
        why=why,
        never=_never(pair),
        ends=_ends(pair, found.middle),
    )


def _never(pair: Pair) -> str | None:
    """Why the other machine cannot do one such job, however seldom."""
    rarely = replace(pair.workload, use=replace(pair.workload.use, runs_per_week=None))
    return obstacle(pair.other, seconds_of(pair.other, rarely.epochs, rarely), rarely)


def _ends(pair: Pair, hours: float) -> str | None:
    """What keeps the other machine from doing more than at the crossing."""
    if not 0 < hours < np.inf:
        return None
    seconds = seconds_of(pair.here, pair.workload.epochs, pair.workload)[0]
    use = replace(pair.workload.use, runs_per_week=hours * 1.001 * HOUR / float(seconds))
    more = replace(pair.workload, use=replace(use, stated=True))
    return obstacle(pair.other, seconds_of(pair.other, more.epochs, more), more)


def _hours(pair: Pair, months: float) -> Floats:
    """For each sample the hours on the owned machine from which on owning never loses again."""
    scale = pair.scale
    loses = pair.advantage(HOURS[:, None] * scale, months) < 0
    first = np.where(loses.any(axis=0), len(HOURS) - loses[::-1].argmax(axis=0), 0)
    inside = np.clip(first, 1, len(HOURS) - 1)
    low, high = HOURS[inside - 1], HOURS[inside]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        wins = pair.advantage(middle * scale, months) >= 0
        low, high = np.where(wins, low, middle), np.where(wins, middle, high)
    return np.where(first == 0, 0.0, np.where(first == len(HOURS), np.inf, high))


def _paid_off(pair: Pair, price: Owned) -> tuple[str | None, float | None]:
    """Why the other machine cannot do it, or the month in which the purchase has paid."""
    workload, runs = pair.workload, pair.workload.use.runs_per_week
    if runs is None:
        return None, None
    seconds = seconds_of(pair.other, workload.epochs, workload)
    if why := obstacle(pair.other, seconds, workload):
        return why, None
    if price.already_owned:
        return None, 0.0
    hours = runs * seconds_of(pair.here, workload.epochs, workload)[:1] / HOUR
    return None, _month(_middle(pair), hours, min(price.months, MONTHS_MOST))


def _middle(pair: Pair) -> Pair:
    """The pair with its estimate alone."""
    own, other, here = map(alone, (pair.own, pair.other, pair.here))
    return Pair(own=own, other=other, here=here, workload=pair.workload)


def _month(pair: Pair, hours: Floats, life: float) -> float:
    """The first month, and part of it, in which what was saved is what it cost."""

    def paid(months: float) -> bool:
        return bool(pair.advantage(hours, months)[0] >= 0)

    found = next((m for m in (*range(1, int(np.ceil(life))), life) if paid(m)), None)
    if found is None:
        return float("inf")
    low, high = max(0.0, np.ceil(found) - 1), float(found)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if paid(middle) else (middle, high)
    return high
