"""Measured work as an estimate takes it: a pool's step, its steps and its input alone."""

from statistics import median

from bench.errors import UsageError
from bench.verdict.estimate import THIS, Work
from bench.verdict.pace import Strength
from bench.verdict.published import KINDS, Kind
from bench.verdict.request import CATEGORY_KINDS
from bench.verdict.table import Pool


def work_of(pool: Pool, kind: Kind | None = None, strength: Strength | None = None) -> Work:
    """The work of a pool that was measured on a processor, of that strength where it is known.

    `kind` is needed for a user's own. Raises UsageError where steps or a steady epoch are missing.
    """
    last, seconds = pool.last, pool.column("epoch_seconds")
    found = kind or CATEGORY_KINDS.get(pool.category)
    steps = last.task.steps_wanted or last.task.steps
    if found is None:
        raise UsageError(f"say what kind of model {pool.task} is: --kind {'|'.join(KINDS)}")
    if not steps or not seconds:
        raise UsageError(
            f"{pool.task} in {pool.environment} has no steady epoch with its number of steps: run "
            "it again with two epochs or more"
        )
    epoch = median(seconds.values())
    return Work(
        kind=found,
        step_ms=epoch / steps * 1000,
        steps=steps,
        input_ms=None if not (alone := input_seconds(pool)) else alone / steps * 1000,
        host=THIS,
        threads=pool.processors or 2,
        strength=strength,
    )


def input_seconds(pool: Pool) -> float | None:
    """Median seconds of one pass over the input alone; None where no repeat has one."""
    passes = [record.pipeline.seconds for record in pool.source.repeats if record.pipeline]
    return median(passes) if passes else None
