"""May a record be believed? Pure functions of records; the limits stand in `limits.py`.

`judge_run` rejects a run and is saved with it: what it rejects counts nowhere. `judge_repeats`
marks repeats with an identified disturbance, is computed anew on every load and never stored: what
it marks as suspect still counts, and is shown. That repeats differ from each other is a property
of their pool (`bench.evidence.noise`) and no mark.
"""

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from bench.contract.gpus import names as is_named
from bench.evidence.counters import (
    clock_jump_seconds,
    foreign_share,
    gpu_held_share,
    growth,
    in_time,
    run_processors,
    steal_share,
)
from bench.evidence.derive import non_finite
from bench.evidence.limits import LIMITS
from bench.evidence.record import Record
from bench.evidence.words import counted

LOW_POWER = ("low-power", "cool", "quiet")  # of the kernel's ACPI platform profiles
Finding = tuple[str, str]
Marks = Mapping[str, tuple[Finding, ...]]


def judge_run(record: Record) -> Record:
    """The record, rejected with its reasons where its own facts say that it cannot count.

    A run that failed because its GPU was taken away says so: its exception is what followed.
    """
    rules = {"ok": RUN_RULES, "failed": FAULT_RULES}.get(record.status, ())
    findings = [finding for rule in rules if (finding := rule(record)) is not None]
    if not findings:
        return record
    said = [text for _, text in findings] + ([record.detail] if record.detail else [])
    return replace(
        record,
        status="rejected",
        reasons=tuple(code for code, _ in findings),
        detail="; ".join(said),
    )


def judge_repeats(records: Iterable[Record]) -> Marks:
    """The marks of each record that counts, by its id; a record without marks is not suspect."""
    found = {r.id: _marks(r) for r in records if r.status == "ok"}
    return {name: marks for name, marks in found.items() if marks}


def _marks(record: Record) -> tuple[Finding, ...]:
    return tuple(finding for rule in MARK_RULES if (finding := rule(record)) is not None)


# --- one record: reasons to reject ---------------------------------------------------------------


def _accelerator_not_used(record: Record) -> Finding | None:
    placements, asked = record.placements or (), record.environment.accelerator
    if asked is None or (placements and all(p.startswith(asked.upper()) for p in placements)):
        return None
    lay = ", ".join(placements) or "none"
    return f"{asked}-not-used", f"a {asked.upper()} was asked for, the work lay on {lay}"


def _gpu_lost(record: Record) -> Finding | None:
    counts = [len(reading.gpus) for reading in in_time(record)]
    if not counts or min(counts) >= counts[0]:
        return None
    return "gpu-lost", f"{counted(counts[0], 'GPU')} at the start, {min(counts)} of them later"


def _other_hardware(record: Record) -> Finding | None:
    """A rented machine is what its owner gave, not what was asked for: the driver decides."""
    if not record.environment.rented or record.controller is None or record.seen is None:
        return None
    asked = record.environment.accelerator_request
    got = [name for name in record.seen.devices if name != "CPU"]
    fits = all(is_named(asked, one.partition(": ")[2]) for one in got) if asked else not got
    return None if fits else ("other-hardware", f"asked for {asked or 'no GPU'}, got {got}")


def _not_finite(record: Record) -> Finding | None:
    names = non_finite(record)
    return ("non-finite", f"{', '.join(names)} was not finite") if names else None


def _throttled(record: Record) -> Finding | None:
    lost, timed = growth(record, "throttled_seconds"), growth(record, "at_seconds")
    if not lost or not timed or lost / timed <= LIMITS["throttled"][0]:
        return None
    return "throttled", f"the control group was throttled for {lost:.1f} of {timed:.1f} s"


def _suspended(record: Record) -> Finding | None:
    slept = growth(record, "suspended_seconds")
    if slept is None or slept <= LIMITS["suspended"][0]:
        return None
    return "suspended", f"the machine slept for {slept:.0f} s during the run"


LIMITING = {
    "memory_limit_bytes": "memory limit",
    "processors": "processors of the machine",
    "usable_processors": "number of usable processors",
    "cpuset": "usable processors",
    "processor_quota": "processor quota",
}


def _limits_changed(record: Record) -> Finding | None:
    changed = [
        words
        for name, words in LIMITING.items()
        if len({getattr(reading, name) for reading in record.readings}) > 1
    ]
    if not changed:
        return None
    return "limits-changed", f"changed under the run: {', '.join(changed)}"


def _limit_not_honoured(record: Record) -> Finding | None:
    """What was asked of the engine and is not seen from inside: some only warn and drop it."""
    first = next(iter(in_time(record)), None)
    if first is None:
        return None
    asked = record.limits
    told = {
        "cpuset": (_numbers(asked.cpuset), _numbers(first.cpuset)),
        "processor quota": (asked.processor_quota, first.processor_quota),
        "memory limit": (asked.memory_bytes, first.memory_limit_bytes),
    }
    broken = [
        f"{name} {wanted} asked, {found} seen"
        for name, (wanted, found) in told.items()
        if wanted and not _honours(wanted, found)
    ]
    return ("limit-not-honoured", "; ".join(broken)) if broken else None


def _honours(wanted: object, found: object) -> bool:
    """Whether a limit is kept; quotas and pages of memory are rounded by the kernel."""
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return found <= wanted * (1 + LIMITS["limit-not-honoured"][0])
    return wanted == found


def _numbers(cpuset: str | None) -> tuple[int, ...] | None:
    """The processors of a cpuset as Linux writes it: `0,2-3`."""
    if not cpuset:
        return None
    ranges = [part.partition("-") for part in cpuset.split(",")]
    return tuple(
        sorted(n for low, _, high in ranges for n in range(int(low), int(high or low) + 1))
    )


# --- one record: reasons to suspect --------------------------------------------------------------


def _foreign_load(record: Record) -> Finding | None:
    share = foreign_share(record)
    if share is None:
        return None
    taken, whole = share * run_processors(record), run_processors(record)
    if share <= LIMITS["foreign-load"][0] and taken <= LIMITS["foreign-processors"][0]:
        return None
    said = f"{min(share, 1):.0%} of the run's processors ({min(taken, whole):.2g} of {whole})"
    return "foreign-load", f"other processes took {said}"


def _steal(record: Record) -> Finding | None:
    share = steal_share(record)
    if share is None or share <= LIMITS["steal"][0]:
        return None
    return "steal", f"the hypervisor took {share:.0%} of the machine"


def _on_battery(record: Record) -> Finding | None:
    if any(reading.on_battery for reading in record.readings):
        return "on-battery", "the machine ran on its battery"
    return None


def _low_power(record: Record) -> Finding | None:
    if any(saves_power(reading.power_profile or "") for reading in record.readings):
        return "low-power", "the machine was set to save power"
    return None


def saves_power(profile: str) -> bool:
    """Whether a power profile, or one of several drivers' joined by commas, saves power."""
    return any(name in LOW_POWER for name in profile.split(", "))


def _slow_clock(record: Record) -> Finding | None:
    clocks = [reading.frequency_mhz for reading in in_time(record) if reading.frequency_mhz]
    if len(clocks) < 2 or clocks[-1] >= max(clocks) * (1 - LIMITS["slow-clock"][0]):
        return None
    return (
        "slow-clock",
        f"the processor's clock fell from {max(clocks):.0f} to {clocks[-1]:.0f} MHz",
    )


GPU_HELD = {"power_throttled_seconds": "power limit", "thermal_throttled_seconds": "heat"}


def _gpu_throttled(record: Record) -> Finding | None:
    reasons = {why for r in record.readings for gpu in r.gpus for why in gpu.throttle_reasons}
    held = {
        f"{words} for {share:.0%} of the time"
        for name, words in GPU_HELD.items()
        if (share := gpu_held_share(record, name)) > LIMITS["gpu-throttled"][0]
    }
    said = ", ".join([*sorted(reasons), *sorted(held)])
    return ("gpu-throttled", f"the GPU's clocks were held down: {said}") if said else None


RUN_RULES: tuple[Callable[[Record], Finding | None], ...] = (
    _accelerator_not_used,
    _other_hardware,
    _gpu_lost,
    _not_finite,
    _throttled,
    _suspended,
    _limits_changed,
    _limit_not_honoured,
)
FAULT_RULES = (_gpu_lost,)
MARK_RULES: tuple[Callable[[Record], Finding | None], ...] = (
    _foreign_load,
    _steal,
    _on_battery,
    _low_power,
    _slow_clock,
    _gpu_throttled,
)


# --- what is only noted --------------------------------------------------------------------------


def notes(record: Record) -> tuple[Finding, ...]:
    """What a reader may want to know and what changes nothing: no reason and no mark."""
    moved = clock_jump_seconds(record)
    if abs(moved) <= LIMITS["clock-jump"][0]:
        return ()
    return (("clock-jump", f"the wall clock jumped by {moved:+.0f} s; no duration uses it"),)
