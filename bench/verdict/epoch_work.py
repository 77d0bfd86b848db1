"""What an epoch of a pool was made of: medians over its repeats, from records alone.

Knows nothing of what is to be concluded from them; that is `bench.verdict.causes`.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from bench.contract.facts import Reading, Seen
from bench.evidence import counters, derive
from bench.evidence.noise import Noise, noise_of
from bench.evidence.pools import Pool
from bench.evidence.record import Record

ONCE = ("start", "imports", "download", "data", "build")
OF_SESSION = ("provision_seconds", "install_seconds", "data_seconds")


@dataclass(frozen=True)
class Work:
    """A pool, and the medians of its repeats; seconds. What no repeat knows is None."""

    pool: Pool

    @property
    def last(self) -> Record:
        """The newest repeat, or where none ended well, the newest run."""
        return self.pool.repeats[-1] if self.pool.repeats else self.pool.records[-1]

    @property
    def on_gpu(self) -> bool:
        """Whether a GPU was asked for."""
        return self.last.environment.accelerator == "gpu"

    @property
    def accelerated(self) -> bool:
        """Whether a GPU or another accelerator was asked for."""
        return self.last.environment.accelerator is not None

    @cached_property
    def epoch(self) -> float | None:
        """A steady epoch, validation included."""
        return self._middle(derive.steady_epoch_seconds)

    @cached_property
    def train(self) -> float | None:
        """The training of a steady epoch."""
        return self._middle(derive.steady_train_seconds)

    @cached_property
    def validation(self) -> float | None:
        """The validation of a steady epoch."""
        return self._middle(derive.steady_validation_seconds)

    @property
    def epochs(self) -> int:
        """Those of the whole job, also where the run was cut short."""
        return self.last.task.epochs_wanted or len(self.last.epochs)

    @cached_property
    def before(self) -> float | None:
        """All that comes once before the first epoch, with the wait for a session."""
        return self._middle(_before)

    @cached_property
    def first_extra(self) -> float | None:
        """What the first epoch of each fit takes longer than a steady one."""
        return self._middle(_first_extra)

    @property
    def job(self) -> float | None:
        """The whole job: what comes once, and its steady epochs; the grading left out."""
        epoch = self._middle(derive.mean_epoch_seconds)
        if self.before is None or self.first_extra is None or epoch is None:
            return None
        return self.before + self.first_extra + self.epochs * epoch

    @cached_property
    def parts_before(self) -> Mapping[str, float]:
        """The parts of what comes once, by name."""
        names = {name: self._middle(_phase(name)) for name in ONCE}
        session = self._middle(_session)
        return {
            name: seconds
            for name, seconds in {"session": session, **names}.items()
            if seconds is not None
        }

    @cached_property
    def input(self) -> float | None:
        """One pass over the training data without the model."""
        return self._middle(lambda r: r.pipeline.seconds if r.pipeline else None)

    @property
    def step(self) -> float | None:
        """A training step."""
        steps = self.last.task.steps
        return None if self.train is None or not steps else self.train / steps

    @cached_property
    def in_use(self) -> float | None:
        """Processors that the run kept busy, on average over its epochs."""
        return self._middle(_in_use)

    @cached_property
    def processors(self) -> float | None:
        """Processors that it might have used: those it saw, less what others took of them."""
        return self._middle(_left_free)

    @cached_property
    def utilisation(self) -> float | None:
        """Percent of the time that a GPU was seen busy: the most, before the fit and after."""
        return self._middle(_utilisation)

    @cached_property
    def faults(self) -> float | None:
        """Pages an epoch that had to be fetched from storage while it trained."""
        return self._middle(_faults)

    @cached_property
    def passes(self) -> float | None:
        """How often an epoch goes over the training data; None where their number is unknown."""
        stages = [s for s in self.last.stages if s.steps and s.batch_size and s.examples]
        found = [(s.steps_wanted or s.steps) * s.batch_size / s.examples for s in stages]  # type: ignore[operator]
        return max(found, default=None)

    @cached_property
    def noise(self) -> Noise | None:
        """How noisy the repeats are; None under three."""
        return noise_of(self.pool.repeats)

    def _middle(self, of: Callable[[Record], float | None]) -> float | None:
        return middle(map(of, self.pool.repeats))


def middle(values: Iterable[float | None]) -> float | None:
    """The median of those that are known."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _phase(name: str) -> Callable[[Record], float | None]:
    def seconds(record: Record) -> float | None:
        found: float | None = getattr(record.phases, name)
        return found

    return seconds


def _before(record: Record) -> float | None:
    known = [s for name in ONCE if (s := _phase(name)(record)) is not None]
    return sum(known) + (_session(record) or 0.0) if known else None


def _session(record: Record) -> float | None:
    if record.session is None:
        return None
    waits: list[float | None] = [getattr(record.session, name) for name in OF_SESSION]
    return sum(wait for wait in waits if wait is not None)


def _first_extra(record: Record) -> float | None:
    if derive.steady_epoch_seconds(record) is None:
        return None
    return max(0.0, derive.tracing_seconds(record))


def _in_use(record: Record) -> float | None:
    """From the epochs' own processor seconds; of older records from the fit's edges."""
    used, steady = derive.steady_processor_seconds(record), derive.steady_epoch_seconds(record)
    if used is not None and steady:
        return used / steady
    fit, end = edges(record)
    if fit is None or end is None or end.at_seconds <= fit.at_seconds:
        return None
    return (end.own_cpu_seconds - fit.own_cpu_seconds) / (end.at_seconds - fit.at_seconds)


def edges(record: Record) -> tuple[Reading | None, Reading | None]:
    """The readings before the fit and after the evaluation."""
    found = {reading.edge: reading for reading in counters.in_time(record)}
    return found.get("fit"), found.get("end")


def _left_free(record: Record) -> float | None:
    usable = usable_processors(record.seen) if record.seen else None
    if usable is None:
        return None
    taken = (counters.foreign_share(record) or 0.0) + (counters.steal_share(record) or 0.0)
    return usable * max(0.0, 1 - taken)


def usable_processors(seen: Seen) -> float:
    """By affinity, or fewer where a quota gives less than that much time."""
    return min(float(seen.processors), seen.processor_quota or math.inf)


def _utilisation(record: Record) -> float | None:
    known = [
        gpu.utilisation_percent
        for reading in record.readings
        if reading.edge in ("fit", "end")
        for gpu in reading.gpus
        if gpu.utilisation_percent is not None
    ]
    return max(known, default=None)


def _faults(record: Record) -> float | None:
    fit, end = edges(record)
    if fit is None or end is None or fit.major_faults is None or end.major_faults is None:
        return None
    return (end.major_faults - fit.major_faults) / max(1, len(record.epochs))
