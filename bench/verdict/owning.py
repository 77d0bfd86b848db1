"""Question 3: when owning beats renting, in hours of training a week and in months.

The costs and limits are those of question 1, with packs, plans, quotas and caps: on either side of
a crossing question 1 names another option.
"""

from dataclasses import dataclass, replace

import numpy as np

from bench.verdict.decide import WEEK_HOURS, Workload, billed, cannot, obstacle, seconds_of
from bench.verdict.model import Option, joint, summary
from bench.verdict.money import HOUR, WEEKS_A_MONTH, job_cost
from bench.verdict.prices import Owned
from bench.verdict.statistics import Floats

# Steps of 6 %, within which a crossing is then searched by halving. Packs are steps too: where
# owning wins and loses again inside one step of ours, one of its crossings is found.
HOURS = np.geomspace(0.01, WEEK_HOURS * (1 - 1e-9), 161)
MONTHS_MOST = 1200
HALVINGS = 45


@dataclass(frozen=True, kw_only=True)
class MoneyCrossing:
    """When owning `own` beats renting `rent`.

    `hours_per_week` of training on the owned machine from which on it is cheaper over the months
    (infinite: not in the hours that a week has; 0: always), and the month in which the purchase has
    paid for itself at the use that was asked for (infinite: not in its life; None where no use was
    stated, or where the rented machine cannot do it, and `why` says why).
    """

    own: str
    rent: str
    hours_per_week: float
    low: float
    high: float
    paid_off_month: float | None
    why: str | None = None


@dataclass(frozen=True, kw_only=True)
class Pair:
    """An owned and a rented machine for the same jobs."""

    own: Option
    rent: Option
    workload: Workload

    def advantage(self, hours: Floats, weeks: float) -> Floats:
        """What owning saves over so many weeks, at so many `hours` of its training in each.

        Shape (…, samples), as `hours` and the samples broadcast. Infinite where the rented machine
        cannot do that much, minus infinite where the owned one cannot.
        """
        here = seconds_of(self.own, self.workload.epochs, self.workload)
        runs = hours * HOUR / here
        own, rent = (self._cost(option, runs, weeks) for option in (self.own, self.rent))
        both = np.isinf(own)
        return np.where(both, -np.inf, rent - np.where(both, 0.0, own))

    def _cost(self, option: Option, runs: Floats, weeks: float) -> Floats:
        seconds = seconds_of(option, self.workload.epochs, self.workload)
        jobs = runs * weeks
        paid = job_cost(option.price, billed(option, seconds, self.workload), jobs, weeks) * jobs
        return np.where(cannot(option, seconds, self.workload, runs), np.inf, paid)


def money_crossing(own: Option, rent: Option, workload: Workload) -> MoneyCrossing:
    """From how many hours a week on, and in which month, owning is cheaper than renting."""
    assert isinstance(own.price, Owned)
    pair = Pair(own=own, rent=rent, workload=workload)
    hours = _hours(pair, workload.use.months * WEEKS_A_MONTH)
    found = summary(hours, joint((own.timing, rent.timing)))
    why, month = _paid_off(pair, own.price)
    return MoneyCrossing(
        own=own.name,
        rent=rent.name,
        hours_per_week=found.middle,
        low=found.low,
        high=found.high,
        paid_off_month=month,
        why=why,
    )


def _hours(pair: Pair, weeks: float) -> Floats:
    """For each sample the hours from which on owning never loses again."""
    loses = pair.advantage(HOURS[:, None], weeks) < 0
    first = np.where(loses.any(axis=0), len(HOURS) - loses[::-1].argmax(axis=0), 0)
    inside = np.clip(first, 1, len(HOURS) - 1)
    low, high = HOURS[inside - 1], HOURS[inside]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        wins = pair.advantage(middle, weeks) >= 0
        low, high = np.where(wins, low, middle), np.where(wins, middle, high)
    return np.where(first == 0, 0.0, np.where(first == len(HOURS), np.inf, high))


def _paid_off(pair: Pair, price: Owned) -> tuple[str | None, float | None]:
    """Why the rented machine cannot do it, or the month in which the purchase has paid."""
    workload, runs = pair.workload, pair.workload.use.runs_per_week
    if runs is None:
        return None, None
    seconds = seconds_of(pair.rent, workload.epochs, workload)
    if why := obstacle(pair.rent, seconds, workload):
        return why, None
    if price.already_owned:
        return None, 0.0
    hours = runs * seconds_of(pair.own, workload.epochs, workload)[:1] / HOUR
    return None, _month(_middle(pair), hours, min(price.months, MONTHS_MOST))


def _middle(pair: Pair) -> Pair:
    """The pair with its estimate alone."""
    own, rent = (
        replace(o, timing=replace(o.timing, start=o.timing.start[:1], epoch=o.timing.epoch[:1]))
        for o in (pair.own, pair.rent)
    )
    return replace(pair, own=own, rent=rent)


def _month(pair: Pair, hours: Floats, life: float) -> float:
    """The first month, and part of it, in which what was saved is what it cost."""

    def paid(months: float) -> bool:
        return bool(pair.advantage(hours, months * WEEKS_A_MONTH)[0] >= 0)

    found = next((m for m in (*range(1, int(np.ceil(life))), life) if paid(m)), None)
    if found is None:
        return float("inf")
    low, high = max(0.0, np.ceil(found) - 1), float(found)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if paid(middle) else (middle, high)
    return high
