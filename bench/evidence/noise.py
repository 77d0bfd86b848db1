"""How noisy the repeats of a pool are, in which modes they fall, and what makes them noisy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, quantiles
from typing import Literal

from bench.evidence.derive import steady_epoch_seconds, steady_epochs
from bench.evidence.limits import LIMITS
from bench.evidence.record import Record

NoiseClass = Literal["quiet", "ordinary", "noisy"]
NOTCH = 1.57  # McGill, Tukey, Larsen: Variations of Box Plots, The American Statistician 32 (1978)
FEWEST = 3


@dataclass(frozen=True, kw_only=True)
class Noise:
    """`half_width` is that of the median's interval, as a share of the median.

    `slower` is the share of the lost time in which the same work took more processor seconds (a
    slower processor: a neighbour on the core), the rest was waited for. None where the epochs'
    processor seconds are not known, or nothing was lost.
    """

    kind: NoiseClass
    half_width: float
    slower: float | None
    modes: tuple[Sequence[float], Sequence[float]] | None


def noise_of(repeats: Sequence[Record]) -> Noise | None:
    """The noise of a pool's repeats; None under three."""
    seconds = steady_seconds(repeats)
    if len(seconds) < FEWEST or median(seconds) <= 0:
        return None
    width = half_width(seconds)
    return Noise(
        kind=_kind(width), half_width=width, slower=slower_share(repeats), modes=modes(seconds)
    )


def half_width(seconds: Sequence[float]) -> float:
    """Half of the 95 % interval of the median over the median: the notch of a box plot."""
    lower, _, upper = quantiles(seconds, n=4, method="inclusive")
    return float(NOTCH * (upper - lower) / len(seconds) ** 0.5 / median(seconds))


def _kind(width: float) -> NoiseClass:
    if width <= LIMITS["quiet"][0]:
        return "quiet"
    return "ordinary" if width <= LIMITS["noisy"][0] else "noisy"


def steady_seconds(repeats: Iterable[Record]) -> list[float]:
    """The steady epoch of each repeat that has one, sorted."""
    return sorted(s for record in repeats if (s := steady_epoch_seconds(record)) is not None)


def slower_share(repeats: Iterable[Record]) -> float | None:
    """Of what the repeats lost against the fastest, the share that was a slower processor.

    Where a repeat took longer and its threads used more processor seconds for the same work, the
    processor was slower, by so many seconds over the processors that the fastest had in use.
    """
    times = [pair for record in repeats if (pair := _wall_and_processor(record)) is not None]
    if len(times) < 2:
        return None
    best_wall, best_used = min(times)
    lost = sum(wall - best_wall for wall, _ in times)
    if lost <= 0 or best_used <= 0:
        return None
    in_use = best_used / best_wall
    slower = sum(
        min(max(0.0, (used - best_used) / in_use), wall - best_wall) for wall, used in times
    )
    return slower / lost


def _wall_and_processor(record: Record) -> tuple[float, float] | None:
    """The medians of the later epochs' wall and processor seconds."""
    later = steady_epochs(record)
    used = [epoch.processor_seconds for epoch in later if epoch.processor_seconds is not None]
    wall = steady_epoch_seconds(record)
    if wall is None or len(used) < len(later):
        return None
    return wall, median(used)


def modes(seconds: Sequence[float]) -> tuple[Sequence[float], Sequence[float]] | None:
    """The two groups that the widest gap makes, where it is wide and each has two repeats."""
    ordered = sorted(seconds)
    gaps = [
        (after / before - 1, place)
        for place, (before, after) in enumerate(pairwise(ordered), 1)
        if before > 0
    ]
    if not gaps:
        return None
    widest, place = max(gaps)
    low, high = ordered[:place], ordered[place:]
    if widest <= LIMITS["two-modes"][0] or min(len(low), len(high)) < 2:
        return None
    return low, high


def spoken(noise: Noise | None) -> str:
    """The class with its half-width, in few letters for a table: `noisy ±16%`."""
    return "–" if noise is None else f"{noise.kind} ±{noise.half_width:.0%}"


def explained(noise: Noise) -> str:
    """Modes and causes as a sentence's end; nothing where there is nothing to say."""
    parts = []
    if noise.modes:
        low, high = noise.modes
        parts.append(
            f"in two modes: {median(low):.3g} s ({len(low)} times) "
            f"and {median(high):.3g} s ({len(high)} times)"
        )
    if noise.slower is not None and noise.kind != "quiet":
        parts.append(
            f"{noise.slower:.0%} of the loss a slower processor, {1 - noise.slower:.0%} waiting"
        )
    return "; ".join(parts)
