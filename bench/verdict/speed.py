"""How many times as fast a place that nobody measured is. The one function that says so.

Whoever wants another source of speeds changes this file and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from bench.verdict.model import Basis
from bench.verdict.prices import Price
from bench.verdict.published import Speed, load_speeds, over
from bench.verdict.request import CATEGORY_KINDS, Kind


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is to be trained, as far as it is known; `kind` of None may be any.

    `epoch_seconds` and `step_seconds` are those of this machine, with its `processors` (0: not
    known).
    """

    kind: Kind | None
    epoch_seconds: float
    step_seconds: float | None = None
    steps: int | None = None
    processors: int = 0


@dataclass(frozen=True, kw_only=True)
class Speedup:
    """An epoch there takes 1/`middle` of the time it takes here, 1/`high` to 1/`low`."""

    low: float
    middle: float
    high: float
    basis: Basis
    rests_on: str


def speed_of_place(place: Price, work: Work) -> Speedup | None:
    """The speed of a place over this machine's processors; None where nobody knows it."""
    found = [s for s in load_speeds() if place.gpu in s.gpus and _covers(s, work.kind)]
    return _spanning(found, work) if found else None


def _covers(speed: Speed, kind: Kind | None) -> bool:
    return kind is None or kind in {CATEGORY_KINDS[number] for number in speed.categories}


def _spanning(found: Sequence[Speed], work: Work) -> Speedup:
    """The range over all that was published of such work."""
    ranges = [over(speed, work.processors) for speed in found]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    text = f"{low:.3g}x to {high:.3g}x: " + "; ".join(f"{s.source}, {s.seen}" for s in found)
    if any(pair != (s.low, s.high) for pair, s in zip(ranges, found, strict=True)):
        text += f"; wider, as this machine has {work.processors} processors"
    return Speedup(low=low, middle=sqrt(low * high), high=high, basis="published", rests_on=text)
