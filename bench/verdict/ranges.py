"""Speeds that others published: used on request or where nothing was measured, never silently."""

import tomllib
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

HOST_PROCESSORS = 2
SHIPPED = Path(__file__).with_name("ranges.toml")


class Speed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An epoch is `low` to `high` times as fast as on a host with 2 processors."""

    categories: tuple[int, ...]
    gpus: tuple[str, ...]
    low: float
    high: float
    source: str
    seen: date


def load_speeds() -> tuple[Speed, ...]:
    """The shipped ranges."""
    tables = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    return tuple(msgspec.convert(table, Speed) for table in tables.values())


def over(speed: Speed, processors: int) -> tuple[float, float]:
    """The range over a host of so many processors.

    A host with more than two is at least as fast as one with two, and at most faster in proportion
    to their number; a slower one the other way round. So the range can only get wider.
    """
    times = (processors or HOST_PROCESSORS) / HOST_PROCESSORS
    return speed.low / max(times, 1.0), speed.high / min(times, 1.0)


def speed_of(speeds: tuple[Speed, ...], category: int, gpu: str | None) -> Speed | None:
    """The range for a GPU at a task of that exam category; None where nobody published one."""
    return next((s for s in speeds if category in s.categories and gpu in s.gpus), None)
