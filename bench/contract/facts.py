"""The plain facts a worker reports: they travel in events and lie, unchanged, in records.

So a change here is a change of the record's schema (docs/record-format.md). Absent is null: a
counter that this machine does not let a process read. Totals count since boot.
"""

from typing import Literal

from msgspec import Struct

from bench.contract.bounds import (
    Amount,
    Bytes,
    Celsius,
    Count,
    Drift,
    Loss,
    Processors,
    Score,
    Seconds,
    Small,
)

CacheWord = Literal["warm", "cold", "unknown"]
Edge = Literal["start", "fit", "end", "failure"]
Source = Literal["task", "user-task", "script"]
Accelerator = Literal["gpu", "tpu"]
Variant = dict[str, int | float | str]


class Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Every fact is frozen, keyword-only, and refuses fields it does not know.

    None can be part of a cycle, so the garbage collector need not look at a million epochs.
    """


class Closed(Fact, frozen=True):
    """How closed the environment is, as read from inside."""

    network_interfaces: tuple[str, ...] | None
    root_writable: bool
    user_id: Count | None
    capabilities: Count | None
    new_privileges: bool | None


class Seen(Fact, frozen=True):
    """What the worker found around itself: the machine that trains, and what of it may be used."""

    versions: dict[str, str]
    system: str | None
    architecture: str | None
    processor: str | None
    processors: Processors
    processors_online: Processors
    processor_quota: Amount | None
    threads_intra: Processors
    threads_inter: Processors
    memory_limit_bytes: Bytes | None
    memory_total_bytes: Bytes | None
    devices: tuple[str, ...]
    gpus: tuple[str, ...]
    gpu_driver: str | None
    runtime_release: str | None
    cgroup_version: Count | None
    closed: Closed


class Stage(Fact, frozen=True):
    """One `fit`: a task has one, a script may have several.

    `epochs_wanted` and `steps_wanted` (of an epoch) are those of the whole job, where the run was
    cut shorter; `at_most` where early stopping may end it sooner. `steps_per_execution` is what
    Keras made of what was asked. `examples` are those that its training data hold, null where only
    a pass over them can tell. `validation_steps_wanted` are those of an epoch's whole validation.
    """

    index: Small
    epochs_wanted: Small
    at_most: bool
    steps: Small | None
    steps_wanted: Small | None
    batch_size: Small | None
    steps_per_execution: Small | None
    fingerprint: str | None
    examples: Count | None = None
    validation_steps_wanted: Small | None = None


class EpochFacts(Fact, frozen=True):
    """One epoch. `ended_seconds` counts from the worker's start; metrics are those held out.

    `index` counts through the whole run, `stage` says in which fit. `processor_seconds` is what
    the worker's threads used of processors together, validation included. `steps` and
    `validation_steps` were counted while it ran, null where nothing counted them.
    """

    index: Small
    stage: Small
    train_seconds: Seconds
    validation_seconds: Seconds
    ended_seconds: Seconds
    processor_seconds: Seconds | None
    loss: Loss | None
    held_out_loss: Loss | None
    held_out_metric: Loss | None
    score: Score | None
    non_finite: tuple[str, ...] = ()
    steps: Small | None = None
    validation_steps: Small | None = None


class Result(Fact, frozen=True):
    """The final evaluation on held-out data, after the last epoch; no score without thresholds."""

    metric: Loss | None
    score: Score | None
    non_finite: tuple[str, ...] = ()


class Pipeline(Fact, frozen=True):
    """One pass over the training data without the model, outside the totals."""

    seconds: Seconds
    cache: CacheWord
    read_bytes: Bytes | None


class Gpu(Fact, frozen=True):
    """One reading of a GPU's own counters (NVML). Throttle reasons are those that slow a job.

    The reasons hold for the moment alone; the seconds are sums, and see what came in between.
    """

    name: str
    memory_used_bytes: Bytes | None
    utilisation_percent: Amount | None
    temperature_celsius: Celsius | None
    energy_joules: Amount | None
    throttle_reasons: tuple[str, ...] = ()
    power_throttled_seconds: Seconds | None = None
    thermal_throttled_seconds: Seconds | None = None


class Reading(Fact, frozen=True):
    """The machine's and the cgroup's counters at one edge of the run."""

    edge: Edge
    at_seconds: Seconds
    wall_unix_seconds: Seconds
    suspended_seconds: Drift | None
    load_average: Amount | None
    busy_seconds: Seconds | None
    steal_seconds: Seconds | None
    own_cpu_seconds: Seconds
    throttled_periods: Count | None
    throttled_seconds: Seconds | None
    processors: Processors
    memory_limit_bytes: Bytes | None
    memory_peak_bytes: Bytes | None
    process_peak_bytes: Bytes | None
    disk_read_bytes: Bytes | None
    frequency_mhz: Amount | None
    temperature_celsius: Celsius | None
    on_battery: bool | None
    rapl_joules: Amount | None
    gpus: tuple[Gpu, ...] = ()
    gpu_peak_bytes: Bytes | None = None
    power_profile: str | None = None
    cpuset: str | None = None
    usable_processors: Processors | None = None
    usable_busy_seconds: Seconds | None = None
    processor_quota: Amount | None = None
    major_faults: Count | None = None
