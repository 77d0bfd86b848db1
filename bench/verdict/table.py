"""Records as a pandas frame, and the groups of them that may be pooled.

Pooled only where machine, environment, task, fingerprint and framework versions agree, and only
what ended well. Everything right of here speaks of pools, never of single records.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas

from bench.errors import UsageError
from bench.evidence import derive
from bench.evidence.energy import gpu_watts
from bench.evidence.record import Record
from bench.evidence.select import no_records
from bench.evidence.trust import judge_group

FRAMEWORKS = ("tensorflow", "keras")
POOLED_BY = (
    "machine", "environment", "task", "fingerprint", "processor", "devices", *FRAMEWORKS,
)  # fmt: skip
SESSION = ("provision_seconds", "install_seconds", "data_seconds")


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Repeats of one thing; `rounds` has a row a record, indexed by campaign and round.

    Its columns are `epoch_seconds` (steady), `start_seconds` (all that is not a steady epoch),
    `total_seconds`, `score`, `metric`, `memory_bytes` and `gpu_memory_bytes` (peaks), and of a
    rented session the `SESSION` seconds before the run, `units_per_hour` and `balance_before`;
    `gpu_watts` is the GPUs' mean power. What a run lacks is NaN. `processors` is how many the
    worker saw, 0 where it did not say; `gpu` is whether it was to use one, `own` whether the task
    is a user's own. `suspects` counts the rounds that carry each mark of `judge_group`.
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

    def column(self, name: str) -> dict[object, float]:
        """Round → value, without the rounds that lack it."""
        return {key: float(value) for key, value in self.rounds[name].dropna().items()}


def start_seconds(record: Record) -> float | None:
    """All of a run's total that its steady epochs do not explain.

    That is the start, imports, data, building, evaluation, and what the first epoch took longer
    than a steady one. None where a run has no steady epoch or did not end.
    """
    epochs, steady = derive.epoch_seconds(record), derive.steady_epoch_seconds(record)
    total = derive.total_seconds(record)
    if steady is None or total is None:
        return None
    return total - sum(epochs) + epochs[0] - steady


def frame(records: Sequence[Record]) -> pandas.DataFrame:
    """One row for each record that ended well, in the order of campaigns and rounds."""
    marks = judge_group(records)
    rows = [
        _row(record) | {"marks": tuple(code for code, _ in marks.get(record.id, ()))}
        for record in records
        if record.status == "ok"
    ]
    table = pandas.DataFrame(rows, columns=[*_COLUMNS, "marks"]).set_index("key")
    return table.sort_values(["campaign", "round"])


def pools(records: Sequence[Record]) -> tuple[Pool, ...]:
    """The groups that may be pooled, newest last."""
    table = frame(records)
    groups = table.groupby(list(POOLED_BY), sort=True, dropna=False)
    found = [_pool(rows) for _, rows in groups]
    return tuple(sorted(found, key=lambda pool: pool.newest))


def home(records: Sequence[Record], machine: str) -> str:
    """The machine to speak of: this one, or where it has no records, that of the newest record.

    A rented machine only where there are no others.
    """
    if not records:
        raise no_records(None)
    own = any(record.machine.id == machine for record in records)
    if own:
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
_COLUMNS: dict[str, Callable[[Record], object]] = {
    "key": lambda r: f"{r.campaign.id} r{r.round:02d}",
    "campaign": lambda r: r.campaign.id,
    "round": lambda r: r.round,
    "machine": lambda r: r.machine.id,
    "environment": lambda r: r.environment.name,
    "emulated": lambda r: r.environment.emulated,
    "gpu": lambda r: r.environment.gpu,
    "processors": lambda r: r.seen.processors if r.seen else 0,
    "rented": derive.rented,
    "plan": lambda r: (r.session.plan if r.session else None) or "",
    "own": lambda r: r.task.own,
    "task": lambda r: r.task.name,
    "category": lambda r: r.task.category or 0,
    "fingerprint": lambda r: r.task.fingerprint or "",
    "processor": lambda r: (r.seen.processor if r.seen else None) or "",
    "devices": lambda r: ", ".join(r.seen.devices) if r.seen else "",
    "tensorflow": lambda r: _version(r, "tensorflow"),
    "keras": lambda r: _version(r, "keras"),
    "epochs": lambda r: len(r.epochs),
    "epoch_seconds": derive.steady_epoch_seconds,
    "start_seconds": start_seconds,
    "total_seconds": derive.total_seconds,
    "score": lambda r: r.result.score if r.result else None,
    "metric": lambda r: r.result.metric if r.result else None,
    "memory_bytes": derive.memory_peak_bytes,
    "gpu_watts": gpu_watts,
    "gpu_memory_bytes": lambda r: _most(reading.gpu_peak_bytes for reading in r.readings),
    **{name: partial(_of_session, name) for name in OF_SESSION},
}
NUMBERS = (
    "epoch_seconds", "start_seconds", "total_seconds", "score", "metric",
    "memory_bytes", "gpu_memory_bytes", "gpu_watts", *OF_SESSION,
)  # fmt: skip


def _row(record: Record) -> dict[str, object]:
    return {name: value(record) for name, value in _COLUMNS.items()}


def _version(record: Record, package: str) -> str:
    return record.seen.versions.get(package, "") if record.seen else ""


def _pool(rows: pandas.DataFrame) -> Pool:
    # a round that was run again counts once, with its last attempt
    rows = rows[~rows.index.duplicated(keep="last")]
    last = rows.iloc[-1]
    return Pool(
        machine=last["machine"],
        environment=last["environment"],
        emulated=bool(last["emulated"]),
        rented=bool(last["rented"]),
        plan=last["plan"],
        gpu=bool(last["gpu"]),
        processors=int(last["processors"]),
        own=bool(last["own"]),
        suspects=Counter(code for codes in rows["marks"] for code in codes),
        task=last["task"],
        category=int(last["category"]),
        fingerprint=last["fingerprint"],
        versions=tuple(last[name] for name in FRAMEWORKS),
        epochs=int(last["epochs"]),
        newest=last["campaign"],
        rounds=rows[list(NUMBERS)].astype(float),
    )
