"""When rounds are enough: every median epoch is known to within 3 %."""

from collections.abc import Iterable, Sequence

from bench.evidence.record import Record
from bench.evidence.variants import called
from bench.verdict.statistics import ENOUGH_ROUNDS, estimate
from bench.verdict.table import pools

WITHIN = 0.03
Pair = tuple[str, str]


def enough(records: Sequence[Record], planned: Iterable[Pair]) -> bool:
    """Whether more rounds would teach nothing about the planned (task, environment) pairs.

    Each is known to within 3 %, or six rounds have not given it a single steady epoch.
    """
    return all(
        _known(found) or _hopeless(found) for pair in planned for found in [_of(pair, records)]
    )


def unknown(records: Sequence[Record], planned: Iterable[Pair]) -> tuple[str, ...]:
    """`task in environment` of each planned pair whose median steady epoch is not so well known.

    One of which no round counts says why.
    """
    return tuple(
        f"{pair[0]} in {pair[1]}{_why(found)}"
        for pair in planned
        if not _known(found := _of(pair, records))
    )


def precise(seconds: Sequence[float]) -> bool:
    """Whether the 95 % interval of the median lies within 3 % of it."""
    if len(seconds) < ENOUGH_ROUNDS:
        return False
    found = estimate(seconds)
    return found.low >= found.middle * (1 - WITHIN) and found.high <= found.middle * (1 + WITHIN)


def _of(pair: Pair, records: Sequence[Record]) -> list[Record]:
    return [r for r in records if (called(r), r.environment.name) == pair]


def _seconds(records: Sequence[Record]) -> list[list[float]]:
    """The steady epochs of each pool that has some."""
    found = [list(pool.column("epoch_seconds").values()) for pool in pools(records)]
    return [seconds for seconds in found if seconds]


def _known(records: Sequence[Record]) -> bool:
    return any(precise(seconds) for seconds in _seconds(records))


def _hopeless(records: Sequence[Record]) -> bool:
    return len({record.round for record in records}) >= ENOUGH_ROUNDS and not _seconds(records)


def _why(records: Sequence[Record]) -> str:
    if _seconds(records):
        return ""
    bad = sorted({f"{r.status}: {', '.join(r.reasons)}" for r in records if r.status != "ok"})
    return f" (no round counts{': ' if bad else ''}{'; '.join(bad)})"
