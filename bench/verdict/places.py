"""Where a job may be trained: options of equal speed are one place, with their prices behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.verdict.crossing import epoch_crossing
from bench.verdict.decide import JobResult, Outcome, Workload, seconds_of
from bench.verdict.model import Basis, Option, Timing, joint, summary
from bench.verdict.money import HOUR
from bench.verdict.prices import Owned
from bench.verdict.statistics import Estimate, Floats

MINUTE = 60.0
# The less a number rests on, the earlier it stands: a place is as good as its weakest.
WEAKEST: tuple[Basis, ...] = ("assumed", "estimated", "published", "measured")


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """From how many minutes of a job on this machine a place is sooner.

    `minutes` with `low` and `high` are infinite where it never is; `epochs` is the same job's
    length, 0 where the place is sooner at any length. `gain` is how many times as fast an epoch is.
    """

    minutes: float
    low: float
    high: float
    epochs: float
    gain: Estimate

    @property
    def at_once(self) -> bool:
        """Whether the place is sooner from the first epoch on."""
        return self.epochs < 1

    @property
    def doubtful(self) -> bool:
        """Whether, within what is known of its speed, it may be sooner at no length."""
        return self.gain.low <= 1


@dataclass(frozen=True, kw_only=True)
class Place:
    """Options of equal speed; `option` is the one of them to take: able, then the cheapest.

    `seconds` is one job, of which `start_seconds` pass before its first steady epoch. `total` is
    what all jobs cost over the months, `month` what they cost a month, `job_cost` each of them, in
    the answer's currency; `hours_per_week` is what the place works a week. `why_not` says why none
    of its options can do the job. `owned` is bought and not rented, `at_home`
    already there. `basis` is the weakest that its epoch rests on. `crossing` is None
    of this machine itself.
    """

    name: str
    option: str
    options: tuple[str, ...]
    owned: bool
    at_home: bool
    basis: Basis
    seconds: Estimate
    ranged: bool
    start_seconds: float
    job_cost: Estimate
    month: float
    total: float
    hours_per_week: float
    why_not: str | None
    crossing: Crossing | None


def places_of(result: JobResult, workload: Workload) -> tuple[Place, ...]:
    """This machine first, then each place of another speed, in the order of the options."""
    here, *others = result.outcomes
    found: list[list[Outcome]] = []
    for outcome in others:
        same = next((g for g in found if same_speed(g[0].option, outcome.option)), None)
        if same is None:
            found.append([outcome])
        else:
            same.append(outcome)
    names = _names([[o.option for o in group] for group in found])
    elsewhere = [
        _place(name, group, here.option, workload) for name, group in zip(names, found, strict=True)
    ]
    return (_place(here.option.name, [here], None, workload), *elsewhere)


def same_speed(one: Option, other: Option) -> bool:
    """Whether both take the same time in every resample, for whoever pays."""
    a, b = one.timing, other.timing
    same = np.array_equal(a.start, b.start) and np.array_equal(a.epoch, b.epoch)
    return same and one.rented == other.rented


def basis_of(option: Option) -> Basis:
    """The weakest origin of an option's epoch; its start may be assumed without changing it."""
    kinds = {origin.basis for origin in option.origins if "epoch" in origin.what}
    return next((basis for basis in WEAKEST if basis in kinds), "measured")


def crossing_of(here: Timing, there: Timing) -> Crossing:
    """Where t_here(n) = t_there(n), as minutes of t_here; resampled through both."""
    epochs = epoch_crossing(there.start - here.start, here.epoch - there.epoch)
    finite = np.isfinite(epochs)
    minutes = np.where(finite, here.start + np.where(finite, epochs, 0.0) * here.epoch, np.inf)
    weakest = joint((here, there))
    found = summary(minutes / MINUTE, weakest)
    return Crossing(
        minutes=found.middle,
        low=found.low,
        high=found.high,
        epochs=float(epochs[0]),
        gain=summary(here.epoch / there.epoch, weakest),
    )


def _names(groups: Sequence[Sequence[Option]]) -> list[str]:
    """The GPU where all its options have that one and no other place has it; else an option."""
    gpus = [_gpu(group) for group in groups]
    return [
        gpu if gpu and gpus.count(gpu) == 1 else group[0].name
        for gpu, group in zip(gpus, groups, strict=True)
    ]


def _gpu(options: Sequence[Option]) -> str | None:
    """The one GPU of rented options."""
    gpus = {option.price.gpu for option in options}
    return options[0].price.gpu if len(gpus) == 1 and options[0].rented else None


def _place(
    name: str, outcomes: Sequence[Outcome], here: Option | None, workload: Workload
) -> Place:
    able = sorted(outcomes, key=lambda o: (o.why is not None, o.cost.middle))
    best, use = able[0], workload.use
    timing = best.option.timing
    total = best.cost.middle * use.jobs
    busy: Floats = seconds_of(best.option, workload.epochs, workload)
    return Place(
        name=name,
        option=best.option.name,
        options=tuple(o.option.name for o in able),
        owned=isinstance(best.option.price, Owned),
        at_home=isinstance(best.option.price, Owned) and best.option.price.already_owned,
        basis=basis_of(best.option),
        seconds=best.seconds,
        ranged=timing.ranged,
        start_seconds=float(timing.start[0]),
        job_cost=best.cost,
        month=total / use.months if use.runs_per_week is not None else total,
        total=total,
        hours_per_week=float(busy[0]) / HOUR * (use.runs_per_week or 1.0),
        why_not=best.why,
        crossing=None if here is None else crossing_of(here.timing, timing),
    )
