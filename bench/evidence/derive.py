"""What is computed from a record's raw numbers whenever it is asked for."""

from collections.abc import Callable
from functools import wraps
from operator import attrgetter
from statistics import median
from typing import TypeVar

from bench.contract.facts import EpochFacts, Stage
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
    later = [epoch.train_seconds + epoch.validation_seconds for epoch in steady_epochs(record)]
    return median(later) if later else None


def steady_epochs(record: Record) -> list[EpochFacts]:
    """The epochs of a run but the first; of several fits, those of the one that is to be longest.

    Longest is what takes most time for all the epochs that were wanted of it.
    """
    steady, each = _steady_of_fits(record), _each_fit(record, whole=True)
    wanted = {stage.index: stage.epochs_wanted for stage in record.stages}
    longest = max(steady, key=lambda index: each[index] * wanted.get(index, 1), default=None)
    return [] if longest is None else steady[longest]


@once
def mean_epoch_seconds(record: Record) -> float | None:
    """What times all the epochs wanted is the sum of n * e over all fits.

    An e is the fit's median epoch; where steps were left out, an epoch counts as the whole one.
    None where no fit has a steady epoch, or where nothing says how many steps a whole one has.
    """
    if steady_epoch_seconds(record) is None or not knows_whole_epochs(record):
        return None
    wanted = {stage.index: stage.epochs_wanted for stage in record.stages}
    return _weighted(_each_fit(record, whole=True), wanted)


@once
def done_epoch_seconds(record: Record) -> float | None:
    """What times the epochs that were run is the sum of n * e over all fits, each e as measured."""
    if steady_epoch_seconds(record) is None:
        return None
    done = {index: len(epochs) for index, epochs in epochs_of_fits(record).items()}
    return _weighted(_each_fit(record), done)


@once
def tracing_seconds(record: Record) -> float:
    """What the first epoch of each fit took longer than its steady ones, all fits together."""
    each, fits = _each_fit(record), epochs_of_fits(record)
    return sum(_seconds(fits[index][0]) - each[index] for index in each)


def knows_whole_epochs(record: Record) -> bool:
    """Whether each epoch was run whole, or it is known how many steps a whole one has."""
    if record.campaign.steps is None:
        return True
    return all(stage.steps_wanted for stage in record.stages)


def epochs_of_fits(record: Record) -> dict[int, list[EpochFacts]]:
    """The epochs of each fit in their order, by the fit's index."""
    found: dict[int, list[EpochFacts]] = {}
    for epoch in in_order(record):
        found.setdefault(epoch.stage, []).append(epoch)
    return found


def _steady_of_fits(record: Record) -> dict[int, list[EpochFacts]]:
    """The epochs of each fit without its first; only of those that have any.

    A script may call `fit` again and again for an epoch at a time: fits of the same work are as
    good as one, and the first of them paid for the tracing.
    """
    fits = epochs_of_fits(record)
    work = {stage.index: stage.fingerprint or str(stage.index) for stage in record.stages}
    again: dict[str, list[EpochFacts]] = {}
    for index, epochs in fits.items():
        if len(epochs) == 1:
            again.setdefault(work.get(index, str(index)), []).extend(epochs)
    steady = {i: epochs[1:] or again[work.get(i, str(i))][1:] for i, epochs in fits.items()}
    return {index: epochs for index, epochs in steady.items() if epochs}


def _each_fit(record: Record, *, whole: bool = False) -> dict[int, float]:
    """The steady epoch of each fit in seconds, as it was measured or as a whole one.

    A fit that has one epoch only is known by that one, where another has more.
    """
    fits, steady = epochs_of_fits(record), _steady_of_fits(record)
    stages = {stage.index: stage for stage in record.stages} if whole else {}
    cut = record.campaign.steps is not None
    return {
        index: median(
            _whole(epoch, stages[index]) if cut and index in stages else _seconds(epoch)
            for epoch in steady.get(index, epochs)
        )
        for index, epochs in (fits.items() if steady else ())
    }


def _weighted(each: dict[int, float], counts: dict[int, int]) -> float:
    known = {index: counts[index] for index in each if counts.get(index)}
    if len(known) < 2:
        return next((each[index] for index in known), next(iter(each.values())))
    return sum(each[index] * count for index, count in known.items()) / sum(known.values())


def _seconds(epoch: EpochFacts) -> float:
    return epoch.train_seconds + epoch.validation_seconds


def _whole(epoch: EpochFacts, stage: Stage) -> float:
    """An epoch as it would have been with all its steps."""
    train = _times(stage.steps_wanted, epoch.steps or stage.steps)
    validation = _times(stage.validation_steps_wanted, epoch.validation_steps)
    return epoch.train_seconds * train + epoch.validation_seconds * validation


def _times(wanted: int | None, done: int | None) -> float:
    return wanted / done if wanted and done else 1.0


def steady_train_seconds(record: Record) -> float | None:
    """Median of the training of all epochs but the first."""
    later = [epoch.train_seconds for epoch in steady_epochs(record)]
    return median(later) if later else None


def steady_validation_seconds(record: Record) -> float | None:
    """Median of the validation of all epochs but the first."""
    later = [epoch.validation_seconds for epoch in steady_epochs(record)]
    return median(later) if later else None


def steady_processor_seconds(record: Record) -> float | None:
    """Median of the processor seconds of all epochs but the first, all threads together."""
    used = [epoch.processor_seconds for epoch in steady_epochs(record)]
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


def target_seconds(record: Record) -> float | None:
    """Seconds from the start of the environment until a script's target was first held.

    None without a target, and where the epochs that were run did not reach it.
    """
    return None if record.campaign.target is None else reached_seconds(record)[-1]


def non_finite(record: Record) -> tuple[str, ...]:
    """The names of metrics that were not finite anywhere in the run."""
    names = {name for epoch in record.epochs for name in epoch.non_finite}
    return tuple(sorted(names.union(record.result.non_finite if record.result else ())))
