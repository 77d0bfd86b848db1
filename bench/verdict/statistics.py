"""Medians, ratios and what may be said of them after few or many rounds.

Knows numbers and rounds, nothing of records, prices or tasks. docs/method.md shows by
simulation how often these rules are wrong, docs/decisions/0010-few-rounds.md why they are so.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from bench.errors import UsageError

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
RoundValues = Mapping[Hashable, float]
Winner = Literal["a", "b"]

# From six rounds on a 95 % interval by resampling is wrong about as often as it says.
ENOUGH_ROUNDS = 6
# Under three rounds one side may lie wholly in a slow mode; the mode seen here costs a factor of 2.
FEW_ROUNDS = 3
APART = 1.5
APART_FEW = 3.0
LEVEL = 0.95
# Odd, so that the median of the resamples is one of them and survives any monotone function.
RESAMPLES = 2001
SEED = 20261122


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A median with its 95 % interval, or, under six rounds, with the range of all rounds."""

    middle: float
    low: float
    high: float
    rounds: int

    @property
    def interval(self) -> str:
        """What low and high are, in words."""
        return interval_name(self.rounds)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two sides and a / b. `winner` is the side with less; None is too close to call."""

    a: Estimate
    b: Estimate
    ratio: Estimate
    winner: Winner | None
    preliminary: bool
    paired: bool
    left_out: int

    @property
    def pairing(self) -> str:
        """How the sides were resampled, in words."""
        if not self.paired:
            return "rounds not shared: each side by itself"
        left = f", {self.left_out} without a partner left out" if self.left_out else ""
        return f"paired by round{left}"


def interval_name(rounds: int) -> str:
    """What an interval over that many rounds is called."""
    return "95 % interval" if rounds >= ENOUGH_ROUNDS else f"range of {rounds}"


def apart_factor(rounds: int) -> float:
    """By how much two ranges must be apart for a winner, under six rounds."""
    return APART if rounds >= FEW_ROUNDS else APART_FEW


def draws(rounds: int, seed: int = SEED) -> Indices:
    """Which rounds each resample holds, shape (RESAMPLES, k), the same for the same seed.

    From six rounds on k is their number. Under six a resample is one single round, so that the
    least and the greatest of the resamples are the range.
    """
    size = rounds if rounds >= ENOUGH_ROUNDS else 1
    return np.random.default_rng([seed, rounds]).integers(rounds, size=(RESAMPLES, size))


def resampled(values: Sequence[float] | Floats, indices: Indices) -> Floats:
    """The median of each resample, shape (RESAMPLES,)."""
    return np.asarray(np.median(np.asarray(values, dtype=float)[indices], axis=1))


def tail(rounds: int) -> float:
    """The share of resamples to cut off at either end for a 95 % interval over so many rounds.

    A plain percentile interval is too narrow for few rounds: by sqrt((n - 1) / n), and by the
    quantile of the normal instead of Student's distribution. The "expanded percentile interval"
    of Hesterberg, What Teachers Should Know About the Bootstrap (2015), 5.3, mends both.
    """
    quantile = stdtrit(rounds - 1, (1 + LEVEL) / 2) * np.sqrt(rounds / (rounds - 1))
    return float(ndtr(-quantile))


def bounds(samples: Floats, rounds: int) -> tuple[float, float]:
    """The 95 % interval of resamples, or all of them under six rounds; infinities are allowed."""
    if rounds < ENOUGH_ROUNDS:
        return float(samples.min()), float(samples.max())
    cut = tail(rounds)
    low, high = np.quantile(samples, [cut, 1 - cut], method="inverted_cdf")
    return float(low), float(high)


def estimate(values: Sequence[float]) -> Estimate:
    """The median of positive values, one a round. Raises UsageError where there is none."""
    _check(values)
    low, high = bounds(resampled(values, draws(len(values))), len(values))
    return Estimate(middle=float(np.median(values)), low=low, high=high, rounds=len(values))


def compare(a: RoundValues, b: RoundValues) -> Comparison:
    """Compare two sides, each a value a round; rounds with the same key were run side by side.

    Raises UsageError for a side without values, or with one that is not a positive number.
    """
    shared = _shared(a, b)
    left, right = ([side[key] for key in shared or sorted(side, key=str)] for side in (a, b))
    first, second = estimate(left), estimate(right)
    rounds = min(first.rounds, second.rounds)
    ratio = _ratio(left, right, rounds=rounds, paired=bool(shared))
    return Comparison(
        a=first,
        b=second,
        ratio=ratio,
        winner=_winner(first, second, ratio),
        preliminary=rounds < ENOUGH_ROUNDS,
        paired=bool(shared),
        left_out=len(a) + len(b) - len(left) - len(right),
    )


def _shared(a: RoundValues, b: RoundValues) -> list[Hashable]:
    """The rounds both sides have; none where pairing would throw most of a side away."""
    shared = sorted(a.keys() & b.keys(), key=str)
    enough = len(shared) >= ENOUGH_ROUNDS or len(shared) == min(len(a), len(b))
    return shared if enough else []


def _ratio(a: list[float], b: list[float], *, rounds: int, paired: bool) -> Estimate:
    """The ratio of medians a / b; under six rounds every value meets every other."""
    middle = float(np.median(a) / np.median(b))
    if rounds < ENOUGH_ROUNDS:
        low, high = min(a) / max(b), max(a) / min(b)
    else:
        samples = resampled(a, draws(len(a))) / resampled(b, draws(len(b), SEED + (not paired)))
        low, high = bounds(samples, rounds)
    return Estimate(middle=middle, low=low, high=high, rounds=rounds)


def _winner(a: Estimate, b: Estimate, ratio: Estimate) -> Winner | None:
    limit = 1.0 if ratio.rounds >= ENOUGH_ROUNDS else apart_factor(ratio.rounds)
    if a.middle < b.middle and ratio.high < 1 / limit:
        return "a"
    return "b" if b.middle < a.middle and ratio.low > limit else None


def _check(values: Sequence[float]) -> None:
    if not values:
        raise UsageError("no rounds to take a median of: run the campaign first")
    wrong = next((v for v in values if not (np.isfinite(v) and v > 0)), None)
    if wrong is not None:
        raise UsageError(f"{wrong!r} is no positive number of seconds: that record cannot count")
