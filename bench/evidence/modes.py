"""How far repeats lie apart, and whether they fall into two modes."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from bench.evidence.derive import steady_epoch_seconds
from bench.evidence.limits import LIMITS
from bench.evidence.record import Record


def steady_seconds(pool: Iterable[Record]) -> list[float]:
    """The steady epoch of each repeat that has one, sorted."""
    return sorted(s for record in pool if (s := steady_epoch_seconds(record)) is not None)


def spread(seconds: Sequence[float]) -> float | None:
    """(largest - smallest) / median; None below two repeats, or where they took no time."""
    if len(seconds) < 2 or median(seconds) <= 0:
        return None
    return (max(seconds) - min(seconds)) / median(seconds)


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


def spoken_modes(seconds: Sequence[float]) -> str:
    """The two modes as the end of a sentence; nothing where there is one."""
    found = modes(seconds)
    if found is None:
        return ""
    low, high = found
    return (
        f", in two modes: {median(low):.3g} s ({len(low)} times) "
        f"and {median(high):.3g} s ({len(high)} times)"
    )
