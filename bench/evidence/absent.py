"""What a machine did not let a run read: absent is absent, and that is told once."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from bench.contract.facts import Reading
from bench.evidence.derive import memory_peak_bytes
from bench.evidence.energy import energies
from bench.evidence.record import Record

COUNTERS = {
    "load_average": "load",
    "busy_seconds": "other processes' work",
    "steal_seconds": "steal",
    "throttled_seconds": "throttling",
    "suspended_seconds": "suspension",
    "frequency_mhz": "clock frequency",
    "temperature_celsius": "temperature",
    "rapl_joules": "energy by RAPL",
}
FIGURES: Mapping[str, Callable[[Record], object]] = {
    "the GPU's counters": lambda r: (
        r.environment.accelerator != "gpu" or any(x.gpus for x in r.readings)
    ),
    "peak memory": memory_peak_bytes,
    "energy of any kind": energies,
}


def unreadable(records: Iterable[Record]) -> dict[str, tuple[str, ...]]:
    """Environment → what none of its records could tell, in words; only where something is."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        if record.readings:
            groups.setdefault(record.environment.name, []).append(record)
    found = {name: _absent(group) for name, group in groups.items()}
    return {name: words for name, words in found.items() if words}


def _absent(records: Sequence[Record]) -> tuple[str, ...]:
    readings = [reading for record in records for reading in record.readings]
    counters = (words for name, words in COUNTERS.items() if not _told(readings, name))
    figures = (words for words, of in FIGURES.items() if not any(of(r) for r in records))
    return (*counters, *figures)


def _told(readings: Iterable[Reading], counter: str) -> bool:
    return any(getattr(reading, counter) is not None for reading in readings)
