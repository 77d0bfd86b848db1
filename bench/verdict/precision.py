"""When rounds are enough: every median epoch is known to within 3 %."""

from collections.abc import Sequence

from bench.evidence.record import Record
from bench.verdict.statistics import ENOUGH_ROUNDS, estimate
from bench.verdict.table import pools

WITHIN = 0.03


def imprecise(records: Sequence[Record]) -> tuple[str, ...]:
    """`task in environment` of each pool whose median steady epoch is not known to within 3 %.

    A pool of fewer than six rounds is never precise; one without a steady epoch is left out.
    """
    return tuple(
        f"{pool.task} in {pool.environment}"
        for pool in pools(records)
        if (seconds := list(pool.column("epoch_seconds").values())) and not precise(seconds)
    )


def precise(seconds: Sequence[float]) -> bool:
    """Whether the 95 % interval of the median lies within 3 % of it."""
    if len(seconds) < ENOUGH_ROUNDS:
        return False
    found = estimate(seconds)
    return found.low >= found.middle * (1 - WITHIN) and found.high <= found.middle * (1 + WITHIN)
