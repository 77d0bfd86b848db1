"""Pools of repeats as numbers: a pandas frame a pool.

What belongs together is decided in `bench.evidence.pools`. Everything right of here speaks of
pools, never of single records.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas

from bench.errors import UsageError
from bench.evidence import derive
from bench.evidence import pools as evidence
from bench.evidence.energy import gpu_watts
from bench.evidence.identity import commander
from bench.evidence.noise import Noise, noise_of
from bench.evidence.record import Record
from bench.evidence.select import no_records
from bench.evidence.trust import judge_repeats
from bench.evidence.variants import called

FRAMEWORKS = ("tensorflow", "keras")
SESSION = ("provision_seconds", "install_seconds", "data_seconds")


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Repeats of one thing; `rounds` has a row a record, indexed by campaign and round.

    Its columns are `epochs` (how many), `epoch_seconds` (steady; of several fits the mean over all
    epochs wanted, `done_epoch_seconds` over those that were run), `start_seconds` (all that is not
    a steady epoch), `total_seconds`, `score`, `metric`, `memory_bytes` and `gpu_memory_bytes`
    (peaks), and of a rented session the `SESSION` seconds before the run, `units_per_hour` and
    `balance_before`; `gpu_watts` is the GPUs' mean power. What a run lacks is NaN. `processors` is
    how many the worker saw, 0 where it did not say; `gpu` is whether it was to use one, `own`
    whether the task is a user's own. `suspects` counts the rounds that carry each mark of
    `judge_repeats`; `noise` is None under three repeats.
    """

    machine: str
    environment: str
    emulated: bool
    rented: bool
    plan: str
    gpu: bool
    processors: int
    own: bool
    suspects: Mapping[str, int]
    task: str
    category: int
    fingerprint: str
    versions: tuple[str, ...]
    epochs: int
    newest: str
    rounds: pandas.DataFrame
    source: evidence.Pool
    noise: Noise | None

    @property
    def last(self) -> Record:
        """Its newest repeat."""
        return self.source.repeats[-1]

    def of_epochs(self, epochs: float) -> "Pool":
        """The pool with only the runs of so many epochs."""
        wanted = self.rounds["epochs"] == epochs
        repeats = tuple(r for r in self.source.repeats if len(r.epochs) == epochs)
        return replace(
            self, rounds=self.rounds[wanted], source=replace(self.source, repeats=repeats)
        )

    def column(self, name: str) -> dict[object, float]:
        """Round → value, without the rounds that lack it."""
        return {key: float(value) for key, value in self.rounds[name].dropna().items()}


def start_seconds(record: Record) -> float | None:
    """All of a run's total that its steady epochs do not explain.

    That is the start, imports, data, building, evaluation, and what the first epoch took longer
    than a steady one, in each of several fits. None where a run has no steady epoch or did not end.
    """
    total = derive.total_seconds(record)
    if derive.steady_epoch_seconds(record) is None or total is None:
        return None
    return total - sum(derive.epoch_seconds(record)) + derive.tracing_seconds(record)


def pools(records: Sequence[Record]) -> tuple[Pool, ...]:
    """The pools with repeats, as numbers, newest last."""
    found = [_pool(pool) for pool in evidence.pools(records) if pool.repeats]
    return tuple(sorted(found, key=lambda pool: pool.newest))


def home(records: Sequence[Record], machine: str) -> str:
    """The machine to speak of: this one, or where it has no records, that of the newest record.

    A rented machine only where there are no others.
    """
    if not records:
        raise no_records(None)
    if any(commander(record).id == machine for record in records):
        return machine
    fixed = [record for record in records if not derive.rented(record)]
    return max(fixed or records, key=lambda record: record.started_at).machine.id


def of_campaign(records: Sequence[Record], campaign: str | None) -> tuple[Record, ...]:
    """The records of that campaign, or all. Raises UsageError for a campaign that has none."""
    if campaign is None:
        return tuple(records)
    found = tuple(record for record in records if record.campaign.id == campaign)
    if not found:
        known = ", ".join(sorted({record.campaign.id for record in records})[-5:]) or "none"
        raise UsageError(f"no campaign is called {campaign!r}; the newest are: {known}")
    return found


def _of_session(name: str, record: Record) -> float | None:
    return getattr(record.session, name) if record.session else None


def _most(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)


OF_SESSION = (*SESSION, "units_per_hour", "balance_before")
COLUMNS: dict[str, Callable[[Record], float | None]] = {
    "epochs": lambda r: len(r.epochs),
    "epoch_seconds": derive.mean_epoch_seconds,
    "done_epoch_seconds": derive.done_epoch_seconds,
    "start_seconds": start_seconds,
    "total_seconds": derive.total_seconds,
    "score": lambda r: r.result.score if r.result else None,
    "metric": lambda r: r.result.metric if r.result else None,
    "memory_bytes": derive.memory_peak_bytes,
    "gpu_watts": gpu_watts,
    "gpu_memory_bytes": lambda r: _most(reading.gpu_peak_bytes for reading in r.readings),
    **{name: partial(_of_session, name) for name in OF_SESSION},
}


def _pool(pool: evidence.Pool) -> Pool:
    last = pool.repeats[-1]
    marks = judge_repeats(pool.repeats)
    return Pool(
        machine=last.machine.id,
        environment=last.environment.name,
        emulated=last.environment.emulated,
        rented=last.environment.rented,
        plan=(last.session.plan if last.session else None) or "",
        gpu=last.environment.accelerator == "gpu",
        processors=last.seen.processors if last.seen else 0,
        own=last.task.source != "task",
        suspects=Counter(code for found in marks.values() for code, _ in found),
        task=called(last),
        category=last.task.category or 0,
        fingerprint=last.task.fingerprint or "",
        versions=tuple(_version(last, name) for name in FRAMEWORKS),
        epochs=last.task.epochs_wanted or len(last.epochs),
        newest=last.campaign.id,
        rounds=_rounds(pool.repeats),
        source=pool,
        noise=noise_of(pool.repeats),
    )


def _rounds(repeats: Sequence[Record]) -> pandas.DataFrame:
    rows = [{name: value(record) for name, value in COLUMNS.items()} for record in repeats]
    keys = [f"{record.campaign.id} r{record.round:02d}" for record in repeats]
    return pandas.DataFrame(rows, index=keys, columns=list(COLUMNS)).astype(float)


def _version(record: Record, package: str) -> str:
    return record.seen.versions.get(package, "") if record.seen else ""
