"""Energy of a run with the method it was found by: a counter, or an estimate that says so."""

from dataclasses import dataclass
from typing import Literal

from bench.contract.facts import Reading
from bench.evidence.counters import growth, in_time
from bench.evidence.record import Record

Method = Literal["gpu-counter", "rapl", "estimate"]


@dataclass(frozen=True, kw_only=True)
class Energy:
    """Joules of the whole run, and what they cover."""

    joules: float
    method: Method
    covers: str


def energies(record: Record) -> tuple[Energy, ...]:
    """What is known of a run's energy, each with its method; empty where nothing is.

    GPU and processor packages have counters of their own (NVML, RAPL). Without RAPL the processor
    is estimated from its listed power and the share of the machine that the run used, without
    memory, board and fans.
    """
    found = (_gpu(record), _rapl(record) or _estimate(record))
    return tuple(energy for energy in found if energy is not None)


def gpu_watts(record: Record) -> float | None:
    """The mean power of the GPUs over the run, by their own counters; None where they keep none."""
    energy, readings = _gpu(record), in_time(record)
    seconds = readings[-1].at_seconds - readings[0].at_seconds if readings else 0.0
    return energy.joules / seconds if energy and seconds > 0 else None


def _gpu(record: Record) -> Energy | None:
    readings = in_time(record)
    if not readings:
        return None
    before, after = (_gpu_joules(reading) for reading in (readings[0], readings[-1]))
    if before is None or after is None:
        return None
    joules = after - before
    return Energy(joules=joules, method="gpu-counter", covers="the GPU")


def _gpu_joules(reading: Reading) -> float | None:
    """The counters of all GPUs together; None where one is missing."""
    joules = [gpu.energy_joules for gpu in reading.gpus]
    known = [value for value in joules if value is not None]
    return sum(known) if known and len(known) == len(joules) else None


def _rapl(record: Record) -> Energy | None:
    joules = growth(record, "rapl_joules")
    if joules is None or joules < 0:  # the counter went round
        return None
    return Energy(joules=joules, method="rapl", covers="the processor packages, others' work too")


def _estimate(record: Record) -> Energy | None:
    watts, own = record.machine.listed_watts, growth(record, "own_cpu_seconds")
    readings = in_time(record)
    if watts is None or own is None or not readings or readings[0].processors < 1:
        return None
    return Energy(
        joules=watts * own / readings[0].processors,
        method="estimate",
        covers=f"the processor: {watts:g} W listed, by the share of it that was used",
    )
