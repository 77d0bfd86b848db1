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
from bench.contract.facts import EpochFacts, Fact, Pipeline, Reading, Result, Seen
from bench.contract.task import Metric

SCHEMA = 1

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
    auto: bool | None = None


class Machine(Fact, frozen=True):
    """The computer that ran the command. `id` is a digest of the other facts."""

    id: str
    processor: str
    processors: Processors
    memory_gib: Small
    system: str
    architecture: str
    gpus: tuple[str, ...]
    listed_watts: Amount | None
    power_source: str | None


class TaskFacts(Fact, frozen=True):
    """What was trained. Null where the run ended before the worker could say."""

    name: str
    own: bool
    title: str | None = None
    category: Whole | None = None
    epochs: Small | None = None
    batch_size: Small | None = None
    metric: Metric | None = None
    thresholds: tuple[Loss, ...] | None = None
    data_digest: str | None = None
    fingerprint: str | None = None
    parameters: Count | None = None


class EnvironmentFacts(Fact, frozen=True):
    """Where it was trained, and what that environment stands for."""

    name: str
    engine: EngineName
    emulated: bool
    gpu: bool
    image: str | None
    image_digest: str | None
    engine_version: str | None
    gpu_request: str | None


class LimitsAsked(Fact, frozen=True):
    """What the engine was asked for; null is no limit."""

    cpuset: str | None
    processor_quota: Amount | None
    memory_bytes: Bytes | None
    seconds: Seconds


class Phases(Fact, frozen=True):
    """Seconds of each phase; null where it did not end. `check` is in no total."""

    start: Seconds | None = None
    imports: Seconds | None = None
    data: Seconds | None = None
    build: Seconds | None = None
    fit: Seconds | None = None
    evaluate: Seconds | None = None
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
    """One run, whole. Its `__dict__` is for what `derive` has computed from it, never saved."""

    schema: Small
    id: str
    campaign: Campaign
    machine: Machine
    task: TaskFacts
    environment: EnvironmentFacts
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
    epochs: tuple[EpochFacts, ...]
    result: Result | None
    placements: tuple[str, ...] | None
    pipeline: Pipeline | None
    readings: tuple[Reading, ...]
    ending: Ending
    session: Session | None = None
