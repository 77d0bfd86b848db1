"""How strong this machine's processor is against Colab's: the same models, measured on both.

Colab's side was published; ours are records of the tasks in benchmarks/published_models. Knows
nothing of places or prices.
"""

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import geometric_mean, median
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta, Struct

from bench.evidence.derive import steady_epoch_seconds, steady_train_seconds
from bench.evidence.record import Record
from bench.verdict.published import FILE, load
from bench.verdict.published.hardware import Processor
from bench.verdict.table import Pool

LEAST_MODELS = 4  # fewer say more of themselves than of the processor
BAND = (0.1, 0.9)  # of the models' ratios
LEAST_HALF_WIDTH = 1.2  # published seconds are whole ones


class Link(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The figures that a task repeats, and whether their epochs were validated as its are."""

    figures: Annotated[tuple[str, ...], Meta(min_length=1)]
    validated: bool


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One model on both: seconds of an epoch here and on Colab's processor, and their ratio."""

    task: str
    here_seconds: float
    colab_seconds: float

    @property
    def ratio(self) -> float:
        """How many times as fast this machine's processor is."""
        return self.colab_seconds / self.here_seconds


@dataclass(frozen=True, kw_only=True)
class Strength:
    """This machine's processor is `middle` times as fast as Colab's, by these models.

    `low` and `high` hold the models' ratios without the outer tenths.
    """

    low: float
    middle: float
    high: float
    models: tuple[Compared, ...]

    @property
    def processor(self) -> Processor:
        """As an estimate takes it: one core of that pace."""
        return Processor(cores=1, pace=self.middle)

    @property
    def half_width(self) -> float:
        """By which factor the band reaches to the wider side."""
        return max(LEAST_HALF_WIDTH, self.high / self.middle, self.middle / self.low)


@cache
def links() -> Mapping[str, Link]:
    """The tasks that repeat a published model, by name."""
    text = FILE.with_name("links.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Link])


def strength_of(pools: Iterable[Pool], machine: str, environment: str) -> Strength | None:
    """What the linked models say of that machine in that environment; None of too few of them."""
    newest = {
        pool.task: pool
        for pool in pools
        if (pool.machine, pool.environment) == (machine, environment) and not pool.gpu
    }
    found = [_compared(newest[task], link) for task, link in links().items() if task in newest]
    return _strength([one for one in found if one is not None])


def _compared(pool: Pool, link: Link) -> Compared | None:
    """None where it is another model under the same name, or has no steady epoch."""
    figures = [load().figures[name] for name in link.figures]
    if not pool.own or pool.last.task.steps != figures[0].steps:
        return None
    seconds = _seconds(pool.source.repeats, link)
    if seconds is None:
        return None
    colab = geometric_mean(figure.epoch_seconds for figure in figures)
    return Compared(task=pool.task, here_seconds=seconds, colab_seconds=colab)


def _seconds(repeats: Sequence[Record], link: Link) -> float | None:
    """Median over the repeats of what the published epoch holds."""
    of = steady_epoch_seconds if link.validated else steady_train_seconds
    found = [seconds for record in repeats if (seconds := of(record))]
    return median(found) if found else None


def _strength(models: Sequence[Compared]) -> Strength | None:
    if len(models) < LEAST_MODELS:
        return None
    low, middle, high = np.quantile(
        [math.log(one.ratio) for one in models], [BAND[0], 0.5, BAND[1]]
    )
    return Strength(
        low=math.exp(low), middle=math.exp(middle), high=math.exp(high), models=tuple(models)
    )
