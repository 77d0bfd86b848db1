"""What is computed from a record's raw numbers whenever it is asked for."""

from collections.abc import Callable
from functools import wraps
from operator import attrgetter
from statistics import median
from typing import TypeVar

from bench.contract.facts import EpochFacts
from bench.contract.task import TOP_SCORE
from bench.evidence.record import Record

TOTAL_PHASES = ("start", "imports", "data", "build", "fit", "evaluate")
SCRIPT_PHASES = ("start", "imports", "data", "fit")  # the rest is its own affair
FURTHER_PHASES = ("download", "rest")  # which not every run has


Value = TypeVar("Value")


def once(of: Callable[[Record], Value]) -> Callable[[Record], Value]:
    """Compute it once for each record: tables and charts ask for the same a dozen times."""
    name = of.__name__

    @wraps(of)
    def known(record: Record) -> Value:
        kept = record.__dict__
        if name not in kept:
            kept[name] = of(record)
        value: Value = kept[name]
        return value

    return known


def epoch_seconds(record: Record) -> tuple[float, ...]:
    """Each epoch in its order, validation included."""
    return tuple([epoch.train_seconds + epoch.validation_seconds for epoch in in_order(record)])


def in_order(record: Record) -> list[EpochFacts]:
    """The epochs by their index, whatever the order they arrived in."""
    return sorted(record.epochs, key=attrgetter("index"))


@once
def steady_epoch_seconds(record: Record) -> float | None:
    """Median epoch, validation included, without the first, which also pays for tracing.

    Of several fits it is that of the longest.
    """
    known = stage_epoch_seconds(record)
    wanted = {stage.index: stage.epochs_wanted for stage in record.stages}
    longest = max(known, key=lambda index: known[index] * wanted.get(index, 1), default=None)
    return None if longest is None else known[longest]


@once
def mean_epoch_seconds(record: Record) -> float | None:
    """What times all epochs wanted is the sum of n * e over all fits, e as each fit's median.

    An epoch that was cut to fewer steps counts as the whole one: so many times longer. None where
    the steps of a whole one are not known.
    """
    known, whole = stage_epoch_seconds(record), whole_over_cut(record)
    wanted = {s.index: s.epochs_wanted for s in record.stages if s.index in known}
    if len(known) < 2 or not sum(wanted.values()):
        mean = steady_epoch_seconds(record)
    else:
        mean = sum(known[index] * n for index, n in wanted.items()) / sum(wanted.values())
    return None if mean is None or whole is None else mean * whole


def whole_over_cut(record: Record) -> float | None:
    """How many times as many steps a whole epoch has; 1 where none was cut, None if not known."""
    if record.campaign.steps is None:
        return 1.0
    cut, wanted = record.task.steps, record.task.steps_wanted
    return wanted / cut if cut and wanted else None


def stage_epoch_seconds(record: Record) -> dict[int, float]:
    """Median epoch of each fit without its first, by the fit's index; only where there are two."""
    found: dict[int, list[float]] = {}
    for epoch in in_order(record):
        seconds = epoch.train_seconds + epoch.validation_seconds
        found.setdefault(epoch.stage, []).append(seconds)
    return {index: median(all_[1:]) for index, all_ in found.items() if len(all_) > 1}


def steady_train_seconds(record: Record) -> float | None:
    """Median of the training of all epochs but the first."""
    later = [epoch.train_seconds for epoch in in_order(record)[1:]]
    return median(later) if later else None


def steady_validation_seconds(record: Record) -> float | None:
    """Median of the validation of all epochs but the first."""
    later = [epoch.validation_seconds for epoch in in_order(record)[1:]]
    return median(later) if later else None


def steady_processor_seconds(record: Record) -> float | None:
    """Median of the processor seconds of all epochs but the first, all threads together."""
    used = [epoch.processor_seconds for epoch in in_order(record)[1:]]
    known = [seconds for seconds in used if seconds is not None]
    return median(known) if known else None


def first_epoch_seconds(record: Record) -> float | None:
    """The first epoch, validation included."""
    return next(iter(epoch_seconds(record)), None)


def total_seconds(record: Record) -> float | None:
    """From the command that starts the environment to the end of the evaluation.

    Without the harness's own checks and the pass over the input pipeline. None for a run that did
    not get that far.
    """
    needed = SCRIPT_PHASES if record.task.source == "script" else TOTAL_PHASES
    phases = [getattr(record.phases, name) for name in needed]
    further = [
        getattr(record.phases, name) or 0.0
        for name in (*FURTHER_PHASES, *TOTAL_PHASES)
        if name not in needed
    ]
    return None if None in phases else sum(phases) + sum(further)


def memory_peak_bytes(record: Record) -> int | None:
    """The most memory that the run held: its own control group's, else its process's."""
    name = "memory_peak_bytes" if record.environment.isolated else "process_peak_bytes"
    peaks = [getattr(reading, name) for reading in record.readings]
    return max((peak for peak in peaks if peak is not None), default=None)


def rented(record: Record) -> bool:
    """Whether it ran in a rented session, wherever the command that started it was typed."""
    return record.environment.rented


def reached_seconds(record: Record) -> tuple[float | None, ...]:
    """Seconds from the start of the environment until score 1, 2, 3, 4 and 5 were first held."""
    start, epochs = record.phases.start or 0.0, in_order(record)
    return tuple(
        next((start + e.ended_seconds for e in epochs if (e.score or 0) >= wanted), None)
        for wanted in range(1, TOP_SCORE + 1)
    )


def non_finite(record: Record) -> tuple[str, ...]:
    """The names of metrics that were not finite anywhere in the run."""
    names = {name for epoch in record.epochs for name in epoch.non_finite}
    return tuple(sorted(names.union(record.result.non_finite if record.result else ())))
