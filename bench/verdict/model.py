"""How long a job takes: t(n) = s + n e, sampled.

Every sampled quantity is an array whose first entry is the estimate itself and whose others are
resamples: a formula is applied to the whole array at once, so intervals come from resampling
rounds through the whole model and not from error bars added up.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from bench.verdict.prices import Owned, Price
from bench.verdict.statistics import (
    ENOUGH_ROUNDS,
    RESAMPLES,
    SEED,
    Estimate,
    Floats,
    apart_factor,
    bounds,
    draws,
    interval_name,
    resampled,
    tail,
)
from bench.verdict.table import SESSION, Pool

SAMPLES = RESAMPLES + 1
FIT_WITHIN = 0.10
Basis = Literal["measured", "published", "estimated", "assumed"]
NO_ROUNDS = 10**6  # of a number that somebody stated: it has no spread of its own


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a number comes from."""

    what: str
    basis: Basis
    text: str


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Start and steady epoch, shape (SAMPLES,), in seconds.

    `rounds` are those behind it; `ranged` is true where the samples only span a stated range.
    """

    start: Floats
    epoch: Floats
    rounds: int = NO_ROUNDS
    ranged: bool = False

    @property
    def few(self) -> bool:
        """Whether the samples are a range and not an interval."""
        return self.ranged or self.rounds < ENOUGH_ROUNDS


@dataclass(frozen=True, kw_only=True)
class Option:
    """A place to train: how long it takes there and what it costs.

    `model_error` is how far the model is from the total that was measured, as a share of it;
    `obstacle` says why the job cannot run there at all; `suspects` are the marks of the
    repeats behind it.
    """

    name: str
    price: Price
    timing: Timing
    origins: tuple[Origin, ...]
    model_error: float = 0.0
    obstacle: str | None = None
    suspects: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the model gives the measured total back within 10 %."""
        return abs(self.model_error) <= FIT_WITHIN

    def with_timing(self, start: Floats, epoch: Floats) -> "Option":
        """The same option with other samples."""
        return replace(self, timing=replace(self.timing, start=start, epoch=epoch))

    @property
    def rented(self) -> bool:
        """Whether it is somebody else's machine."""
        return not isinstance(self.price, Owned)

    @property
    def assumes(self) -> bool:
        """Whether anything about it was not measured: its speed, its start or its price."""
        return self.price.assumed or any(origin.basis != "measured" for origin in self.origins)


def exact(value: float) -> Floats:
    """A number somebody stated, the same in every sample."""
    return np.full(SAMPLES, float(value))


def spread(low: float, high: float, seed: str, middle: float | None = None) -> Floats:
    """A stated range: evenly spread over its factors, the same for the same `seed`.

    The first entry is `middle`, or where none is stated the middle of the factors.
    """
    steps = np.geomspace(low, high, RESAMPLES)
    shuffled = np.random.default_rng(zlib.crc32(seed.encode())).permutation(steps)
    return np.concatenate([[np.sqrt(low * high) if middle is None else middle], shuffled])


def measured(pool: Pool) -> Timing:
    """Start and epoch of a pool, resampled together; pools of the same rounds share the draws.

    The start of a rented machine holds what its session took before the run, as far as known.
    """
    rounds = pool.rounds[["start_seconds", "epoch_seconds"]].dropna()
    session = pool.rounds.loc[rounds.index, list(SESSION)].sum(axis=1)
    rounds = rounds.assign(start_seconds=rounds["start_seconds"] + session)
    key = zlib.crc32("|".join(map(str, rounds.index)).encode())
    indices = draws(len(rounds), SEED + key)
    start, epoch = (
        np.concatenate([[np.median(values)], resampled(values, indices)])
        for values in (rounds[name].to_numpy() for name in rounds.columns)
    )
    return Timing(start=start, epoch=epoch, rounds=len(rounds))


def model_error(pool: Pool) -> float:
    """How far t(n) at the measured n is from the measured total: 0.1 is 10 % more."""
    longest = pool.of_epochs(pool.rounds["epochs"].max()).rounds
    start, epoch = (float(pool.rounds[n].median()) for n in ("start_seconds", "done_epoch_seconds"))
    total, epochs = (float(longest[n].median()) for n in ("total_seconds", "epochs"))
    return (start + epochs * epoch) / total - 1


def job_seconds(timing: Timing, epochs: Floats | float, session: float | None = None) -> Floats:
    """t(n), broadcast: `epochs` of shape (…, 1) or a number against the samples.

    With `session` the job is cut into sessions of at most so many seconds, each of which pays the
    start again and holds whole epochs; infinite where not even one epoch fits.
    """
    n = np.asarray(epochs, dtype=float)
    if session is None:
        return np.asarray(timing.start + n * timing.epoch)
    whole = np.floor((session - timing.start) / timing.epoch)
    sessions = np.where(whole >= 1, np.ceil(n / np.maximum(whole, 1)), np.inf)
    return np.asarray(n * timing.epoch + sessions * timing.start)


def summary(samples: Floats, timing: Timing) -> Estimate:
    """The estimate of a sampled quantity with its bounds."""
    rounds = 1 if timing.ranged else timing.rounds
    low, high = bounds(samples, rounds)
    return Estimate(middle=float(samples[0]), low=low, high=high, rounds=timing.rounds)


def interval_of(timing: Timing) -> str:
    """What the bounds of a summary are, in words."""
    if timing.ranged:
        return "stated range"
    return "stated" if timing.rounds == NO_ROUNDS else interval_name(timing.rounds)


def joint(timings: Sequence[Timing]) -> Timing:
    """The weakest basis among several, for a quantity made of all of them."""
    weakest = min(timings, key=lambda timing: timing.rounds)
    return Timing(
        start=weakest.start,
        epoch=weakest.epoch,
        rounds=weakest.rounds,
        ranged=any(timing.ranged for timing in timings),
    )


def clearly_less(less: Floats, more: Floats, weakest: Timing) -> Floats:
    """Whether `less` is less than `more` beyond doubt, over the last axis.

    From six rounds on: the interval of the ratio lies on one side of 1. Where fewer rounds stand
    behind it, the ranges are apart by the factor that few rounds need; a range that was stated is
    all there is to doubt, so it is enough that it lies apart. Multiplied, never divided, because a
    cost may be 0.
    """
    if not weakest.few:
        doubtful = np.count_nonzero(more <= less, axis=-1)
        return np.asarray(doubtful < tail(weakest.rounds) * SAMPLES)
    factor = 1.0 if weakest.rounds >= ENOUGH_ROUNDS else apart_factor(weakest.rounds)
    return np.asarray(more.min(axis=-1) > factor * less.max(axis=-1))
