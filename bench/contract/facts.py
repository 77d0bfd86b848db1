"""The plain facts a worker reports: they travel in events and lie, unchanged, in records.

So a change here is a change of the record's schema (docs/record-format.md). Absent is null: a
counter that this machine does not let a process read. Totals count since boot.
"""

from typing import Literal

from msgspec import Struct

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
    user_id: int | None
    capabilities: int | None
    new_privileges: bool | None


class Seen(Fact, frozen=True):
    """What the worker found around itself: the machine that trains, and what of it may be used."""

    versions: dict[str, str]
    system: str | None
    architecture: str | None
    processor: str | None
    processors: int
    processors_online: int
    processor_quota: float | None
    threads_intra: int
    threads_inter: int
    memory_limit_bytes: int | None
    memory_total_bytes: int | None
    devices: tuple[str, ...]
    gpus: tuple[str, ...]
    gpu_driver: str | None
    runtime_release: str | None
    cgroup_version: int | None
    closed: Closed


class Stage(Fact, frozen=True):
    """One `fit`: a task has one, a script may have several.

    `epochs_wanted` and `steps_wanted` (of an epoch) are those of the whole job, where the run was
    cut shorter; `at_most` where early stopping may end it sooner. `steps_per_execution` is what
    Keras made of what was asked.
    """

    index: int
    epochs_wanted: int
    at_most: bool
    steps: int | None
    steps_wanted: int | None
    batch_size: int | None
    steps_per_execution: int | None
    fingerprint: str | None


class EpochFacts(Fact, frozen=True):
    """One epoch. `ended_seconds` counts from the worker's start; metrics are those held out.

    `index` counts through the whole run, `stage` says in which fit. `processor_seconds` is what
    the worker's threads used of processors together, validation included.
    """

    index: int
    stage: int
    train_seconds: float
    validation_seconds: float
    ended_seconds: float
    processor_seconds: float | None
    loss: float | None
    held_out_loss: float | None
    held_out_metric: float | None
    score: int | None
    non_finite: tuple[str, ...] = ()


class Result(Fact, frozen=True):
    """The final evaluation on held-out data, after the last epoch; no score without thresholds."""

    metric: float | None
    score: int | None
    non_finite: tuple[str, ...] = ()


class Pipeline(Fact, frozen=True):
    """One pass over the training data without the model, outside the totals."""

    seconds: float
    cache: CacheWord
    read_bytes: int | None


class Gpu(Fact, frozen=True):
    """One reading of a GPU's own counters (NVML). Throttle reasons are those that slow a job.

    The reasons hold for the moment alone; the seconds are sums, and see what came in between.
    """

    name: str
    memory_used_bytes: int | None
    utilisation_percent: float | None
    temperature_celsius: float | None
    energy_joules: float | None
    throttle_reasons: tuple[str, ...] = ()
    power_throttled_seconds: float | None = None
    thermal_throttled_seconds: float | None = None


class Reading(Fact, frozen=True):
    """The machine's and the cgroup's counters at one edge of the run."""

    edge: Edge
    at_seconds: float
    wall_unix_seconds: float
    suspended_seconds: float | None
    load_average: float | None
    busy_seconds: float | None
    steal_seconds: float | None
    own_cpu_seconds: float
    throttled_periods: int | None
    throttled_seconds: float | None
    processors: int
    memory_limit_bytes: int | None
    memory_peak_bytes: int | None
    process_peak_bytes: int | None
    disk_read_bytes: int | None
    frequency_mhz: float | None
    temperature_celsius: float | None
    on_battery: bool | None
    rapl_joules: float | None
    gpus: tuple[Gpu, ...] = ()
    gpu_peak_bytes: int | None = None
    power_profile: str | None = None
    cpuset: str | None = None
    usable_processors: int | None = None
    usable_busy_seconds: float | None = None
    processor_quota: float | None = None
    major_faults: int | None = None
