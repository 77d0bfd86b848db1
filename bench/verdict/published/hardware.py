"""The places an epoch can be estimated for, and the processors of the published figures."""

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from bench.errors import UsageError

Host = Literal["hosted", "vm", "pc", "apple"]
HERE = Path(__file__).parent
REFERENCE = "colab-t4"
Positive = Annotated[float, Meta(ge=0)]


class Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to train: what does the arithmetic, and what issues the steps and prepares the input.

    tflops: single precision. gb_s: memory bandwidth. threads: of the host.
    """

    title: str
    gpu: str
    tflops: Positive
    gb_s: Positive
    host: Host
    threads: Annotated[int, Meta(ge=1)]
    figures: tuple[str, ...]
    processor: bool = False

    @property
    def power(self) -> float:
        """Arithmetic and bandwidth together, against a T4: their geometric mean."""
        reference = places()[REFERENCE]
        return math.sqrt(self.tflops / reference.tflops * self.gb_s / reference.gb_s)


class Processor(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A processor: its cores, and the pace of one against Colab's."""

    cores: Annotated[float, Meta(gt=0)]
    pace: Annotated[float, Meta(gt=0)]


@cache
def places() -> Mapping[str, Place]:
    """All places by name."""
    return msgspec.convert(_read("places.toml"), dict[str, Place])


@cache
def processors() -> Mapping[str, Processor]:
    """The processors by the names under which figures speak of them."""
    return msgspec.convert(_read("processors.toml"), dict[str, Processor])


def place(name: str) -> Place:
    """The place of that name. Raises UsageError for one that is none."""
    if name not in places():
        raise UsageError(f"no place is called {name!r}; there are: {', '.join(places())}")
    return places()[name]


def place_of_hardware(hardware: str) -> Place | None:
    """The place that a figure's hardware is; None where it is a processor, or not known."""
    found = (p for p in places().values() if hardware in p.figures and not p.processor)
    return next(found, None)


def place_of_gpu(gpu: str) -> str | None:
    """The name of the place that stands for that GPU wherever it is rented; None for none.

    The one that figures speak of goes first: hosts differ by less than the band is wide.
    """
    names = [n for n, place in places().items() if place.gpu == gpu and not place.processor]
    known = [name for name in names if places()[name].figures]
    return next(iter([*known, *names]), None) if gpu else None


def _read(name: str) -> dict[str, object]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))
