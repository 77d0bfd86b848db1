"""How strong this machine's processor is against Colab's: from records of the published models."""

from collections.abc import Iterable, Sequence
from statistics import median

from bench.evidence.derive import steady_epoch_seconds, steady_train_seconds
from bench.evidence.record import Record
from bench.verdict.pace import Link, Strength, links, strength
from bench.verdict.published import load
from bench.verdict.table import Pool


def strength_of(pools: Iterable[Pool], machine: str, environment: str) -> Strength | None:
    """What the linked models say of that machine in that environment; None of too few of them."""
    newest = {
        pool.task: pool
        for pool in pools
        if (pool.machine, pool.environment) == (machine, environment) and not pool.gpu
    }
    found = {task: _epoch(newest[task], link) for task, link in links().items() if task in newest}
    return strength({task: seconds for task, seconds in found.items() if seconds is not None})


def _epoch(pool: Pool, link: Link) -> float | None:
    """None where it is another model under the same name, or has no steady epoch."""
    steps = load().figures[link.figures[0]].steps
    if not pool.own or pool.last.task.steps != steps:
        return None
    return _seconds(pool.source.repeats, link)


def _seconds(repeats: Sequence[Record], link: Link) -> float | None:
    """Median over the repeats of what the published epoch holds."""
    of = steady_epoch_seconds if link.validated else steady_train_seconds
    found = [seconds for record in repeats if (seconds := of(record))]
    return median(found) if found else None
