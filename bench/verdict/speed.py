"""How many times as fast a place that nobody measured is. The one function that says so.

Whoever wants another source of speeds changes this file and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from bench.evidence.words import counted
from bench.verdict import estimate
from bench.verdict.estimate import Estimate, estimate_on
from bench.verdict.model import Basis
from bench.verdict.pace import Strength
from bench.verdict.prices import Price
from bench.verdict.published import KINDS, Kind
from bench.verdict.published.hardware import place, place_of_gpu

STEPS = 100  # of an epoch where only its seconds are known: a speed-up does not depend on it
# Milliseconds of a step that published processors took, a quarter of them less and a quarter more:
# what a step may be where only an epoch's seconds are known.
STEP_MS: Mapping[Kind, tuple[float, float]] = {
    "dense": (2.0, 8.3),
    "cnn": (21.8, 148.0),
    "images": (3250.0, 9875.0),
    "text": (30.8, 250.0),
    "sequence": (34.2, 212.0),
}


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is to be trained, as far as it is known; `kind` of None may be any.

    `epoch_seconds` and `steps` (of an epoch) are those of this machine, with its `processors` (0:
    not known); `input_seconds` of an epoch are what the input alone takes here. `strength` is what
    its processor is against Colab's, where that was measured.
    """

    kind: Kind | None
    epoch_seconds: float
    steps: int | None = None
    processors: int = 0
    input_seconds: float | None = None
    strength: Strength | None = None


@dataclass(frozen=True, kw_only=True)
class Speedup:
    """An epoch there takes 1/`middle` of the time it takes here, 1/`high` to 1/`low`."""

    low: float
    middle: float
    high: float
    basis: Basis
    rests_on: str


def speed_of_place(price: Price, work: Work) -> Speedup | None:
    """The speed of a place over this machine's processors; None where nobody knows it."""
    name = place_of_gpu(price.gpu or "")
    if name is None or work.epoch_seconds <= 0:
        return None
    kinds = KINDS if work.kind is None else (work.kind,)
    found = [estimate_on(name, step) for kind in kinds for step in _steps(kind, work)]
    return _spanning(name, found)


def _steps(kind: Kind, work: Work) -> list[estimate.Work]:
    """The step that was measured, or the range in which it may lie."""
    if not work.steps:
        return [_step(kind, work, ms, STEPS) for ms in STEP_MS[kind]]
    step_ms = work.epoch_seconds / work.steps * 1000
    return [] if step_ms < estimate.LEAST_STEP_MS else [_step(kind, work, step_ms, work.steps)]


def _step(kind: Kind, work: Work, step_ms: float, steps: int) -> estimate.Work:
    input_seconds = work.input_seconds if work.steps else None
    return estimate.Work(
        kind=kind,
        step_ms=step_ms,
        steps=steps,
        input_ms=input_seconds / steps * 1000 if input_seconds else None,
        threads=work.processors or 2,
        strength=work.strength,
    )


def _spanning(name: str, found: list[Estimate]) -> Speedup | None:
    """The range over all that it may be."""
    if not found:
        return None
    low, high = min(e.speedup.low for e in found), max(e.speedup.high for e in found)
    middle = found[0].speedup.middle if len(found) == 1 else sqrt(low * high)
    figures = len({figure for e in found for figure in e.rests_on})
    basis = f"{counted(figures, 'figure')} of it" if figures else "scaled from other hardware"
    text = (
        f"{low:.2g}x to {high:.2g}x on {place(name).title}: estimated, {basis} (docs/estimate.md)"
    )
    return Speedup(low=low, middle=middle, high=high, basis="estimated", rests_on=text)
