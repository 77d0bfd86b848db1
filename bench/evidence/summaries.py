"""Records as tables for people: a row for each group of repeats that may be pooled."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.evidence import derive, modes, trust
from bench.evidence.record import Record
from bench.evidence.rows import Row


@dataclass(frozen=True, kw_only=True)
class Group:
    """Repeats that may be pooled, and those that ended too early to say what they are.

    `apart` says what tells them from others of the same task and environment; "" without others.
    """

    records: tuple[Record, ...]
    apart: str = ""

    @property
    def good(self) -> list[Record]:
        """Those that count."""
        return [record for record in self.records if record.status == "ok"]

    @property
    def name(self) -> tuple[str, str]:
        """Task and environment."""
        return self.records[0].task.name, self.records[0].environment.name


def groups(records: Iterable[Record]) -> list[Group]:
    """The groups in the order of the exam's categories; only like is pooled with like."""
    named: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        named.setdefault((record.task.name, record.environment.name), []).append(record)
    found = [group for same in named.values() for group in _told_apart(_pools(same))]
    return sorted(found, key=lambda group: (_category(group), *group.name, group.apart))


def _pools(records: Sequence[Record]) -> list[list[Record]]:
    """By what has to agree; what ended before it could say goes to the others of its campaign."""
    pools: dict[object, list[Record]] = {}
    for record in records:
        if record.task.fingerprint is not None:
            pools.setdefault(trust.pool_key(record), []).append(record)
    for record in records:
        if record.task.fingerprint is None:
            _home(record, pools).append(record)
    return list(pools.values())


def _home(record: Record, pools: dict[object, list[Record]]) -> list[Record]:
    machine = record.machine.id
    same = [pool for pool in pools.values() if pool[0].machine.id == machine]
    ours = [pool for pool in same if any(r.campaign.id == record.campaign.id for r in pool)]
    return (ours or same or [pools.setdefault(machine, [])])[-1]


FACTS: Sequence[Callable[[Record], str]] = (
    lambda r: f"machine {r.machine.id}",
    lambda r: f"{r.task.epochs or '?'} epochs",
    lambda r: f"TensorFlow {_version(r, 'tensorflow')}",
    lambda r: f"Keras {_version(r, 'keras')}",
    lambda r: r.seen.processor or "?" if r.seen else "?",
    lambda r: ", ".join(r.seen.devices) if r.seen else "?",
    lambda r: f"fingerprint {(r.task.fingerprint or '?')[:8]}",
)


def _version(record: Record, package: str) -> str:
    return record.seen.versions.get(package, "?") if record.seen else "?"


def _told_apart(pools: Sequence[Sequence[Record]]) -> list[Group]:
    """Each pool with as many of the facts that differ as it takes to tell them apart."""
    texts = [""] * len(pools)
    for fact in FACTS:
        values = [fact(pool[0]) for pool in pools]
        if len(set(texts)) < len(pools) and len(set(values)) > 1:
            texts = [", ".join(filter(None, pair)) for pair in zip(texts, values, strict=True)]
    return [Group(records=tuple(pool), apart=text) for pool, text in zip(pools, texts, strict=True)]


def _category(group: Group) -> int:
    return max((record.task.category or 0 for record in group.records), default=0) or 9


def by_task_and_environment(records: Iterable[Record]) -> list[Row]:
    """Scores and seconds: one row a group."""
    return _rows(records, _summary)


def phases(records: Iterable[Record]) -> list[Row]:
    """Where the seconds go: one row a group; seconds to the hundredth."""
    return _rows(records, _phases)


def _rows(records: Iterable[Record], columns: Callable[[Group], Row]) -> list[Row]:
    """A row a group; a column says what differs where groups have the same name."""
    found = groups(records)
    apart = any(group.apart for group in found)
    return [
        {"task": group.name[0], "environment": _label(group.records[0])}
        | ({"of": group.apart or "–"} if apart else {})
        | columns(group)
        for group in found
    ]


def _summary(group: Group) -> Row:
    good = group.good
    return {
        "runs": f"{len(good)} ok{_others(group.records)}",
        "marks": _spoken_marks(good),
        "score": _middle(r.result.score for r in good if r.result),
        "held out": _held_out(good),
        "epoch s": _rounded((derive.steady_epoch_seconds(r) for r in good), 3),
        "spread": _spoken_spread(good),
        "first s": _middle(derive.first_epoch_seconds(r) for r in good),
        "total s": _middle(derive.total_seconds(r) for r in good),
    }


PARTS: Mapping[str, Callable[[Record], float | None]] = {
    "start": lambda r: r.phases.start,
    "imports": lambda r: r.phases.imports,
    "data": lambda r: r.phases.data,
    "build": lambda r: r.phases.build,
    "first": derive.first_epoch_seconds,
    "train": derive.steady_train_seconds,
    "val.": derive.steady_validation_seconds,
    "eval.": lambda r: r.phases.evaluate,
}


def _phases(group: Group) -> Row:
    parts: Row = {name: _rounded(part(r) for r in group.good) for name, part in PARTS.items()}
    return parts | {"input": _input(group.good)}


def _input(good: Sequence[Record]) -> str:
    """The pipeline alone, and whether storage was read for it."""
    found = [record.pipeline for record in good if record.pipeline]
    if not found:
        return "–"
    seconds = _rounded(pipeline.seconds for pipeline in found)
    return f"{seconds:.3g} {', '.join(sorted({pipeline.cache for pipeline in found}))}"


def _rounded(values: Iterable[float | None], decimals: int = 2) -> float | None:
    middle = _middle(values)
    return None if middle is None else round(middle, decimals)


def sentences(records: Sequence[Record]) -> list[str]:
    """Why repeats are suspect: each thing once, with the task and environment it is said of."""
    said = []
    for group in groups(records):
        marks = trust.judge_group(group.records)
        counts = Counter(text for found in marks.values() for _, text in found)
        where = " in ".join(group.name) + (f" ({group.apart})" if group.apart else "")
        said += [f"{where}, {count} of {len(group.good)}: {text}" for text, count in counts.items()]
    return said


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
    wide = modes.spread(modes.steady_seconds(good))
    return "–" if wide is None else f"{wide:.0%} of {len(good)}"


def _spoken_marks(group: Sequence[Record]) -> str:
    """How many repeats are suspect, by reason."""
    marks = trust.judge_group(group)
    counts = Counter(code for found in marks.values() for code, _ in found)
    return ", ".join(f"{count} {code}" for code, count in sorted(counts.items())) or "–"
