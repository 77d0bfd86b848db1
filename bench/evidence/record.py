"""A record: everything kept of one run. docs/record-format.md explains each field.

Frozen, keyword-only, validated when read. Raw numbers only: what can be computed from them is
computed when it is asked for (`bench.evidence.derive`), never stored. Missing is null, never 0.
"""

from typing import Literal

from bench.contract.bounds import (
    Amount,
    Balance,
    Bytes,
    Count,
    Loss,
    Processors,
    Seconds,
    Small,
    Whole,
)
from bench.contract.facts import (
    Accelerator,
    EpochFacts,
    Fact,
    Pipeline,
    Reading,
    Result,
    Seen,
    Source,
    Stage,
    Variant,
)

SCHEMA = 2

Status = Literal["ok", "failed", "oom", "timeout", "interrupted", "rejected"]
EngineName = Literal["docker", "native", "colab"]


class Campaign(Fact, frozen=True):
    """The command this run belongs to, with its plan, so that it can be resumed."""

    id: str
    started_at: str
    certbench: str
    environments: tuple[str, ...]
    tasks: tuple[str, ...]
    rounds: Small
    seed: Whole
    epochs: Small | None
    steps: Small | None = None
    arguments: tuple[str, ...] = ()
    auto: bool | None = None
    target: str | None = None


class Machine(Fact, frozen=True):
    """A computer. `id` is a digest of its models, `id_v1` the one that version 1 gave it.

    Memory is a fact and no part of the identity: a virtual machine's comes and goes.
    """

    id: str
    id_v1: str | None
    processor: str
    processors: Processors
    memory_gib: Small
    system: str
    architecture: str
    gpus: tuple[str, ...]
    listed_watts: Amount | None
    power_source: str | None


class TaskFacts(Fact, frozen=True):
    """What was trained. Null where the run ended before the worker could say.

    `epochs` and `steps` (of an epoch) are those of this run, `epochs_wanted` and `steps_wanted`
    those of the whole job. `fingerprint` says what an epoch did, `variant` is part of it.
    """

    name: str
    source: Source
    variant: Variant
    title: str | None = None
    category: Whole | None = None
    epochs: Small | None = None
    epochs_wanted: Small | None = None
    batch_size: Small | None = None
    steps: Small | None = None
    steps_wanted: Small | None = None
    metric: str | None = None
    thresholds: tuple[Loss, ...] | None = None
    data_digest: str | None = None
    fingerprint: str | None = None
    fingerprint_v1: str | None = None
    parameters: Count | None = None


class EnvironmentFacts(Fact, frozen=True):
    """Where it was trained, and what that environment stands for.

    isolated: nothing but the run shares its limits, and nothing from outside reached it.
    rented: on a machine that was had for the runs alone, and had to be waited for.
    """

    name: str
    engine: EngineName
    emulated: bool
    isolated: bool
    rented: bool
    accelerator: Accelerator | None
    image: str | None
    image_digest: str | None
    engine_version: str | None
    accelerator_request: str | None


class Opened(Fact, frozen=True):
    """What the user opened of a closed environment.

    data: where his files lay inside. packages: digest of the list of packages that were added.
    """

    data: tuple[str, ...] = ()
    network: bool = False
    packages: str | None = None


class LimitsAsked(Fact, frozen=True):
    """What the engine was asked for; null is no limit. `cores` is of which kind a cpuset's are."""

    cpuset: str | None
    processor_quota: Amount | None
    memory_bytes: Bytes | None
    seconds: Seconds
    cores: Literal["fast", "mixed"] | None = None


class Phases(Fact, frozen=True):
    """Seconds of each phase; null where it did not end or there is none. `check` is in no total."""

    start: Seconds | None = None
    imports: Seconds | None = None
    download: Seconds | None = None
    data: Seconds | None = None
    build: Seconds | None = None
    fit: Seconds | None = None
    evaluate: Seconds | None = None
    rest: Seconds | None = None
    check: Seconds | None = None


class Ending(Fact, frozen=True):
    """How the process ended."""

    exit_code: Whole | None
    oom_killed: bool
    timed_out: bool
    stderr_tail: tuple[str, ...]


class Session(Fact, frozen=True):
    """What a rented session cost around its runs; null where nobody could say.

    The seconds are the user's wait: `provision` until there was a machine, `install` for code and
    packages, `data` for this run's task. Balances are those before the session was made and after
    this run; `units_per_hour` and `plan` may have been typed in, where `balance_before` is null.
    """

    plan: str | None = None
    provision_seconds: Seconds | None = None
    install_seconds: Seconds | None = None
    data_seconds: Seconds | None = None
    units_per_hour: Amount | None = None
    balance_before: Balance | None = None
    balance_after: Balance | None = None


class Record(Fact, frozen=True, dict=True, gc=True):
    """One run, whole. Its `__dict__` is for what `derive` has computed from it, never saved.

    machine: the computer that trained. controller: the one that commanded, null where they are one.
    entry: the machine's name in the user's list of machines, null where there was no list.
    """

    schema: Small
    id: str
    campaign: Campaign
    machine: Machine
    controller: Machine | None
    entry: str | None
    task: TaskFacts
    environment: EnvironmentFacts
    opened: Opened
    round: Small
    attempt: Small
    order: Small
    seed: Whole
    started_at: str
    status: Status
    reasons: tuple[str, ...]
    detail: str | None
    limits: LimitsAsked
    seen: Seen | None
    phases: Phases
    stages: tuple[Stage, ...]
    epochs: tuple[EpochFacts, ...]
    result: Result | None
    placements: tuple[str, ...] | None
    pipeline: Pipeline | None
    readings: tuple[Reading, ...]
    ending: Ending
    session: Session | None = None
