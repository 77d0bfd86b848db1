"""May a record be believed? Pure functions of records; the limits stand in one table with reasons.

`judge_run` looks at one record's own facts and is saved with it.
"""

from collections.abc import Callable

from msgspec.structs import replace

from bench.contract.facts import Reading
from bench.evidence.derive import non_finite
from bench.evidence.record import Record

# A quota or a full cgroup stretches every epoch; under 2 % of the time it is lost in the spread.
THROTTLED_SHARE = 0.02
# CLOCK_BOOTTIME and CLOCK_MONOTONIC drift by microseconds; a suspension lasts seconds.
SUSPENDED_SECONDS = 1.0


def judge_run(record: Record) -> Record:
    """The record, rejected with its reasons where its own facts say that it cannot count."""
    if record.status != "ok":
        return record
    findings = [finding for rule in RUN_RULES if (finding := rule(record)) is not None]
    if not findings:
        return record
    reasons = tuple(code for code, _ in findings)
    return replace(
        record, status="rejected", reasons=reasons, detail="; ".join(text for _, text in findings)
    )


Finding = tuple[str, str] | None


def _gpu_not_used(record: Record) -> Finding:
    placements = record.placements or ()
    if not record.environment.gpu or (placements and all(p.startswith("GPU") for p in placements)):
        return None
    return "gpu-not-used", f"a GPU was asked for, the work lay on {', '.join(placements) or 'none'}"


def _not_finite(record: Record) -> Finding:
    names = non_finite(record)
    return ("non-finite", f"{', '.join(names)} was not finite") if names else None


def _throttled(record: Record) -> Finding:
    lost, timed = growth(record, "throttled_seconds"), growth(record, "at_seconds")
    if not lost or not timed or lost / timed <= THROTTLED_SHARE:
        return None
    return "throttled", f"the control group was throttled for {lost:.1f} of {timed:.1f} s"


def _suspended(record: Record) -> Finding:
    slept = growth(record, "suspended_seconds")
    if slept is None or slept <= SUSPENDED_SECONDS:
        return None
    return "suspended", f"the machine slept for {slept:.0f} s during the run"


def growth(record: Record, counter: str) -> float | None:
    """By how much a counter grew from the first reading to the last; None where it was absent."""
    values = [getattr(reading, counter) for reading in sorted_readings(record)]
    if len(values) < 2 or values[0] is None or values[-1] is None:
        return None
    return float(values[-1] - values[0])


def sorted_readings(record: Record) -> list[Reading]:
    """The readings in the order of their time, whatever the order they arrived in."""
    return sorted(record.readings, key=lambda reading: reading.at_seconds)


RUN_RULES: tuple[Callable[[Record], Finding], ...] = (
    _gpu_not_used,
    _not_finite,
    _throttled,
    _suspended,
)
