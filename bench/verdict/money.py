"""What a job costs: dollars from seconds, for each kind of price. Vectorised, float64.

`seconds` and `jobs` are arrays that broadcast against each other. A cost is per job: the cost of
all jobs over the months, divided by their number. One job alone is `jobs = 1` without months.
"""

from dataclasses import dataclass

import numpy as np

from bench.verdict.prices import (
    ASSUMED_UNIT_SECONDS,
    LEAST_UNIT_SECONDS,
    Free,
    Hourly,
    Monthly,
    Owned,
    Price,
    Units,
)
from bench.verdict.statistics import Floats

WEEKS_A_MONTH = 52 / 12
HOUR = 3600.0


@dataclass(frozen=True, kw_only=True)
class Use:
    """How often the job is run: `runs_per_week` over `months`, or once where it is None.

    `stated` is whether the user said so; a default rules no long job out.
    """

    runs_per_week: float | None
    months: float
    stated: bool = True

    @property
    def weeks(self) -> float:
        """Weeks over which costs are added up; 0 for a single job."""
        return 0.0 if self.runs_per_week is None else self.months * WEEKS_A_MONTH

    @property
    def jobs(self) -> float:
        """Jobs over the months."""
        return 1.0 if self.runs_per_week is None else self.runs_per_week * self.weeks


def job_cost(price: Price, seconds: Floats, jobs: Floats | float, weeks: float) -> Floats:
    """Cost of one of `jobs` jobs of `seconds` each, over `weeks`, in the price's currency."""
    count = np.asarray(jobs, dtype=float)
    match price:
        case Hourly():
            return _hourly(price, seconds) + 0 * count
        case Units():
            return _units(price, seconds, count, weeks)
        case Owned():
            return _owned(price, seconds, count, weeks)
        case Monthly():
            return np.asarray(_months(weeks) * float(price.amount) / count + 0 * seconds)
        case Free():
            return np.zeros(np.broadcast_shapes(np.shape(seconds), count.shape))


def hourly_amount(price: Price) -> float | None:
    """What an hour costs by itself, in the price's currency; None of a flat price for months.

    A unit of a pack at its share of the pack; of what is owned the electricity alone.
    """
    match price:
        case Hourly():
            return float(price.amount)
        case Units():
            return float(price.amount) / price.pack_units * price.units_per_hour
        case Owned():
            return energy_cost_per_hour(price)
        case Monthly():
            return None
        case Free():
            return 0.0


def least_spend(price: Price) -> float:
    """What has to be paid before anything is trained, in the price's currency.

    A whole pack, or a month of its plan; the first billing unit; a purchase, or a month.
    """
    match price:
        case Hourly():
            return float(_hourly(price, np.asarray(LEAST_UNIT_SECONDS)))
        case Units():
            return float(price.plan_amount or price.amount)
        case Owned():
            return 0.0 if price.already_owned else float(price.amount)
        case Monthly():
            return float(price.amount)
        case Free():
            return 0.0


def _hourly(price: Hourly, seconds: Floats) -> Floats:
    """Whole billing units, each job by itself, and the least that is billed."""
    unit = price.unit_seconds or ASSUMED_UNIT_SECONDS
    paid = np.maximum(np.ceil(seconds / unit) * unit, price.minimum_seconds)
    return np.asarray(paid / HOUR * float(price.amount))


def _units(price: Units, seconds: Floats, jobs: Floats, weeks: float) -> Floats:
    """Whole packs, one after the other, after what a plan includes every month."""
    months = _months(weeks)
    needed = seconds / HOUR * price.units_per_hour * jobs
    further = needed
    plan = months * float(price.plan_amount)
    if price.plan_amount:
        further = np.maximum(0.0, needed - months * price.plan_units)
    spans = np.ceil(max(1.0, weeks * 7 / price.expiry_days) - 1e-9)
    # a pack lasts until it is used up or expires; one bought for one job is not bought again
    used = np.minimum(spans, np.maximum(1.0, np.floor(jobs)))
    packs = np.where(further > 0, np.maximum(used, np.ceil(further / price.pack_units)), 0.0)
    return np.asarray((plan + packs * float(price.amount)) / jobs)


def _months(weeks: float) -> float:
    """Months begun, of which a plan or a flat price charges at least one."""
    return max(1.0, float(np.ceil(weeks / WEEKS_A_MONTH - 1e-9)))


def _owned(price: Owned, seconds: Floats, jobs: Floats, weeks: float) -> Floats:
    fixed = purchase(price) + weeks * idle_cost_per_week(price)
    return np.asarray(fixed / jobs + seconds / HOUR * energy_cost_per_hour(price))


def purchase(price: Owned) -> float:
    """What training carries of the purchase after resale; nothing of what is owned already."""
    if price.already_owned:
        return 0.0
    return float(price.amount - price.resale) * price.share


def energy_cost_per_hour(price: Owned) -> float:
    """An hour under load."""
    return price.watts_load / 1000 * float(price.tariff)


def idle_cost_per_week(price: Owned) -> float:
    """What it draws in a week while waiting for training."""
    return price.idle_hours_per_week * price.watts_idle / 1000 * float(price.tariff)
