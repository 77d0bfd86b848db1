"""Repeats that belong together, as charts and tables show them: plain values from records.

A group is the newest pool of a machine, environment and task. What stands beside it (what failed,
was rejected, or was pooled earlier) is kept apart.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median

from bench.evidence.pools import Pool, newest, pools
from bench.evidence.record import Record
from bench.evidence.variants import natural
from bench.verdict.statistics import Estimate, estimate

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
    """One for each task, machine and environment, in the order of the exam, emulated ones last."""
    found = [_group(pool) for pool in newest(pools(records))]
    return tuple(
        sorted(
            found,
            key=lambda g: (g.category, natural(g.task), g.emulated, g.machine, g.environment),
        )
    )


def _group(pool: Pool) -> Group:
    task, machine, _, environment = pool.place
    return Group(
        machine=machine,
        environment=environment,
        task=task,
        category=pool.category,
        emulated=any(record.environment.emulated for record in pool.records),
        counted=pool.repeats,
        others=pool.others,
    )
