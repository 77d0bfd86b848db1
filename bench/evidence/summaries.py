"""Records as tables for people: a row for each pool."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.evidence import derive, noise, trust
from bench.evidence.pools import Pool, epochs_of, newest, pools, version
from bench.evidence.record import Record
from bench.evidence.rows import Row
from bench.evidence.words import ABSENT, counted, nouned, place_called


@dataclass(frozen=True, kw_only=True)
class Named:
    """A pool, and what tells it from others of the same task and environment; "" without others."""

    pool: Pool
    apart: str

    @property
    def good(self) -> Sequence[Record]:
        """The repeats that count."""
        return self.pool.repeats

    @property
    def name(self) -> tuple[str, str]:
        """Task and environment."""
        task, _, _, environment = self.pool.place
        return task, environment


def named_pools(records: Iterable[Record]) -> list[Named]:
    """The pools in the order of the exam's categories, each with what tells it apart."""
    same: dict[tuple[str, str], list[Pool]] = {}
    for pool in pools(records):
        same.setdefault((pool.place[0], pool.place[3]), []).append(pool)
    return [named for found in same.values() for named in _told_apart(found)]


FACTS: Sequence[Callable[[Pool], str]] = (
    lambda p: f"machine {p.place[1]}",
    lambda p: p.place[2],
    lambda p: _variant(p.records[0]),
    lambda p: f"batch {p.records[0].task.batch_size or '?'}",
    lambda p: nouned(str(p.records[0].task.steps or "?"), "step"),
    lambda p: nouned(" or ".join(map(str, epochs_of(p))) or "?", "epoch"),
    lambda p: f"TensorFlow {version(p.records[0], 'tensorflow')}",
    lambda p: f"Keras {version(p.records[0], 'keras')}",
    lambda p: p.records[0].seen.processor or "?" if p.records[0].seen else "?",
    lambda p: ", ".join(p.records[0].seen.devices) if p.records[0].seen else "?",
    lambda p: f"fingerprint {(p.records[0].task.fingerprint or '?')[:8]}",
)


def _variant(record: Record) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(record.task.variant.items()))


def _told_apart(found: Sequence[Pool]) -> list[Named]:
    """Each pool with as many of the facts that differ as it takes to tell them apart."""
    texts = [""] * len(found)
    for fact in FACTS:
        values = [fact(pool) for pool in found]
        if len(set(texts)) < len(found) and len(set(values)) > 1:
            texts = [", ".join(filter(None, pair)) for pair in zip(texts, values, strict=True)]
    return [Named(pool=pool, apart=text) for pool, text in zip(found, texts, strict=True)]


def by_task_and_environment(records: Iterable[Record]) -> list[Row]:
    """Scores and seconds: one row a group."""
    return _rows(records, _summary)


def phases(records: Iterable[Record]) -> list[Row]:
    """Where the seconds go: one row a group; seconds to the hundredth."""
    return _rows(records, _phases)


def usual_seconds(records: Iterable[Record], machine: str) -> dict[str, tuple[str, float]]:
    """Task → environment and median seconds of its newest whole runs on that machine.

    Emulated and rented places are left out: they say nothing of this machine. Of several
    environments the one with the newest repeat.
    """
    found = [
        pool
        for pool in newest(pools(records))
        if pool.place[1] == machine and not _stands_for_other(pool.records[0])
    ]
    seconds: dict[str, tuple[str, float]] = {}
    for pool in sorted(found, key=lambda pool: pool.newest):
        middle = _middle(derive.total_seconds(r) for r in longest(pool.repeats))
        if middle is not None:
            seconds[pool.place[0]] = (pool.place[3], middle)
    return seconds


def _stands_for_other(record: Record) -> bool:
    return record.environment.emulated or record.environment.rented


def _rows(records: Iterable[Record], columns: Callable[[Named], Row]) -> list[Row]:
    """A row a group; a column says what differs where groups have the same name."""
    found = named_pools(records)
    apart = any(group.apart for group in found)
    return [
        {"task": group.name[0], "environment": _environment(group.pool.records[0])}
        | ({"of": group.apart or ABSENT} if apart else {})
        | columns(group)
        for group in found
    ]


def _environment(record: Record) -> str:
    place = record.environment
    return place_called(place.name, emulated=place.emulated)


def _summary(group: Named) -> Row:
    good = group.good
    return {
        "runs": f"{len(good)} ok{_others(group.pool.others)}",
        "marks": _spoken_marks(good),
        "score": _middle(r.result.score for r in longest(good) if r.result),
        "held out": _held_out(longest(good)),
        "epoch s": _rounded((derive.steady_epoch_seconds(r) for r in good), 3),
        "noise": noise.spoken(noise.noise_of(good)),
        "first s": _middle(derive.first_epoch_seconds(r) for r in good),
        "total s": _middle(derive.total_seconds(r) for r in longest(good)),
    }


def longest(repeats: Sequence[Record]) -> Sequence[Record]:
    """Those with the most epochs: scores and whole runs compare only at equal epochs."""
    most = max((len(record.epochs) for record in repeats), default=0)
    return [record for record in repeats if len(record.epochs) == most]


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


def _phases(group: Named) -> Row:
    parts: Row = {name: _rounded(part(r) for r in group.good) for name, part in PARTS.items()}
    return parts | {"input": _input(group.good)}


def _input(good: Sequence[Record]) -> str:
    """The pipeline alone, and whether storage was read for it."""
    found = [record.pipeline for record in good if record.pipeline]
    if not found:
        return ABSENT
    seconds = _rounded(pipeline.seconds for pipeline in found)
    return f"{seconds:.3g} {', '.join(sorted({pipeline.cache for pipeline in found}))}"


def _rounded(values: Iterable[float | None], decimals: int = 2) -> float | None:
    middle = _middle(values)
    return None if middle is None else round(middle, decimals)


def sentences(records: Sequence[Record]) -> list[str]:
    """Why repeats are suspect, and what noise is made of: each once, with where it is said of."""
    said = targets(records)
    for group in named_pools(records):
        marks = trust.judge_repeats(group.good)
        counts = Counter(text for found in marks.values() for _, text in found)
        where = _where(group)
        said += [f"{where}, {count} of {len(group.good)}: {text}" for text, count in counts.items()]
        found = noise.noise_of(group.good)
        if found and (why := noise.explained(found)):
            said.append(f"{where}, {noise.spoken(found)}: {why}")
    return said


def targets(records: Sequence[Record]) -> list[str]:
    """How long scripts take until their targets are reached; none where none has a target."""
    groups = named_pools(records)
    return [f"{_where(group)}: {text}" for group in groups for text in _targets(group.good)]


def _where(group: Named) -> str:
    return " in ".join(group.name) + (f" ({group.apart})" if group.apart else "")


def _targets(good: Sequence[Record]) -> list[str]:
    """How long it takes until a script's target is reached, by target."""
    asked = dict.fromkeys(r.campaign.target for r in good if r.campaign.target)
    said = []
    for target in asked:
        same = [record for record in good if record.campaign.target == target]
        known = [s for record in same if (s := derive.target_seconds(record)) is not None]
        epochs = max(len(record.epochs) for record in same)
        text = f"not reached in {counted(epochs, 'epoch')}"
        if known:
            share = (
                ""
                if len(known) == len(same)
                else f", in {len(known)} of {counted(len(same), 'run')}"
            )
            text = f"reached after {median(known):.3g} s{share}"
        said.append(f"{target} {text}")
    return said


def _held_out(good: Sequence[Record]) -> str:
    """The median of the metric on held-out data, with its name."""
    value = _middle(record.result.metric for record in good if record.result)
    return ABSENT if value is None else f"{value:.3g} {good[0].task.metric or ''}".rstrip()


def _others(group: Sequence[Record]) -> str:
    counts = Counter(f"{record.status}: {', '.join(record.reasons)}" for record in group)
    return "".join(f", {count} {what}" for what, count in counts.items())


def _middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _spoken_marks(group: Sequence[Record]) -> str:
    """How many repeats are suspect, by reason."""
    marks = trust.judge_repeats(group)
    counts = Counter(code for found in marks.values() for code, _ in found)
    return ", ".join(f"{count} {code}" for code, count in sorted(counts.items())) or ABSENT
