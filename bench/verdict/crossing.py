"""From how many epochs on another option is faster, and how fast it must be."""

from dataclasses import dataclass

import numpy as np

from bench.verdict.model import Option, joint, summary
from bench.verdict.statistics import Floats, bounds


@dataclass(frozen=True, kw_only=True)
class TimeCrossing:
    """From how many epochs on `b`, which has the faster epoch, is faster than `a`.

    Infinite means never, 0 means always. The shares are those of the resamples; `reversed_share`
    is that of resamples in which `b` has the slower epoch and the faster start after all.
    """

    a: str
    b: str
    middle: float
    low: float
    high: float
    always_a: float
    always_b: float
    crosses: float
    reversed_share: float


def time_crossing(one: Option, other: Option) -> TimeCrossing:
    """n* = (s_B - s_A) / (e_A - e_B), where B is the option with the faster steady epoch."""
    b, a = sorted((one, other), key=lambda option: (option.timing.epoch[0], option.timing.start[0]))
    start = b.timing.start - a.timing.start
    epoch = a.timing.epoch - b.timing.epoch
    never = (epoch <= 0) & (start >= 0)
    always = (start <= 0) & (epoch >= 0) & ~never
    backwards = (epoch < 0) & (start < 0)
    found = summary(epoch_crossing(start, epoch), joint((a.timing, b.timing)))
    return TimeCrossing(
        a=a.name,
        b=b.name,
        middle=found.middle,
        low=found.low,
        high=found.high,
        always_a=float(never.mean()),
        always_b=float(always.mean()),
        crosses=float(((epoch > 0) & (start > 0)).mean()),
        reversed_share=float(backwards.mean()),
    )


def epoch_crossing(start: Floats, epoch: Floats) -> Floats:
    """`start` more seconds won back by `epoch` fewer an epoch: 0 is at once, infinite is never."""
    gains = epoch > 0
    safe = np.where(gains, epoch, 1.0)
    at_equal_epochs = np.where((epoch == 0) & (start < 0), 0.0, np.inf)
    return np.where(gains, np.maximum(start, 0.0) / safe, at_equal_epochs)


@dataclass(frozen=True, kw_only=True)
class RequiredSpeedup:
    """How many times as fast an epoch the cloud needs, at so many epochs; infinite: impossible."""

    epochs: float
    middle: float
    low: float
    high: float


def required_speedup(local: Option, session_start: float, epochs: float) -> RequiredSpeedup:
    """At least n e_A / (n e_A + s_A - s_B); impossible where the denominator is not positive."""
    work = epochs * local.timing.epoch
    left = work + local.timing.start - session_start
    times = np.where(left > 0, work / np.where(left > 0, left, 1.0), np.inf)
    low, high = bounds(times, local.timing.rounds)
    return RequiredSpeedup(epochs=epochs, middle=float(times[0]), low=low, high=high)
