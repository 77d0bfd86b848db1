"""Epoch times that other people measured and published, with their sources: facts, no opinions.

Adding one is adding an entry to `epochs.toml`; docs/published.md says what makes one good. Knows
nothing of records, prices or estimates.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from bench.errors import UsageError
from bench.evidence.words import counted

Kind = Literal["dense", "cnn", "images", "text", "sequence"]
KINDS: tuple[Kind, ...] = ("dense", "cnn", "images", "text", "sequence")
LETTERS: Mapping[str, Kind] = {
    "a": "dense",
    "b": "cnn",
    "c": "images",
    "d": "text",
    "e": "sequence",
    "f": "images",
}
FILE = Path(__file__).with_name("epochs.toml")
SECONDS_MOST, STEP_MS_MOST = 1e6, 1e7
AGREES_WITHIN = 3.0  # Keras rounds to whole seconds, and its steps leave validation out

Text = Annotated[str, Meta(min_length=1, max_length=300)]
Positive = Annotated[float, Meta(gt=0, le=STEP_MS_MOST)]


class Figure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One measured Keras epoch.

    `epoch_seconds` is the median of the epochs after the first as printed, validation included
    where the notebook validates; `first_epoch_seconds` is NaN where it was not published;
    `ms_per_step` is as printed (training alone), else the epoch over its steps.
    """

    id: Text
    source: Text
    date: Annotated[str, Meta(pattern=r"^\d{4}")]
    hardware: Text
    hardware_known_by: Text
    framework: str
    kind: Literal["a", "b", "c", "d", "e", "f"]
    dataset: Text
    examples: Annotated[int, Meta(ge=0)]
    model: Text
    batch: Annotated[int, Meta(ge=1, le=1_000_000)]
    steps: Annotated[int, Meta(ge=1, le=10_000_000)]
    first_epoch_seconds: float
    epoch_seconds: Annotated[float, Meta(gt=0, le=SECONDS_MOST)]
    ms_per_step: Positive
    confidence: Literal["high", "medium", "low"]

    @property
    def work(self) -> Kind:
        """What kind of model it is."""
        return LETTERS[self.kind]

    @property
    def origin(self) -> str:
        """Whose figure it is: the repository, or the whole address."""
        parts = self.source.split("/")
        return self.source if self.source.startswith("http") else "/".join(parts[:2])

    @property
    def link(self) -> str:
        """The address to look at."""
        if self.source.startswith("http"):
            return self.source.split(" ")[0]
        return f"https://github.com/{self.origin}"

    @property
    def first(self) -> float | None:
        """Seconds of the first epoch, where they were published."""
        return None if math.isnan(self.first_epoch_seconds) else self.first_epoch_seconds


class Pair(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same or nearly the same model on a processor and on a GPU, by the ids of the figures."""

    name: Text
    cpu: Text
    gpu: Text
    ratio: Positive
    ratio_ms: Positive


class Ratio(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A speed-up that was published without epoch times."""

    name: Text
    source: Text
    date: Annotated[str, Meta(pattern=r"^\d{4}")]
    cpu_hardware: Text
    gpu_hardware: Text
    framework: str
    ratio: Positive
    confidence: Literal["high", "medium", "low"]


class Ours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pair that we measured: milliseconds of a step on a processor and on a place's GPU.

    input_ms is the input alone, on `threads` of the processor.
    """

    kind: Kind
    place: Text
    steps: Annotated[int, Meta(ge=1)]
    cpu_ms: Positive
    gpu_ms: Positive
    input_ms: Positive
    cores: Positive
    pace: Positive
    threads: Annotated[int, Meta(ge=1)]
    source: Text


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    epoch: tuple[Figure, ...]
    pair: tuple[Pair, ...] = ()
    ratio: tuple[Ratio, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Published:
    """All figures by their ids, the pairs, and the bare ratios."""

    figures: Mapping[str, Figure]
    pairs: tuple[Pair, ...]
    ratios: tuple[Ratio, ...]


@cache
def load(path: Path = FILE) -> Published:
    """The shipped figures, or those of a file. Raises UsageError naming what is wrong."""
    return parse(path.read_text(encoding="utf-8"), path.name)


def parse(text: str, name: str) -> Published:
    """The figures in a TOML text. Raises UsageError in one line for an entry that does not hold."""
    try:
        found = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{name}: {error}; docs/published.md says what an entry needs") from error
    figures = {figure.id: figure for figure in found.epoch}
    fault = next(_faults(found, figures), None)
    if fault:
        raise UsageError(f"{name}: {fault}; docs/published.md says what an entry needs")
    return Published(figures=figures, pairs=found.pair, ratios=found.ratio)


def _faults(found: _File, figures: Mapping[str, Figure]) -> Iterator[str]:
    if len(figures) < len(found.epoch):
        yield "two entries have one id"
    for figure in found.epoch:
        first = figure.first_epoch_seconds
        if not (math.isnan(first) or 0 <= first <= SECONDS_MOST):
            yield f"{figure.id}: a first epoch of {first:g} s"
        told = figure.ms_per_step * figure.steps / 1000
        if not told <= figure.epoch_seconds * AGREES_WITHIN + 1:
            yield (
                f"{figure.id}: {counted(figure.steps, 'step')} of {figure.ms_per_step:g} ms do not "
                f"fit into {figure.epoch_seconds:g} s: is a unit wrong?"
            )
    for pair in found.pair:
        for side in (pair.cpu, pair.gpu):
            if side not in figures:
                yield f"the pair {pair.name} names {side}, which is no figure"


@cache
def ours() -> Mapping[str, Ours]:
    """The pairs that we measured, by their ids."""
    text = FILE.with_name("ours.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Ours])


def like(kind: Kind, hardware: Sequence[str]) -> tuple[Figure, ...]:
    """The figures of that kind of model on hardware of these names, fastest step first."""
    found = (f for f in load().figures.values() if f.work == kind and f.hardware in hardware)
    return tuple(sorted(found, key=lambda figure: figure.ms_per_step))
