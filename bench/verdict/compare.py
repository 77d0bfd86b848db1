"""Two sides, task by task: how many times as fast, and whether they learn the same thing.

Pure. Compared where the task's fingerprint agrees; a difference in framework versions is marked.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.errors import UsageError
from bench.evidence.noise import explained, noise_of, spoken
from bench.evidence.pools import differences, left_out, matched_by_v1, same_work
from bench.evidence.pools import newest as newest_pools
from bench.evidence.pools import pools as pools_of
from bench.evidence.record import Record
from bench.evidence.trust import Finding, Marks, judge_repeats
from bench.evidence.variants import called, natural
from bench.evidence.words import counted
from bench.verdict import statistics
from bench.verdict.sides import Side, place_of_side, records_of, side_of
from bench.verdict.statistics import Comparison
from bench.verdict.table import FRAMEWORKS, Pool, home, pools

FEWEST_SEEDS = 2
ELSEWHERE = ("machine", "entry", "processor", "devices", "TensorFlow", "Keras", "JAX")


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What each side learned, lowest and highest over its rounds; NaN-free.

    `same` of None is not known: one seed has no spread to compare with.
    """

    a: tuple[float, float]
    b: tuple[float, float]
    a_metric: tuple[float, float]
    b_metric: tuple[float, float]
    same: bool | None


@dataclass(frozen=True, kw_only=True)
class TaskComparison:
    """One task. Not comparable: `why` says why and the rest is None."""

    task: str
    why: str | None = None
    marks: tuple[str, ...] = ()
    epoch: Comparison | None = None
    total: Comparison | None = None
    scores: Scores | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """Both sides and every task that either of them has records of.

    `left_out` says what a newer configuration was chosen over, a line a side. `no_difference` says
    that none is expected, and why, where both sides have the same hardware and limits.
    """

    a: Side
    b: Side
    tasks: tuple[TaskComparison, ...]
    left_out: tuple[str, ...] = ()
    no_difference: str | None = None


def compare(records: Sequence[Record], a: str, b: str, machine: str) -> Report:
    """Compare side `a` with side `b`, each an ENVIRONMENT of `machine` or MACHINE:ENVIRONMENT.

    Equal variants are compared, and others only where a side names its own settings, as in
    `cpu[backend=jax]`: those are then set against what the other side has instead. Raises
    UsageError for a side without records, and where both are the same.
    """
    here = home(records, machine)
    left, right = side_of(records, a, here), side_of(records, b, here)
    if place_of_side(left) == place_of_side(right):
        raise UsageError(f"{a} and {b} are the same side: name two different ones")
    turned = {name for side in (left, right) for name in side.settings}
    both = [records_of(records, side, turned) for side in (left, right)]
    for side, found in zip((left, right), both, strict=True):
        if not found:
            raise UsageError(f"no records of {side.label}: `certbench show` names the variants")
    names = {called(r): r.task.category or 9 for side in both for r in side}
    tasks = sorted(names, key=lambda name: (names[name], natural(name)))
    older = ((side, left_out(pools_of(rs))) for side, rs in zip((left, right), both, strict=True))
    suspects = judge_repeats([record for side in both for record in side])
    return Report(
        a=left,
        b=right,
        tasks=tuple(
            _with_suspects(
                _task(name, (left, right), both, across=bool(turned)), (left, right), both, suspects
            )
            for name in tasks
        ),
        left_out=tuple(f"{side.label}: {text}" for side, text in older if text),
        no_difference=None if turned else _no_difference(*both),
    )


def _no_difference(a: Sequence[Record], b: Sequence[Record]) -> str | None:
    """Why none is to be expected; None where the sides differ in more than containers."""
    kinds = [{_hardware(record) for record in side if record.status == "ok"} for side in (a, b)]
    if len(kinds[0]) != 1 or kinds[0] != kinds[1]:
        return None
    [(_, processors, *_)] = kinds[0]
    return (
        "No difference is expected: both sides train on the same "
        f"{counted(processors, 'processor')} of one machine, and nothing else that takes time is "
        "limited. A winner would be noise."
    )


def _hardware(record: Record) -> tuple[str, int, float | None, str | None, bool]:
    """What decides how fast an epoch is, as far as a record tells."""
    seen = record.seen
    return (
        record.machine.id,
        seen.processors if seen else 0,
        seen.processor_quota if seen else None,
        record.environment.accelerator,
        seen is None,
    )


def _with_suspects(
    task: TaskComparison,
    sides: Sequence[Side],
    records: Sequence[Sequence[Record]],
    suspects: Marks,
) -> TaskComparison:
    """The task with a mark for each reason to suspect repeats of a side; they still count."""
    said = []
    for side, found in zip(sides, records, strict=True):
        good = [r for r in found if called(r) == task.task and r.status == "ok"]
        marks = [finding for record in good for finding in suspects.get(record.id, ())]
        counts = Counter(code for code, _ in marks)
        said += _noise(side, good)
        said += [
            f"suspect: {count} of {counted(len(good), 'repeat')} of {side.label}, {code} "
            f"({_why(code, marks)})"
            for code, count in sorted(counts.items())
        ]
    return replace(task, marks=(*task.marks, *said))


def _noise(side: Side, good: Sequence[Record]) -> list[str]:
    """That a side is noisy, with its modes and causes; nothing of one that is not."""
    known = newest_pools(pools_of(good))  # several where the machine has several entries
    found = noise_of(max(known, key=lambda pool: pool.newest).repeats) if known else None
    if found is None or found.kind != "noisy":
        return []
    return [": ".join(filter(None, (f"{side.label} is {spoken(found)}", explained(found))))]


def _why(code: str, marks: Sequence[Finding]) -> str:
    """Each sentence about one reason once."""
    return "; ".join(sorted({text for found, text in marks if found == code}))


def _task(
    task: str, sides: Sequence[Side], found: Sequence[Sequence[Record]], *, across: bool
) -> TaskComparison:
    for side, records in zip(sides, found, strict=True):
        if why := _nothing(side, [r for r in records if called(r) == task]):
            return TaskComparison(task=task, why=why)
    known = [[p for p in pools(rs) if p.task == task] for rs in found]
    pair = _newest_pair(*known, across=across)
    if pair is None:
        return TaskComparison(task=task, why=f"{_different(*known)}: run both sides again")
    return _compared(*pair)


def _different(a: Sequence[Pool], b: Sequence[Pool]) -> str:
    """What tells the newest work of both sides apart, in words."""
    found = differences(a[-1].source, b[-1].source)
    words = [word for word in found if word not in ELSEWHERE] or ["configuration or data"]
    return f"not the same work: another {', '.join(words)}"


def _seeds(pool: Pool) -> int:
    """How many seeds the pool's runs were trained with."""
    return len({record.seed for record in pool.source.repeats})


def _nothing(side: Side, records: Sequence[Record]) -> str | None:
    """Why a side has nothing to compare; None where it has."""
    if not records:
        return f"{side.label} has no records of it"
    if any(record.status == "ok" for record in records):
        return None
    reasons = sorted({f"{r.status}: {', '.join(r.reasons)}".rstrip(": ") for r in records})
    return f"no run of {side.label} ended well ({'; '.join(reasons)})"


def _newest_pair(a: Sequence[Pool], b: Sequence[Pool], *, across: bool) -> tuple[Pool, Pool] | None:
    """The newest pools of the same work; those with the same versions come first.

    Across variants the work is another, as it was asked for.
    """
    pairs = [(x, y) for x in a for y in b if across or same_work(x.last, y.last)]
    rank = sorted(pairs, key=lambda p: (p[0].versions == p[1].versions, p[0].newest, p[1].newest))
    return rank[-1] if rank else None


def _compared(a: Pool, b: Pool) -> TaskComparison:
    """Epochs of all repeats; whole runs and scores only of those with equally many epochs."""
    alike = _equally_long(a, b)
    epoch, total, scores = _ratio(a, b, "epoch_seconds"), None, None
    if alike:
        total = _ratio(*alike, "total_seconds")
        scores = _scores(*alike, few=min(map(_seeds, alike)) < FEWEST_SEEDS)
    marks = [*_notes(a, b), *(_parity(scores) if scores else [])]
    if not alike:
        marks.append("run for different numbers of epochs: whole runs and scores do not compare")
    return TaskComparison(task=a.task, marks=tuple(marks), epoch=epoch, total=total, scores=scores)


def _ratio(a: Pool, b: Pool, column: str) -> Comparison | None:
    x, y = a.column(column), b.column(column)
    return statistics.compare(x, y) if x and y else None


def _equally_long(a: Pool, b: Pool) -> tuple[Pool, Pool] | None:
    """Both pools with only their runs of the largest number of epochs that both have."""
    shared = set(a.rounds["epochs"]) & set(b.rounds["epochs"])
    if not shared:
        return None
    return a.of_epochs(max(shared)), b.of_epochs(max(shared))


def _notes(a: Pool, b: Pool) -> list[str]:
    """Versions that differ, and a match by the older fingerprint."""
    notes = [
        f"{name} {x or 'unknown'} against {y or 'unknown'}"
        for name, x, y in zip(FRAMEWORKS, a.versions, b.versions, strict=True)
        if x != y
    ]
    if matched_by_v1(a.last, b.last):
        notes.append("the same work by the fingerprint of version 1, which knew less settings")
    return notes


def _parity(scores: Scores) -> list[str]:
    if scores.same is None:
        return ["whether both learn the same thing is not known: it takes two seeds a side"]
    if not scores.same:
        return ["the environments do not learn the same thing"]
    other = not _meet(scores.a_metric, scores.b_metric)
    return ["same score, other metric: further apart than their seeds spread"] if other else []


def _scores(a: Pool, b: Pool, *, few: bool) -> Scores | None:
    ranges = [_range(pool, name) for name in ("score", "metric") for pool in (a, b)]
    if None in ranges:
        return None
    score_a, score_b, metric_a, metric_b = (r for r in ranges if r)
    same = _meet(score_a, score_b) or _meet(metric_a, metric_b)
    return Scores(
        a=score_a, b=score_b, a_metric=metric_a, b_metric=metric_b, same=None if few else same
    )


def _range(pool: Pool, name: str) -> tuple[float, float] | None:
    values = pool.column(name).values()
    return (min(values), max(values)) if values else None


def _meet(a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether the gap between two ranges is no wider than the wider of them."""
    gap = max(a[0], b[0]) - min(a[1], b[1])
    return gap <= max(a[1] - a[0], b[1] - b[0])
