"""Which processors make a Colab-like machine: fast ones, two threads of one core where there are.

Some machines have cores of two kinds. Two slow ones would stand for no Colab machine, and a mixed
pair for nothing at all.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.contract import system
from bench.errors import EngineError
from bench.evidence.words import counted

CPUS = Path("/sys/devices/system/cpu")
Kind = Literal["fast", "mixed"]
ALIKE = 0.75  # of the fastest: the tiers above it are of one kind for a job, those below are not


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A cpuset, and of which kind its cores are: `fast` also where all are alike, by what shows.

    None where the system does not show it.
    """

    cpuset: str
    kind: Kind | None


def cpuset(wanted: int, cpus: Path = CPUS, usable: frozenset[int] | None = None) -> str:
    """So many usable processors as a cpuset; see `choose`."""
    return choose(wanted, cpus, usable).cpuset


def choose(wanted: int, cpus: Path = CPUS, usable: frozenset[int] | None = None) -> Chosen:
    """So many usable processors, fast ones first, siblings of one core before others.

    Colab's are siblings. Raises EngineError where there are too few.
    """
    available = _usable() if usable is None else usable
    if len(available) < wanted:
        raise EngineError(
            f"needs {counted(wanted, 'processor')}, this machine lends {len(available)}"
        )
    speeds = {number: speed(cpus, number) for number in available}
    fast = _fastest(speeds)
    cores = (siblings(cpus / f"cpu{number}", fast) for number in sorted(fast))
    in_order = [*sorted(fast), *sorted(available - fast)]
    whole = next((core for core in cores if len(core) >= wanted), in_order)[:wanted]
    return Chosen(cpuset=",".join(map(str, whole)), kind=_kind(whole, fast, speeds))


def speed(cpus: Path, number: int) -> float | None:
    """How fast a processor is beside its neighbours: ARM's capacity, Intel's kind, or its clock."""
    folder = cpus / f"cpu{number}"
    capacity = system.number(folder / "cpu_capacity")
    if capacity is not None:
        return float(capacity)
    kinds = {"cpu_core": 2.0, "cpu_atom": 1.0}
    for kind, value in kinds.items():
        if number in _expand(system.text(cpus.parent.parent / kind / "cpus") or ""):
            return value
    most = system.number(folder / "cpufreq/cpuinfo_max_freq")
    return None if most is None else float(most)


def _fastest(speeds: dict[int, float | None]) -> frozenset[int]:
    """Those that are about as fast as the fastest; all where one does not show how fast it is."""
    known = [value for value in speeds.values() if value is not None]
    if len(known) < len(speeds):
        return frozenset(speeds)
    most = max(known)
    return frozenset(n for n, value in speeds.items() if value and value >= ALIKE * most)


def _kind(
    chosen: Iterable[int], fast: frozenset[int], speeds: dict[int, float | None]
) -> Kind | None:
    if None in speeds.values():
        return None
    return "fast" if set(chosen) <= fast else "mixed"


def siblings(folder: Path, available: frozenset[int]) -> list[int]:
    """The usable threads of the core that this processor belongs to; none where not readable."""
    numbers = _expand(system.text(folder / "topology/thread_siblings_list") or "")
    return [number for number in numbers if number in available]


def _expand(text: str) -> list[int]:
    """`0,8` and `0-1` as numbers; nothing of what is no such list."""
    numbers: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first.isdecimal() and (last or first).isdecimal():
            numbers.extend(range(int(first), int(last or first) + 1))
    return numbers


def _usable() -> frozenset[int]:
    if hasattr(os, "sched_getaffinity"):
        return frozenset(os.sched_getaffinity(0))
    return frozenset(range(os.cpu_count() or 1))
