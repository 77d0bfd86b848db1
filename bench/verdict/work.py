"""Measured work as an estimate takes it: a pool's step, its steps and its input alone."""

from statistics import median

from bench.errors import UsageError
from bench.evidence.record import Record
from bench.verdict.estimate import THIS, Work
from bench.verdict.published import KINDS, Kind
from bench.verdict.table import Pool


def kind_of(category: int) -> Kind | None:
    """What kind of model an exam category trains; None where it is none."""
    return KINDS[category - 1] if 1 <= category <= len(KINDS) else None


def work_of(pool: Pool, kind: Kind | None = None) -> Work:
    """The work of a pool that was measured on a processor.

    `kind` is needed for a user's own. Raises UsageError where steps or a steady epoch are missing.
    """
    last, seconds = pool.last, pool.column("epoch_seconds")
    found, steps = kind or kind_of(pool.category), last.task.steps
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
        input_ms=_input_ms(pool.source.repeats, steps),
        host=THIS,
        threads=pool.processors or 2,
    )


def _input_ms(repeats: tuple[Record, ...], steps: int) -> float | None:
    """Milliseconds of a step's input alone; None where it took no time that can be told."""
    passes = [record.pipeline.seconds for record in repeats if record.pipeline]
    found = median(passes) / steps * 1000 if passes else 0.0
    return found if found > 0 else None
