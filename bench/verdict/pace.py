"""How fast a processor is against Colab's, by models that were measured on both: for each kind.

Colab's side was published; the other is seconds of the same models, built again. Pure: knows
nothing of records, places or prices.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from statistics import geometric_mean, mean
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta, Struct

from bench.verdict.published import FILE, Kind, load

LEAST_MODELS = 4  # fewer say more of themselves than of the processor
BAND = (0.1, 0.9)  # of the models' ratios
LEAST_HALF_WIDTH = 1.2  # published seconds are whole ones


class Link(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The figures that a task repeats, and whether their epochs were validated as its are."""

    figures: Annotated[tuple[str, ...], Meta(min_length=1)]
    validated: bool

    @property
    def kind(self) -> Kind:
        """What kind of model it is."""
        return load().figures[self.figures[0]].work

    @property
    def colab_seconds(self) -> float:
        """Of an epoch on Colab's processor."""
        return geometric_mean(load().figures[name].epoch_seconds for name in self.figures)


class Reference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seconds of an epoch of each linked model, measured by us on a processor of two threads."""

    processor: str
    date: str
    command: str
    seconds: dict[str, Annotated[float, Meta(gt=0)]]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One model on both: seconds of an epoch here and on Colab's processor, and their ratio."""

    task: str
    kind: Kind
    here_seconds: float
    colab_seconds: float

    @property
    def ratio(self) -> float:
        """How many times as fast this machine's processor is."""
        return self.colab_seconds / self.here_seconds


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How many times as fast as Colab's processor; four of five lie within `half_width` times."""

    middle: float
    half_width: float


@dataclass(frozen=True, kw_only=True)
class Strength:
    """What a processor is against Colab's, by at least `LEAST_MODELS` models."""

    models: tuple[Compared, ...]

    @property
    def overall(self) -> Pace:
        """The median over all models, whatever their kind; the band leaves out the outer tenths."""
        logs = [math.log(one.ratio) for one in self.models]
        low, middle, high = np.quantile(logs, [BAND[0], 0.5, BAND[1]])
        return _pace(middle, max(high - middle, middle - low))

    def of(self, kind: Kind) -> Pace:
        """For one kind: its own models, and all of them together as one model more.

        Few models of a kind are few: a kind without any has the pace and the band of all.
        """
        overall = self.overall
        known, doubt = math.log(overall.middle), math.log(overall.half_width)
        logs = [math.log(one.ratio) for one in self.models if one.kind == kind]
        if not logs:
            return overall
        middle = mean([known, *logs])
        off = float(np.quantile([abs(log - middle) for log in logs], BAND[1]))
        return _pace(middle, max(off, doubt / math.sqrt(len(logs) + 1)))


def _pace(middle: float, half: float) -> Pace:
    width = max(math.log(LEAST_HALF_WIDTH), half)
    return Pace(middle=math.exp(middle), half_width=math.exp(width))


@cache
def links() -> Mapping[str, Link]:
    """The tasks that repeat a published model, by name."""
    text = FILE.with_name("links.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Link])


@cache
def reference() -> Reference:
    """The processor that we measured ourselves (results/models)."""
    text = FILE.with_name("reference.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Reference)


@cache
def of_two_threads() -> Strength:
    """What two threads of a processor of today are, where nothing was measured on the user's."""
    found = strength(reference().seconds)
    assert found is not None
    return found


def strength(seconds: Mapping[str, float]) -> Strength | None:
    """From seconds of an epoch of each linked model; None of too few of them."""
    models = [
        Compared(
            task=task, kind=link.kind, here_seconds=seconds[task], colab_seconds=link.colab_seconds
        )
        for task, link in links().items()
        if task in seconds
    ]
    return Strength(models=tuple(models)) if len(models) >= LEAST_MODELS else None
