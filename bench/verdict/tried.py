"""What else was measured of a job from the same machine, and what it brought.

Only what did the same work in another environment, or the same task as another variant in the same
one. What differs by less than the noise of both is not called a difference.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.evidence.identity import commander
from bench.evidence.pools import Place, Pool, same_work
from bench.evidence.pools import pools as evidence_pools
from bench.evidence.record import Record
from bench.evidence.summaries import longest
from bench.verdict.causes.limits import limit
from bench.verdict.epoch_work import Work

FEW_RANGE = 1.5  # under three repeats a side: as far apart as `compare` asks for
Settings = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One other pool: `change` says how it differs, `gain` how many times as fast its epochs are.

    `knobs` are the names of what was varied, none for another environment. `apart` is whether the
    two differ by more than their noise.
    """

    other: Work
    change: str
    knobs: frozenset[str]
    gain: float
    apart: bool
    scores: str

    @property
    def faster(self) -> bool:
        """Whether it brought something."""
        return self.apart and self.gain >= limit("gain")

    @property
    def text(self) -> str:
        """What it brought, as part of a sentence."""
        return f"{self.change}: {_gain_spoken(self.gain, apart=self.apart)}{self.scores}"


def _gain_spoken(gain: float, *, apart: bool) -> str:
    if not apart:
        return f"epochs about as fast ({gain:.2f} times, within the noise)"
    if gain >= 1:
        return f"{gain:.2g} times faster epochs"
    return f"{1 / gain:.2g} times slower epochs"


def subjects(records: Iterable[Record]) -> tuple[Pool, ...]:
    """The newest pool of each place and variant; one with repeats where there is one."""
    found: dict[tuple[Place, Settings], list[Pool]] = {}
    for pool in evidence_pools(records):
        found.setdefault((pool.place, settings(pool.records[0])), []).append(pool)
    newest = (max(same, key=lambda p: (bool(p.repeats), p.newest)) for same in found.values())
    order = {place: number for number, (place, _) in enumerate(found)}
    return tuple(sorted(newest, key=lambda p: (order[p.place], settings(p.records[0]))))


def settings(record: Record) -> Settings:
    """What varies from the plain task, sorted; the backend only where it is not TensorFlow."""
    plain = {"backend": "tensorflow"}
    varied = {k: str(v) for k, v in record.task.variant.items() if plain.get(k) != v}
    return tuple(sorted(varied.items()))


def trials(work: Work, others: Sequence[Pool]) -> tuple[Trial, ...]:
    """What else was measured of this job from this machine, the fastest first."""
    made = (_trial(work, Work(other)) for other in others if other is not work.pool)
    return tuple(sorted((t for t in made if t), key=lambda t: -t.gain))


def _trial(work: Work, other: Work) -> Trial | None:
    one, two = work.last, other.last
    same_place = (one.task.name, commander(one).id) == (two.task.name, commander(two).id)
    if not same_place or not work.epoch or not other.epoch:
        return None
    elsewhere = one.environment.name != two.environment.name
    changed = {} if elsewhere else _changed(one, two)
    if elsewhere != same_work(one, two) or (not elsewhere and not changed):
        return None
    gain = work.epoch / other.epoch
    return Trial(
        other=other,
        change=f"in {two.environment.name}" if elsewhere else _spoken(changed),
        knobs=frozenset(changed),
        gain=gain,
        apart=_apart(work, other, gain),
        scores=_scores(work.pool, other.pool),
    )


def _changed(one: Record, two: Record) -> Mapping[str, tuple[str, str]]:
    """What was varied: each knob with its value there and here."""
    here, there = (dict(settings(r)) | _batch(r) for r in (one, two))
    names = sorted(here.keys() | there.keys())
    pairs = {name: (there.get(name, "as it is"), here.get(name, "as it is")) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _batch(record: Record) -> dict[str, str]:
    return {"batch_size": str(record.task.batch_size)} if record.task.batch_size else {}


def _spoken(changed: Mapping[str, tuple[str, str]]) -> str:
    return ", ".join(
        f"{name.replace('_size', '')} {there} instead of {here}"
        for name, (there, here) in changed.items()
    )


def _apart(work: Work, other: Work, gain: float) -> bool:
    distance = abs(math.log(gain))
    if work.noise is None or other.noise is None:
        return distance > math.log(FEW_RANGE)
    noise = math.log1p(work.noise.half_width) + math.log1p(other.noise.half_width)
    return distance > max(noise, math.log(limit("gain")))


def _scores(one: Pool, other: Pool) -> str:
    """The scores of both, where they ran equally many epochs."""
    a, b = longest(one.repeats), longest(other.repeats)
    if len(a[0].epochs) != len(b[0].epochs):
        return ""
    before, after = _score(a), _score(b)
    if before is None or after is None:
        return ""
    return f", score {after:g} " + ("as before" if before == after else f"instead of {before:g}")


def _score(records: Sequence[Record]) -> float | None:
    known = [r.result.score for r in records if r.result and r.result.score is not None]
    return median(known) if known else None
