"""How long an epoch takes on hardware that was not measured: a middle and an honest band.

Pure: from a step that was measured on a processor, the place, and the parameters that published
figures gave. docs/estimate.md shows how often the band was right.
"""

import math
from dataclasses import dataclass
from typing import Literal

from bench.errors import UsageError
from bench.verdict.pace import Pace, Strength, of_two_threads
from bench.verdict.parameters import Parameters, shipped, step_ms
from bench.verdict.published import KINDS, STEP_MS_MOST, Kind, like, ours
from bench.verdict.published.hardware import Host, Place, Processor, place

Bound = Literal["host", "compute", "input"]
THIS, COLAB_CPU = "this", "colab-cpu"
LEAST_STEP_MS = 0.05  # no framework issues a step sooner, on any machine
STEPS_MOST = 10_000_000
COLAB_THREADS = 2

# Half-widths of the band as factors, found by leaving one source out (docs/estimate.md).
HALF_WIDTH: dict[Host, float] = {"hosted": 1.9, "vm": 2.0, "pc": 2.0, "apple": 2.4}
IMAGES_HALF_WIDTH = 3.2  # the share of an image step that is input is not known
NO_FIGURES = 1.7  # a place of which there is no figure: scaled by its data sheet
FEW_PAIRS: dict[Kind, float] = {"sequence": 1.3}  # one published pair carries no narrower band
OTHER_PROCESSOR = 1.5  # from the one that we measured to another of today's
REFERENCE_THREADS = 2
COLAB_DIFFERS = 1.3  # from one session's processor to another's
RESTS_ON_MOST = 12

# What Keras does around an epoch, its callbacks and the start of two loops: an epoch of `line`, one
# step of one neuron, takes so long (`cpu` of the committed campaign, AMD EPYC, 2026-11-25).
AROUND_EPOCH_MS = 37.0
AROUND_MOST = 0.9  # of an epoch

# The first epoch also traces, compiles and fills the pipeline: seconds that published first epochs
# on GPUs took longer than the later ones, a tenth of them less, half of them, a tenth more.
FIRST_EPOCH: dict[Kind, tuple[float, float, float]] = {
    "dense": (0.0, 1.0, 2.0),
    "cnn": (1.0, 6.2, 21.6),
    "images": (2.5, 13.0, 35.0),
    "text": (2.0, 7.0, 33.2),
    "sequence": (3.0, 3.8, 6.9),
}


@dataclass(frozen=True, kw_only=True)
class Band:
    """A middle with its ends."""

    low: float
    middle: float
    high: float

    def times(self, factor: float) -> "Band":
        """All three, so many times."""
        return Band(low=self.low * factor, middle=self.middle * factor, high=self.high * factor)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What was measured on a processor: milliseconds of a step, an epoch's seconds over its steps.

    input_ms: the input alone, of a step, on `threads` of that processor. host: whose processor it
    is. strength: that one against Colab's, where it was measured; None is what two threads of a
    processor of today were found to be, and the number of its threads.
    """

    kind: Kind
    step_ms: float
    steps: int
    input_ms: float | None = None
    host: str = THIS
    threads: int = 2
    strength: Strength | None = None


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """An epoch on a place; `speedup` is over the processor the step was measured on."""

    on: str
    kind: Kind
    epoch_seconds: Band
    first_epoch_extra_seconds: Band
    speedup: Band
    bound_by: Bound
    rests_on: tuple[str, ...]
    basis: Literal["estimated"] = "estimated"


def estimate_on(on: str, work: Work, found: Parameters | None = None) -> Estimate:
    """An epoch of `work` on the place of that name. Raises UsageError for what makes no sense."""
    check(work)
    where, found = place(on), found or shipped()
    around = _around_ms(work)
    colab_ms = (work.step_ms - around / work.steps) * _times_colab(work, found)
    parts = (colab_ms, 0.0, 0.0)
    if not where.processor:
        parts = step_ms(found, work.kind, colab_ms, where, _input_ms(work, where))
    host, arithmetic, input_ms = parts
    there = around * _around_there(work, where, found) / work.steps
    step = there + host + max(arithmetic, input_ms)
    middle = step * work.steps / 1000
    width = half_width(work, where)
    return Estimate(
        on=on,
        kind=work.kind,
        epoch_seconds=Band(low=middle / width, middle=middle, high=middle * width),
        first_epoch_extra_seconds=_first_epoch(work, where),
        speedup=Band(
            low=work.step_ms / step / width,
            middle=work.step_ms / step,
            high=work.step_ms / step * width,
        ),
        bound_by=_bound((host + there, arithmetic, input_ms), where),
        rests_on=_rests_on(work.kind, where),
    )


def check(work: Work) -> None:
    """Raise UsageError, in one line, for numbers that are no step."""
    if work.kind not in KINDS:
        raise UsageError(f"no kind of model is called {work.kind!r}; there are: {', '.join(KINDS)}")
    if work.host not in (THIS, COLAB_CPU):
        raise UsageError(f"--host {work.host}: say {THIS} or {COLAB_CPU}, whose step was measured")
    for name, value in (("--step-ms", work.step_ms), ("--input-ms", work.input_ms)):
        if value is not None and not (math.isfinite(value) and 0 < value <= STEP_MS_MOST):
            raise UsageError(f"{name} is {value:g}: milliseconds of one step, more than 0")
    if not 1 <= work.steps <= STEPS_MOST:
        raise UsageError(f"--steps is {work.steps}: whole steps of an epoch, at least 1")
    if work.step_ms < LEAST_STEP_MS:
        raise UsageError(
            f"--step-ms is {work.step_ms:g}: no machine issues a step in under "
            f"{LEAST_STEP_MS:g} ms; it is the seconds of an epoch over its steps, times 1000"
        )


def _around_ms(work: Work) -> float:
    """What of an epoch is no step: Keras' own work around it, on one thread.

    Of figures that others published it is not known, and their epochs are long.
    """
    if work.host == COLAB_CPU:
        return 0.0
    return min(AROUND_EPOCH_MS, AROUND_MOST * work.step_ms * work.steps)


def _around_there(work: Work, where: Place, found: Parameters) -> float:
    """How many times as long that takes there: by one thread of its host, as dense layers do."""
    colab = _strength(work).of("dense").middle
    return colab if where.processor else colab * found.host.get(where.host, 1.0)


def _times_colab(work: Work, found: Parameters) -> float:
    """The measured processor against Colab's."""
    if work.host == COLAB_CPU:
        return 1.0
    cores = 1.0 if work.strength else max(1.0, work.threads / REFERENCE_THREADS)
    return found.strength(Processor(cores=cores, pace=_pace(work).middle))


def _pace(work: Work) -> Pace:
    """For its kind of model, by models measured on this machine, else by those that we measured."""
    return _strength(work).of(work.kind)


def _strength(work: Work) -> Strength:
    return work.strength or of_two_threads()


def _processor_doubts(work: Work) -> list[float]:
    """By which factors what is known of the measured processor may be off."""
    if work.host == COLAB_CPU:
        return []
    return [_pace(work).half_width, *([] if work.strength else [OTHER_PROCESSOR])]


def _input_ms(work: Work, where: Place) -> float | None:
    """The input of a step on the place's host, by its threads."""
    if work.input_ms is None:
        return None
    threads = COLAB_THREADS if work.host == COLAB_CPU else work.threads
    return work.input_ms * threads / where.threads


def half_width(work: Work, where: Place) -> float:
    """By which factor the band reaches to either side; independent doubts add as logarithms."""
    if where.processor:
        doubts = _processor_doubts(work) or [COLAB_DIFFERS]
    else:
        unknown = work.kind == "images" and work.input_ms is None
        narrow = HALF_WIDTH[where.host] * FEW_PAIRS.get(work.kind, 1.0)
        doubts = [IMAGES_HALF_WIDTH if unknown else narrow]
        doubts += [] if known(where) else [NO_FIGURES]
        doubts += _processor_doubts(work)
    return math.exp(math.sqrt(sum(math.log(doubt) ** 2 for doubt in doubts)))


def known(where: Place) -> bool:
    """Whether anybody has published or measured an epoch there."""
    return bool(where.figures) or any(place(one.place) == where for one in ours().values())


def _bound(parts: tuple[float, float, float], where: Place) -> Bound:
    if where.processor:
        return "compute"
    names: tuple[Bound, ...] = ("host", "compute", "input")
    return names[parts.index(max(parts))]


def _first_epoch(work: Work, where: Place) -> Band:
    low, middle, high = (0.5, 1.0, 3.0) if where.processor else FIRST_EPOCH[work.kind]
    return Band(low=low, middle=middle, high=high)


def _rests_on(kind: Kind, where: Place) -> tuple[str, ...]:
    """The ids of the figures of that kind of model on that place."""
    published = tuple(figure.id for figure in like(kind, where.figures))
    measured = tuple(
        name for name, one in ours().items() if one.kind == kind and place(one.place) == where
    )
    return (*measured, *published)[:RESTS_ON_MOST]
