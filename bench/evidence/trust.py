"""May a record be believed? Pure functions of records; every limit stands here with its reason.

`judge_run` looks at one record's own facts and is saved with it: what it rejects counts nowhere.
`judge_group` looks at the repeats together, is computed anew on every load and never stored: what
it marks as suspect still counts, and is shown.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter
from statistics import median

from msgspec.structs import replace

from bench.contract.facts import Reading
from bench.evidence.derive import non_finite, steady_epoch_seconds
from bench.evidence.record import Record

LIMITS: Mapping[str, tuple[float, str]] = {
    "throttled": (0.02, "a quota stretches every epoch; under 2 % it is lost in the spread"),
    "suspended": (1.0, "the two clocks drift by microseconds, a suspension lasts seconds"),
    "foreign-load": (
        0.10,
        "a tenth of the run's processors taken by others moves an epoch by about as much",
    ),
    "foreign-processors": (
        0.50,
        "one busy loop among many processors is a small share, and still delays each step",
    ),
    "foreign-seconds": (
        2.0,
        "the kernel counts in ticks of 10 ms: what a shorter fit lost cannot be told from them",
    ),
    "steal": (0.05, "the hypervisor gave the processors to another machine for that share"),
    "slow-clock": (0.20, "a frequency that falls by a fifth shows heat or a power limit"),
    "gpu-throttled": (
        0.02,
        "clocks held down for longer stretch an epoch as a throttled processor does",
    ),
    "unstable": (0.10, "repeats further apart than this cannot carry small differences"),
    "clock-jump": (1.0, "a clock that is kept right moves by milliseconds, one that is set jumps"),
    "two-modes": (0.15, "a gap as wide as this between neighbours is no ordinary noise"),
}

LOW_POWER = ("low-power", "cool", "quiet")  # of the kernel's ACPI platform profiles
Finding = tuple[str, str]
Marks = Mapping[str, tuple[Finding, ...]]
PoolKey = tuple[str | None, ...]


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


def judge_group(records: Iterable[Record]) -> Marks:
    """The marks of each record that counts, by its id; a record without marks is not suspect.

    Repeats are judged together where they may be pooled. The order of records does not matter.
    """
    pools: dict[PoolKey, list[Record]] = {}
    for record in records:
        if record.status == "ok":
            pools.setdefault(pool_key(record), []).append(record)
    return {
        record.id: marks
        for pool in pools.values()
        for shared in [_unstable(pool)]
        for record in pool
        if (marks := _marks(record, shared))
    }


def pool_key(record: Record) -> PoolKey:
    """What has to agree for repeats to be pooled: machine, environment, fingerprint, frameworks.

    The processor and the devices as seen from inside too: a rented session may get others each
    time, and a GPU may be there one day and not the next.
    """
    versions = record.seen.versions if record.seen else {}
    return (
        record.machine.id,
        record.environment.name,
        record.task.fingerprint,
        record.seen.processor if record.seen else None,
        ", ".join(record.seen.devices) if record.seen else None,
        versions.get("tensorflow"),
        versions.get("keras"),
    )


def _marks(record: Record, shared: Finding | None) -> tuple[Finding, ...]:
    """A record's own marks, and the one that all repeats of its pool share."""
    own = [finding for rule in MARK_RULES if (finding := rule(record)) is not None]
    return tuple([*own, shared] if shared else own)


# --- one record: reasons to reject ---------------------------------------------------------------


def _gpu_not_used(record: Record) -> Finding | None:
    placements = record.placements or ()
    if not record.environment.gpu or (placements and all(p.startswith("GPU") for p in placements)):
        return None
    return "gpu-not-used", f"a GPU was asked for, the work lay on {', '.join(placements) or 'none'}"


def _gpu_lost(record: Record) -> Finding | None:
    counts = [len(reading.gpus) for reading in in_time(record)]
    if not counts or min(counts) >= counts[0]:
        return None
    return "gpu-lost", f"{counts[0]} GPUs at the start, {min(counts)} of them later"


def _other_hardware(record: Record) -> Finding | None:
    """A rented machine is what Google gave, not what was asked for: the driver's name decides."""
    if record.environment.engine != "colab" or record.seen is None:
        return None
    asked = record.environment.gpu_request
    gpus = [name for name in record.seen.devices if name.startswith("GPU")]
    fits = all(asked in re.split(r"[^A-Za-z0-9]+", gpu) for gpu in gpus) if asked else not gpus
    return None if fits else ("other-hardware", f"asked for {asked or 'no GPU'}, got {gpus}")


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


# --- one record: reasons to suspect --------------------------------------------------------------


def _foreign_load(record: Record) -> Finding | None:
    share = foreign_share(record)
    if share is None:
        return None
    taken, whole = share * _processors(record), _processors(record)
    if share <= LIMITS["foreign-load"][0] and taken <= LIMITS["foreign-processors"][0]:
        return None
    return (
        "foreign-load",
        f"other processes took {share:.0%} of the run's processors ({taken:.2g} of {whole})",
    )


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


def _gpu_throttled(record: Record) -> Finding | None:
    reasons = {why for r in record.readings for gpu in r.gpus for why in gpu.throttle_reasons}
    held = {
        f"{words} for {share:.0%} of the time"
        for name, words in GPU_HELD.items()
        if (share := _gpu_held(record, name)) > LIMITS["gpu-throttled"][0]
    }
    said = ", ".join([*sorted(reasons), *sorted(held)])
    return ("gpu-throttled", f"the GPU's clocks were held down: {said}") if said else None


GPU_HELD = {"power_throttled_seconds": "power limit", "thermal_throttled_seconds": "heat"}


def _gpu_held(record: Record, counter: str) -> float:
    """The largest share of the run for which this policy held one GPU's clocks down."""
    readings, timed = in_time(record), growth(record, "at_seconds")
    if not timed:
        return 0.0
    pairs = zip(readings[0].gpus, readings[-1].gpus, strict=False)
    both = [(getattr(before, counter), getattr(after, counter)) for before, after in pairs]
    known = [after - before for before, after in both if None not in (before, after)]
    return max(known, default=0.0) / timed


RUN_RULES: tuple[Callable[[Record], Finding | None], ...] = (
    _gpu_not_used,
    _other_hardware,
    _gpu_lost,
    _not_finite,
    _throttled,
    _suspended,
    _limits_changed,
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


# --- the repeats together ------------------------------------------------------------------------


def _unstable(pool: Sequence[Record]) -> Finding | None:
    seconds = steady_seconds(pool)
    wide = spread(seconds)
    if wide is None or wide <= LIMITS["unstable"][0]:
        return None
    return "unstable", f"steady epochs spread by {wide:.0%}{_spoken_modes(seconds)}"


def steady_seconds(pool: Iterable[Record]) -> list[float]:
    """The steady epoch of each repeat that has one, sorted."""
    return sorted(s for record in pool if (s := steady_epoch_seconds(record)) is not None)


def spread(seconds: Sequence[float]) -> float | None:
    """(largest - smallest) / median; None below two repeats, or where they took no time."""
    if len(seconds) < 2 or median(seconds) <= 0:
        return None
    return (max(seconds) - min(seconds)) / median(seconds)


def modes(seconds: Sequence[float]) -> tuple[Sequence[float], Sequence[float]] | None:
    """The two groups that the widest gap makes, where it is wide and each has two repeats."""
    ordered = sorted(seconds)
    gaps = [
        (after / before - 1, place)
        for place, (before, after) in enumerate(pairwise(ordered), 1)
        if before > 0
    ]
    if not gaps:
        return None
    widest, place = max(gaps)
    low, high = ordered[:place], ordered[place:]
    if widest <= LIMITS["two-modes"][0] or min(len(low), len(high)) < 2:
        return None
    return low, high


def _spoken_modes(seconds: Sequence[float]) -> str:
    found = modes(seconds)
    if found is None:
        return ""
    low, high = found
    return (
        f", in two modes: {median(low):.3g} s ({len(low)} times) "
        f"and {median(high):.3g} s ({len(high)} times)"
    )


# --- what is only noted --------------------------------------------------------------------------


def notes(record: Record) -> tuple[Finding, ...]:
    """What a reader may want to know and what changes nothing: no reason and no mark."""
    moved = clock_jump_seconds(record)
    if abs(moved) <= LIMITS["clock-jump"][0]:
        return ()
    return (("clock-jump", f"the wall clock jumped by {moved:+.0f} s; no duration uses it"),)


def clock_jump_seconds(record: Record) -> float:
    """The furthest that the wall clock moved from the run's own between two readings, signed.

    Sleep is taken out where it can be read.
    """
    moves = (_moved(first, last) for first, last in pairwise(in_time(record)))
    return max(moves, key=abs, default=0.0)


def _moved(first: Reading, last: Reading) -> float:
    wall = last.wall_unix_seconds - first.wall_unix_seconds
    return wall - _seconds(first, last) - (_grown(first, last, "suspended_seconds") or 0.0)


# --- counters ------------------------------------------------------------------------------------


def foreign_share(record: Record) -> float | None:
    """Share of the run's processors' time that other processes took, of those it may use.

    The larger of two: over the whole run, and from the fit to the end, which a neighbour of the
    imports does not touch. Records without the usable processors' own count speak of the machine.
    """
    readings = in_time(record)
    fits = [reading for reading in readings if reading.edge == "fit"]
    spans = [(readings[0], readings[-1])] if readings else []
    spans += [(fit, readings[-1]) for fit in fits if _seconds(fit, readings[-1]) >= SHORT]
    shares = [_foreign(first, last, _processors(record)) for first, last in spans]
    return max((share for share in shares if share is not None), default=None)


SHORT = LIMITS["foreign-seconds"][0]


def _foreign(first: Reading, last: Reading, processors: int) -> float | None:
    """What others took of so many processors between two readings."""
    counter = "busy_seconds" if first.usable_busy_seconds is None else "usable_busy_seconds"
    busy, own = (_grown(first, last, name) for name in (counter, "own_cpu_seconds"))
    whole = _seconds(first, last) * processors
    if busy is None or own is None or whole <= 0:
        return None
    return max(0.0, busy - own) / whole


def _processors(record: Record) -> int:
    """How many processors the foreign share is of."""
    first = in_time(record)[0]
    usable = None if first.usable_busy_seconds is None else first.usable_processors
    return usable or first.processors


def _seconds(first: Reading, last: Reading) -> float:
    return last.at_seconds - first.at_seconds


def _share(record: Record, seconds: float | None) -> float | None:
    """Of the whole machine's processor time."""
    timed = growth(record, "at_seconds")
    whole = timed * in_time(record)[0].processors if timed else 0.0
    return None if seconds is None or whole <= 0 else seconds / whole


def steal_share(record: Record) -> float | None:
    """Share of the machine that the hypervisor gave to other machines."""
    return _share(record, growth(record, "steal_seconds"))


def growth(record: Record, counter: str) -> float | None:
    """By how much a counter grew from the first reading to the last; None where it was absent."""
    readings = in_time(record)
    return _grown(readings[0], readings[-1], counter) if len(readings) > 1 else None


def _grown(first: Reading, last: Reading, counter: str) -> float | None:
    before, after = getattr(first, counter), getattr(last, counter)
    return None if before is None or after is None else float(after - before)


def in_time(record: Record) -> list[Reading]:
    """The readings in the order of their time, whatever the order they arrived in."""
    return sorted(record.readings, key=attrgetter("at_seconds"))
