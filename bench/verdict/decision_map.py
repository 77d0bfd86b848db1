"""The map: job length against jobs a week → the cheapest option that can do it.

The same costs, limits and doubts as one job, over a grid: bands first, and resample by resample
only where the bands of two options overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.verdict.decide import Workload, billed, cannot, check, seconds_of
from bench.verdict.model import Option, Timing, clearly_less, joint
from bench.verdict.money import WEEKS_A_MONTH, Use, job_cost
from bench.verdict.statistics import Floats

NOBODY = -1
CHUNK = 500  # cells at a time: 500 x 2002 samples x 8 bytes are 8 MB, which a cache can hold
Grid = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class DecisionMap:
    """`best[i, j]` is the index into `options` for `epochs[i]` and `runs_per_week[j]`, or -1.

    `tied[i, j]` is true where another option cannot be told from it, `negligible[i, j]`
    where no other place than the first option, this machine, saves more than the negligible sum.
    """

    options: tuple[str, ...]
    epochs: tuple[float, ...]
    runs_per_week: tuple[float, ...]
    best: Grid
    tied: NDArray[np.bool_]
    negligible: NDArray[np.bool_]

    @property
    def advised(self) -> Grid:
        """`best`, or this machine where what any other saves is negligible."""
        return np.where(self.negligible, 0, self.best)

    @property
    def doubtful(self) -> NDArray[np.bool_]:
        """`tied`, where that is about more than the negligible sum."""
        return self.tied & ~self.negligible


@dataclass(frozen=True, kw_only=True)
class _Field:
    """Billed seconds (epochs, samples) an option; costs of shape (options, epochs, runs)."""

    options: tuple[Option, ...]
    seconds: tuple[Floats, ...]
    runs: Floats
    weeks: float
    low: Floats
    middle: Floats
    high: Floats


def decision_map(
    options: Sequence[Option],
    workload: Workload,
    epochs: Sequence[float],
    runs_per_week: Sequence[float],
) -> DecisionMap:
    """The cheapest option of each cell; `question` gives all but epochs and jobs a week."""
    for edge in (min, max):
        n, runs = edge(epochs), edge(runs_per_week)
        use = Use(runs_per_week=runs, months=workload.use.months)
        check(options, replace(workload, epochs=n, use=use))
    field = _field(options, workload, np.asarray(epochs, float), np.asarray(runs_per_week, float))
    able = np.isfinite(field.middle).any(axis=0)
    best = np.where(able, field.middle.argmin(axis=0), NOBODY)
    return DecisionMap(
        options=tuple(option.name for option in options),
        epochs=tuple(map(float, epochs)),
        runs_per_week=tuple(map(float, runs_per_week)),
        best=best,
        tied=_close(field, best),
        negligible=_negligible(field, workload.negligible * workload.use.months),
    )


def _negligible(field: _Field, most: float) -> NDArray[np.bool_]:
    """Where the first option can do the job and no other saves more than `most` over all jobs."""
    able = np.isfinite(field.middle)
    least = np.where(able, field.low, np.inf).min(axis=0)
    saved = np.where(able[0], field.high[0], 0.0) - np.where(able[0], least, 0.0)
    return np.asarray(able[0] & (saved * field.runs * field.weeks <= most))


def _field(options: Sequence[Option], workload: Workload, epochs: Floats, runs: Floats) -> _Field:
    """Least, middle and greatest cost; infinite where an option cannot do the job.

    A cost never falls when the seconds rise, so the bands of the cost are the costs of the bands.
    """
    weeks = workload.use.months * WEEKS_A_MONTH
    lasting = tuple(seconds_of(option, epochs[:, None], workload) for option in options)
    seconds = tuple(
        billed(o, samples, workload) for o, samples in zip(options, lasting, strict=True)
    )
    bands: list[list[Floats]] = []
    for option, times, samples in zip(options, lasting, seconds, strict=True):
        edges = (samples.min(axis=1), samples[:, 0], samples.max(axis=1))
        out = cannot(option, times[:, :1], workload, runs)
        costs = (job_cost(option.price, edge[:, None], runs * weeks, weeks) for edge in edges)
        bands.append([np.where(out, np.inf, cost) for cost in costs])
    low, middle, high = (np.stack(band) for band in zip(*bands, strict=True))
    return _Field(
        options=tuple(options),
        seconds=seconds,
        runs=runs,
        weeks=weeks,
        low=low,
        middle=middle,
        high=high,
    )


def _close(field: _Field, best: Grid) -> NDArray[np.bool_]:
    """Where some option is not clearly more expensive than the best."""
    tied = np.zeros(best.shape, dtype=bool)
    highest = np.take_along_axis(field.high, np.maximum(best, 0)[None], axis=0)[0]
    for winner in np.unique(best[best != NOBODY]):
        for other in range(len(field.options)):
            theirs = (best == winner) & np.isfinite(field.middle[other]) & ~tied
            if other != winner and theirs.any():
                tied |= theirs & _doubt(field, (int(winner), other), highest, theirs)
    return tied


def _doubt(
    field: _Field, pair: tuple[int, int], highest: Floats, cells: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Where the first of the pair is not clearly cheaper than the second."""
    weakest = joint([field.options[index].timing for index in pair])
    floor = field.low[pair[1]]
    if weakest.few:
        return np.logical_not(_apart(highest, floor, weakest))
    doubt = np.zeros(cells.shape, dtype=bool)
    for chunk in _chunks(cells & (floor <= highest)):
        doubt[chunk] = np.logical_not(clearly_less(*_costs(field, pair, chunk), weakest))
    return doubt


def _apart(highest: Floats, lowest: Floats, weakest: Timing) -> NDArray[np.bool_]:
    """The rule for few rounds, which needs no more than the edges of the bands."""
    return np.asarray(clearly_less(highest[..., None], lowest[..., None], weakest))


def _chunks(cells: NDArray[np.bool_]) -> list[tuple[Grid, Grid]]:
    rows, columns = np.nonzero(cells)
    return [
        (rows[start : start + CHUNK], columns[start : start + CHUNK])
        for start in range(0, len(rows), CHUNK)
    ]


def _costs(field: _Field, pair: tuple[int, int], cells: tuple[Grid, Grid]) -> tuple[Floats, Floats]:
    """All samples of the costs of both options in these cells, shape (cells, samples)."""
    rows, columns = cells
    jobs = (field.runs[columns] * field.weeks)[:, None]
    less, more = (
        job_cost(field.options[index].price, field.seconds[index][rows], jobs, field.weeks)
        for index in pair
    )
    return less, more
