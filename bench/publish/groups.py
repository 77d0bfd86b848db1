"""Repeats that belong together, as charts and tables show them: plain values from records.

A group is the newest pool of a machine, environment and task. What stands beside it (what failed,
was rejected, or was pooled earlier) is kept apart.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.evidence.record import Record
from bench.evidence.trust import PoolKey, pool_key
from bench.verdict.statistics import Estimate, estimate

LAST_CATEGORY = 9

Quantity = Callable[[Record], float | None]


@dataclass(frozen=True, kw_only=True)
class Group:
    """`counted` ended well and may be pooled, one a round; `others` ended otherwise."""

    machine: str
    environment: str
    task: str
    category: int
    emulated: bool
    counted: tuple[Record, ...]
    others: tuple[Record, ...]
    _known: dict[Quantity, Estimate | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _medians: dict[Callable[[Record], float], float] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def values(self, of: Quantity) -> list[float]:
        """What `of` says of each repeat that counts, where it says something."""
        return [value for record in self.counted if (value := of(record)) is not None]

    def median(self, of: Callable[[Record], float]) -> float:
        """The median of `of` over the repeats that count, of which there must be one."""
        if of not in self._medians:
            self._medians[of] = median([of(record) for record in self.counted])
        return self._medians[of]

    def estimate(self, of: Quantity) -> Estimate | None:
        """The median over the repeats with its interval or range; None where there is none.

        Computed once for each quantity: several charts and tables show the same.
        """
        if of not in self._known:
            values = [value for value in self.values(of) if value > 0]
            self._known[of] = estimate(values) if values else None
        return self._known[of]


def groups(records: Iterable[Record]) -> tuple[Group, ...]:
    """One for each task, machine and environment, in the order of the exam."""
    found: dict[tuple[int, str, str, str], list[Record]] = {}
    for record in records:
        category = record.task.category or LAST_CATEGORY
        where = (record.machine.id, record.environment.name)
        found.setdefault((category, record.task.name, *where), []).append(record)
    keys = sorted(found, key=lambda key: (key[0], key[1], found[key][0].environment.emulated, key))
    # a run that ended early does not know its category: it joins the others of its task
    return tuple(_group(key, found[key]) for key in _joined(keys, found))


def _joined(
    keys: Sequence[tuple[int, str, str, str]],
    found: Mapping[tuple[int, str, str, str], list[Record]],
) -> list[tuple[int, str, str, str]]:
    known = {key[1:]: key for key in reversed(keys) if key[0] != LAST_CATEGORY}
    kept = []
    for key in keys:
        home = known.get(key[1:], key)
        if home == key:
            kept.append(key)
        else:
            found[home].extend(found[key])
    return kept


def _group(key: tuple[int, str, str, str], records: Sequence[Record]) -> Group:
    category, task, machine, environment = key
    good = [record for record in records if record.status == "ok"]
    return Group(
        machine=machine,
        environment=environment,
        task=task,
        category=category,
        emulated=any(record.environment.emulated for record in records),
        counted=_newest(good),
        others=tuple(record for record in records if record.status != "ok"),
    )


def _newest(good: Sequence[Record]) -> tuple[Record, ...]:
    """The pool with the newest campaign; a round that was run again counts once, as its last."""
    pools: dict[PoolKey, list[Record]] = {}
    for record in sorted(good, key=lambda r: (r.campaign.id, r.round, r.attempt)):
        pools.setdefault(pool_key(record), []).append(record)
    if not pools:
        return ()
    newest = max(pools.values(), key=lambda pool: pool[-1].campaign.id)
    return tuple({(r.campaign.id, r.round): r for r in newest}.values())
