"""Which two processors make a Colab-like machine: two threads of one core where there are such."""

import os
from pathlib import Path

from bench.errors import EngineError

CPUS = Path("/sys/devices/system/cpu")


def cpuset(wanted: int, cpus: Path = CPUS, usable: frozenset[int] | None = None) -> str:
    """So many usable processors as a cpuset, siblings of one core first (Colab's are siblings).

    Raises EngineError where there are too few.
    """
    available = _usable() if usable is None else usable
    if len(available) < wanted:
        raise EngineError(f"needs {wanted} processors, this machine lends {len(available)}")
    cores = (siblings(cpus / f"cpu{number}", available) for number in sorted(available))
    whole = next((core for core in cores if len(core) >= wanted), sorted(available))
    return ",".join(str(number) for number in whole[:wanted])


def siblings(folder: Path, available: frozenset[int]) -> list[int]:
    """The usable threads of the core that this processor belongs to; none where not readable."""
    try:
        text = (folder / "topology/thread_siblings_list").read_text()
    except OSError:
        return []
    return [number for number in _expand(text.strip()) if number in available]


def _expand(text: str) -> list[int]:
    """`0,8` and `0-1` as numbers."""
    numbers: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers.extend(range(int(first), int(last or first) + 1))
    return numbers


def _usable() -> frozenset[int]:
    if hasattr(os, "sched_getaffinity"):
        return frozenset(os.sched_getaffinity(0))
    return frozenset(range(os.cpu_count() or 1))
