"""Records as flat rows: one a record for programs, one a task and environment for people."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from bench.evidence import derive, trust
from bench.evidence.energy import energies
from bench.evidence.record import Record

Row = dict[str, object]


def rows(records: Sequence[Record]) -> list[Row]:
    """One flat row a record, with the marks that the repeats together give it."""
    marks = trust.judge_group(records)
    return [
        row(record) | {"marks": [code for code, _ in marks.get(record.id, ())]}
        for record in records
    ]


def row(record: Record) -> Row:
    """One record as a flat row. Missing is None; seconds, bytes and counts as their names say."""
    seen, last = record.seen, next(reversed(trust.in_time(record)), None)
    return {
        "id": record.id,
        "task": record.task.name,
        "own": record.task.own,
        "environment": record.environment.name,
        "engine": record.environment.engine,
        "emulated": record.environment.emulated,
        "machine": record.machine.id,
        "campaign": record.campaign.id,
        "round": record.round,
        "order": record.order,
        "seed": record.seed,
        "started_at": record.started_at,
        "status": record.status,
        "reasons": list(record.reasons),
        "detail": record.detail,
        "score": record.result.score if record.result else None,
        "metric": record.task.metric,
        "metric_value": record.result.metric if record.result else None,
        "non_finite": list(derive.non_finite(record)),
        "epochs": len(record.epochs),
        "first_epoch_seconds": derive.first_epoch_seconds(record),
        "steady_epoch_seconds": derive.steady_epoch_seconds(record),
        "total_seconds": derive.total_seconds(record),
        "reached_seconds": list(derive.reached_seconds(record)),
        "phases": {name: getattr(record.phases, name) for name in record.phases.__struct_fields__},
        "pipeline_seconds": record.pipeline.seconds if record.pipeline else None,
        "processors_seen": seen.processors if seen else None,
        "memory_limit_bytes": seen.memory_limit_bytes if seen else None,
        "memory_peak_bytes": last.memory_peak_bytes if last else None,
        "memory_process_peak_bytes": last.process_peak_bytes if last else None,
        "own_cpu_seconds": trust.growth(record, "own_cpu_seconds"),
        "energy": [
            {"joules": e.joules, "method": e.method, "covers": e.covers} for e in energies(record)
        ],
        "foreign_share": trust.foreign_share(record),
        "device": _device(record),
        "data_digest": record.task.data_digest,
        "fingerprint": record.task.fingerprint,
        "image_digest": record.environment.image_digest,
        "versions": seen.versions if seen else {},
    }


def _device(record: Record) -> str | None:
    """The processor or GPU that did the work, by where the model lay."""
    if record.seen is None or record.placements is None:
        return None
    if any(place.startswith("GPU") for place in record.placements):
        return ", ".join(name for name in record.seen.devices if name.startswith("GPU"))
    return f"CPU: {record.seen.processor}"


def by_task_and_environment(records: Iterable[Record]) -> list[Row]:
    """One row a task and environment, in the order of the exam's categories."""
    groups: dict[tuple[int, str, str], list[Record]] = {}
    for record in records:
        key = (record.task.category or 9, record.task.name, record.environment.name)
        groups.setdefault(key, []).append(record)
    return [_summary(groups[key]) for key in sorted(groups)]


def _summary(group: Sequence[Record]) -> Row:
    good = [record for record in group if record.status == "ok"]
    first = group[0]
    return {
        "task": first.task.name,
        "environment": _label(first),
        "runs": f"{len(good)} ok{_others(group)}",
        "marks": _spoken_marks(group),
        "score": _middle(r.result.score for r in good if r.result),
        "held out": _held_out(good),
        "epoch s": _middle(derive.steady_epoch_seconds(r) for r in good),
        "spread": _spoken_spread(good),
        "first s": _middle(derive.first_epoch_seconds(r) for r in good),
        "start s": _middle(_before_fit(r) for r in good),
        "total s": _middle(derive.total_seconds(r) for r in good),
    }


def _label(record: Record) -> str:
    """The environment's name; one that stands for other hardware says so wherever it is shown."""
    emulated = " (emulated)" if record.environment.emulated else ""
    return record.environment.name + emulated


def _held_out(good: Sequence[Record]) -> str:
    """The median of the metric on held-out data, with its name."""
    value = _middle(record.result.metric for record in good if record.result)
    return "–" if value is None else f"{value:.3g} {good[0].task.metric}"


def _others(group: Sequence[Record]) -> str:
    counts = Counter(
        f"{record.status}: {', '.join(record.reasons)}" for record in group if record.status != "ok"
    )
    return "".join(f", {count} {what}" for what, count in counts.items())


def _middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _spoken_spread(good: Sequence[Record]) -> str:
    wide = trust.spread(trust.steady_seconds(good))
    return "–" if wide is None else f"{wide:.0%} of {len(good)}"


def _spoken_marks(group: Sequence[Record]) -> str:
    """How many repeats are suspect, by reason."""
    marks = trust.judge_group(group)
    counts = Counter(code for found in marks.values() for code, _ in found)
    return ", ".join(f"{count} {code}" for code, count in sorted(counts.items())) or "–"


def _before_fit(record: Record) -> float | None:
    """Seconds from the start to the first epoch: environment, imports, data and model."""
    phases = record.phases
    parts = (phases.start, phases.imports, phases.data, phases.build)
    return None if None in parts else sum(part for part in parts if part is not None)
