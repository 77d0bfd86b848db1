"""What the counters at the edges of a run say of it: growth, shares, a clock that jumped."""

from itertools import pairwise
from operator import attrgetter

from bench.contract.facts import Reading
from bench.evidence.limits import LIMITS
from bench.evidence.record import Record

SHORT = LIMITS["foreign-seconds"][0]


def foreign_share(record: Record) -> float | None:
    """Share of the run's processors' time that other processes took, of those it may use.

    The larger of two: over the whole run, and from the fit to the end, which a neighbour of the
    imports does not touch. Records without the usable processors' own count speak of the machine.
    """
    readings = in_time(record)
    fits = [reading for reading in readings if reading.edge == "fit"]
    spans = [(readings[0], readings[-1])] if readings else []
    spans += [(fit, readings[-1]) for fit in fits if _seconds(fit, readings[-1]) >= SHORT]
    shares = [_foreign(first, last, run_processors(record)) for first, last in spans]
    return max((share for share in shares if share is not None), default=None)


def _foreign(first: Reading, last: Reading, processors: int) -> float | None:
    """What others took of so many processors between two readings."""
    counter = "busy_seconds" if first.usable_busy_seconds is None else "usable_busy_seconds"
    busy, own = (_grown(first, last, name) for name in (counter, "own_cpu_seconds"))
    whole = _seconds(first, last) * processors
    if busy is None or own is None or whole <= 0:
        return None
    return min(1.0, max(0.0, busy - own) / whole)


def run_processors(record: Record) -> int:
    """How many processors the foreign share is of."""
    first = in_time(record)[0]
    usable = None if first.usable_busy_seconds is None else first.usable_processors
    return usable or first.processors


def _seconds(first: Reading, last: Reading) -> float:
    return last.at_seconds - first.at_seconds


def _share(record: Record, seconds: float | None) -> float | None:
    """Of the whole machine's processor time."""
    timed = growth(record, "at_seconds")
    whole = timed * in_time(record)[0].processors if timed else 0.0
    return None if seconds is None or whole <= 0 else min(1.0, max(0.0, seconds / whole))


def steal_share(record: Record) -> float | None:
    """Share of the machine that the hypervisor gave to other machines."""
    return _share(record, growth(record, "steal_seconds"))


def growth(record: Record, counter: str) -> float | None:
    """By how much a counter grew from the first reading to the last; None where it was absent."""
    readings = in_time(record)
    return _grown(readings[0], readings[-1], counter) if len(readings) > 1 else None


def _grown(first: Reading, last: Reading, counter: str) -> float | None:
    before, after = getattr(first, counter), getattr(last, counter)
    return None if before is None or after is None else float(after - before)


def in_time(record: Record) -> list[Reading]:
    """The readings in the order of their time, whatever the order they arrived in."""
    return sorted(record.readings, key=attrgetter("at_seconds"))


def gpu_held_share(record: Record, counter: str) -> float:
    """The largest share of the run for which this policy held one GPU's clocks down."""
    readings, timed = in_time(record), growth(record, "at_seconds")
    if not timed:
        return 0.0
    pairs = zip(readings[0].gpus, readings[-1].gpus, strict=False)
    both = [(getattr(before, counter), getattr(after, counter)) for before, after in pairs]
    known = [after - before for before, after in both if None not in (before, after)]
    return max(known, default=0.0) / timed


def clock_jump_seconds(record: Record) -> float:
    """The furthest that the wall clock moved from the run's own between two readings, signed.

    Sleep is taken out where it can be read.
    """
    moves = (_moved(first, last) for first, last in pairwise(in_time(record)))
    return max(moves, key=abs, default=0.0)


def _moved(first: Reading, last: Reading) -> float:
    wall = last.wall_unix_seconds - first.wall_unix_seconds
    return wall - _seconds(first, last) - (_grown(first, last, "suspended_seconds") or 0.0)
