"""Which repeats belong together: the only grouping of records, for every table, chart and verdict.

A pool holds repeats of one task that did the same work an epoch, on one machine, in one
environment, on the same processor and devices as seen from inside, with the same frameworks. How
many epochs followed each other is no part of it: scores compare only at equal epochs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.evidence.record import Record
from bench.evidence.variants import called, natural

FRAMEWORKS = ("tensorflow", "keras", "jax")
LAST_CATEGORY = 9
Key = tuple[str | None, ...]
Place = tuple[str, str, str, str]


@dataclass(frozen=True, kw_only=True)
class Pool:
    """`repeats` ended well, one a round, in their order; `others` ended otherwise.

    A round that was run again counts once, with its last attempt. What ended before it could say
    what it was stands with the others of its campaign.
    """

    key: Key
    repeats: tuple[Record, ...]
    others: tuple[Record, ...]

    @property
    def records(self) -> tuple[Record, ...]:
        """All of them; there is at least one."""
        return (*self.repeats, *self.others)

    @property
    def newest(self) -> str:
        """The id of its newest campaign; ids sort by time."""
        return max(record.campaign.id for record in self.repeats or self.others)

    @property
    def place(self) -> Place:
        """Task with its variant, machine, entry and environment: what people call it by."""
        return place(self.records[0])

    @property
    def category(self) -> int:
        """The exam's category; 9 where no run got far enough to say."""
        known = (record.task.category for record in self.records)
        return next((category for category in known if category), LAST_CATEGORY)


def key(record: Record) -> Key:
    """What has to agree for two repeats to be pooled."""
    versions = record.seen.versions if record.seen else {}
    return (
        *place(record),
        record.task.fingerprint,
        record.seen.processor if record.seen else None,
        ", ".join(record.seen.devices) if record.seen else None,
        *(versions.get(name) for name in FRAMEWORKS),
    )


def place(record: Record) -> Place:
    """Task with its variant, machine, its entry in the user's list of machines, environment."""
    return (called(record), record.machine.id, record.entry or "", record.environment.name)


def pools(records: Iterable[Record]) -> tuple[Pool, ...]:
    """All pools, in the order of the exam's categories, of names, and of time: newest last."""
    found = list(records)
    known: dict[Key, list[Record]] = {}
    for record in found:
        if record.task.fingerprint is not None:
            known.setdefault(key(record), []).append(record)
    for record in found:
        if record.task.fingerprint is None:
            _home(record, known).append(record)
    made = [_pool(name, members) for name, members in known.items()]
    categories = _categories(made)
    return tuple(
        sorted(
            made,
            key=lambda p: (
                categories[p.place[0]],
                natural(p.place[0]),
                p.place,
                p.newest,
                str(p.key),
            ),
        )
    )


def _categories(made: Iterable[Pool]) -> Mapping[str, int]:
    """The category of each task, also where only another of its pools knows it."""
    found: dict[str, int] = {}
    for pool in made:
        task = pool.place[0]
        found[task] = min(found.get(task, LAST_CATEGORY), pool.category)
    return found


def _home(record: Record, known: dict[Key, list[Record]]) -> list[Record]:
    """The pool of the same place and campaign, else of the same place, else one of its own."""
    same = [members for members in known.values() if place(members[0]) == place(record)]
    ours = [members for members in same if any(_same_campaign(record, r) for r in members)]
    return (ours or same or [known.setdefault(key(record), [])])[-1]


def _same_campaign(one: Record, other: Record) -> bool:
    return one.campaign.id == other.campaign.id


def _pool(name: Key, members: Sequence[Record]) -> Pool:
    ordered = sorted(members, key=lambda r: (r.campaign.id, r.round, r.attempt, r.id))
    well = [record for record in ordered if record.status == "ok"]
    return Pool(
        key=name,
        repeats=tuple({(r.campaign.id, r.round): r for r in well}.values()),
        others=tuple(record for record in ordered if record.status != "ok"),
    )


def newest(found: Iterable[Pool]) -> tuple[Pool, ...]:
    """Of each place the newest pool that has repeats, with what failed there; in their order.

    A place where nothing ended well has its newest pool all the same.
    """
    places: dict[Place, list[Pool]] = {}
    for pool in found:
        places.setdefault(pool.place, []).append(pool)
    return tuple(max(same, key=_rank) for same in places.values())


def _rank(pool: Pool) -> tuple[bool, str]:
    return bool(pool.repeats), pool.newest


def older(found: Iterable[Pool]) -> tuple[Pool, ...]:
    """The pools with repeats that `newest` leaves out."""
    known = tuple(found)
    kept = {pool.key for pool in newest(known)}
    return tuple(pool for pool in known if pool.repeats and pool.key not in kept)


def left_out(found: Iterable[Pool]) -> str | None:
    """One line about what a newest pool was chosen over; None where nothing is left out."""
    known = tuple(found)
    chosen = {pool.place: pool for pool in newest(known)}
    rest = older(known)
    if not rest:
        return None
    tasks = sorted({pool.place[0] for pool in rest})
    facts = dict.fromkeys(fact for pool in rest for fact in differences(chosen[pool.place], pool))
    count = sum(len(pool.repeats) for pool in rest)
    why = f": another {', '.join(facts)}" if facts else ""
    noun = "repeat" if count == 1 else "repeats"
    return f"{count} older {noun} of {', '.join(tasks)} left out{why}"


FACTS: Mapping[str, Callable[[Record], object]] = {
    "machine": lambda r: r.machine.id,
    "entry": lambda r: r.entry,
    "variant": lambda r: r.task.variant,
    "batch size": lambda r: r.task.batch_size,
    "number of steps": lambda r: r.task.steps,
    "data": lambda r: r.task.data_digest,
    "TensorFlow": lambda r: version(r, "tensorflow"),
    "Keras": lambda r: version(r, "keras"),
    "JAX": lambda r: version(r, "jax"),
    "processor": lambda r: r.seen.processor if r.seen else None,
    "devices": lambda r: r.seen.devices if r.seen else None,
    "configuration": lambda r: r.task.fingerprint,
}


def differences(one: Pool, other: Pool) -> tuple[str, ...]:
    """What tells two pools apart, in words; the configuration only where nothing else does."""
    a, b = one.records[0], other.records[0]
    found = tuple(name for name, fact in FACTS.items() if fact(a) != fact(b))
    plain = tuple(name for name in found if name != "configuration")
    return plain or found


def version(record: Record, package: str) -> str:
    """The version of a package as the worker saw it; a question mark where it did not say."""
    return record.seen.versions.get(package, "?") if record.seen else "?"


def epochs_of(pool: Pool) -> tuple[int, ...]:
    """How many epochs its repeats ran, each number once."""
    return tuple(sorted({len(record.epochs) for record in pool.repeats}))


def same_work(one: Record, other: Record) -> bool:
    """Whether an epoch did the same in both, also on another machine by version 1's fingerprint.

    That one knows less, so it matches only where one of the two records has no other.
    """
    a, b = one.task, other.task
    if a.fingerprint is None or b.fingerprint is None:
        return False
    return a.fingerprint == b.fingerprint or matched_by_v1(one, other)


def matched_by_v1(one: Record, other: Record) -> bool:
    """Whether the older fingerprint is all that says that two machines did the same work."""
    a, b = one.task, other.task
    old = a.fingerprint == a.fingerprint_v1 or b.fingerprint == b.fingerprint_v1
    known = a.fingerprint_v1 is not None and a.fingerprint_v1 == b.fingerprint_v1
    known = known and a.variant == b.variant  # of which version 1 knew nothing
    return known and old and a.fingerprint != b.fingerprint and one.machine.id != other.machine.id
