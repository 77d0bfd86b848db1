"""Every `fit` of a script is a stage: cut where that was ordered, timed, and told.

What the harness does itself (fingerprints, counters) is in no phase.
"""

import hashlib
import inspect
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from bench.contract.events import (
    Built,
    Counters,
    Epoch,
    Event,
    Noticed,
    Phase,
    Seen,
    Staged,
    Stepped,
)
from bench.contract.facts import EpochFacts, Stage
from bench.contract.order import Order
from bench.worker import identity
from bench.worker.advice import notes
from bench.worker.backend import Backend
from bench.worker.checks import Stop
from bench.worker.clock import Measured, clock, monitored, with_clock
from bench.worker.counters import Reader
from bench.worker.cut import cut, planned
from bench.worker.grading import Grading, kept, lost
from bench.worker.loaded import devices_of, devices_used, loaded_backend
from bench.worker.seen import seen

if TYPE_CHECKING:
    from bench.worker.door import Door

Emit = Callable[[Event], None]


class Stages:
    """What a script's fits were so far, and the seconds around them."""

    def __init__(self, order: Order, emit: Emit, reader: Reader, started: float) -> None:
        """`started` is the `perf_counter` of the worker's start."""
        self._order, self._emit, self._reader, self._started = order, emit, reader, started
        self.grading = Grading(order.target, emit)
        self._inside = self._first_begun = False
        self._begun = 0.0
        self._door: Door | None = None
        self._backend: Backend | None = None
        self._epochs = 0
        self.known: list[Stage] = []
        self.devices: tuple[str, ...] = ()
        self.data_seconds = self.fit_seconds = self.evaluate_seconds = self.harness_seconds = 0.0

    def begin(self, door: "Door") -> None:
        """The script begins now; `door` knows what its imports took."""
        self._begun, self._door = time.perf_counter(), door

    def fit(
        self, fit: Callable[..., Any], model: Any, arguments: tuple[Any, ...], given: dict[str, Any]
    ) -> Any:
        """Call Keras' fit, measured; one within another is part of the outer one."""
        if self._inside:
            return fit(model, *arguments, **given)
        bound = inspect.signature(fit).bind(model, *arguments, **given)
        bound.apply_defaults()
        settings = dict(bound.arguments)
        settings.pop("self", None)
        self._before_first()
        stage = planned(settings, len(self.known))
        for text in notes(settings, stage):
            self._emit(Noticed(line=_line(), text=text))
        stage = cut(stage, settings, self._order)
        watch = Watch(stages=self, model=model, stage=stage, settings=settings)
        settings["callbacks"] = with_clock(settings.get("callbacks"), clock(model, watch))
        return self._timed(lambda: fit(model, **settings), model)

    def _timed(self, call: Callable[[], Any], model: Any) -> Any:
        self._inside, harness, begun = True, self.harness_seconds, time.perf_counter()
        try:
            return call()
        finally:
            self._inside = False
            seconds = time.perf_counter() - begun - (self.harness_seconds - harness)
            self.fit_seconds += seconds
            self._emit(Phase(name="fit", seconds=seconds))
            self.devices = devices_of(model, self._backend) or self.devices

    def _before_first(self) -> None:
        """Data and building end where the first fit begins."""
        if self._first_begun:
            return
        self._first_begun = True
        begun = time.perf_counter()
        imports = self._door.import_seconds if self._door else 0.0
        self.data_seconds = max(0.0, begun - self._begun - imports)
        self._emit(Phase(name="data", seconds=self.data_seconds))
        self._backend = loaded_backend()
        if self._backend is not None:
            self._emit(Seen(seen=seen(self._backend)))
        self._emit(Counters(reading=self._reader.read("fit")))
        self.harness_seconds += time.perf_counter() - begun

    def settle(self) -> None:
        """Wait until what was begun on the devices is done, so that a clock sees all of it."""
        if self._backend is not None:
            self._backend.settle()

    def built(self, model: Any, stage: Stage, settings: dict[str, Any], steps: int | None) -> None:
        """The model of a stage is built: say what an epoch of it does."""
        begun = time.perf_counter()
        per_execution = getattr(model, "steps_per_execution", None)
        self.known.append(
            replace(
                stage,
                steps=stage.steps or steps,
                steps_wanted=stage.steps_wanted or (None if self._order.steps else steps),
                steps_per_execution=per_execution if isinstance(per_execution, int) else None,
                fingerprint=self._fingerprint(model, stage, settings),
            )
        )
        self._tell(model.count_params() if getattr(model, "built", False) else None)
        self.harness_seconds += time.perf_counter() - begun

    def _fingerprint(self, model: Any, stage: Stage, settings: dict[str, Any]) -> str:
        work = identity.Work(
            model=model,
            data={name: settings.get(name) for name in ("x", "y", "validation_data")},
            batch_size=stage.batch_size,
            steps=stage.steps,
            variant={"split": str(settings.get("validation_split") or 0)},
            files=_files(self._order),
        )
        return identity.fingerprint(work)

    def _tell(self, parameters: int | None) -> None:
        """A fit begins; what identifies the run are the fingerprints of its fits together."""
        prints = [stage.fingerprint or "" for stage in self.known]
        longest = max(self.known, key=lambda stage: stage.epochs_wanted)
        self._emit(Staged(stage=self.known[-1]))
        self._emit(
            Built(
                fingerprint=prints[0] if len(prints) == 1 else _digest("\n".join(prints).encode()),
                fingerprint_v1=None,
                parameters=parameters,
                steps=longest.steps,
                steps_wanted=longest.steps_wanted,
            )
        )

    def stepped(self, step: int, steps: int | None) -> None:
        """So many steps of a long epoch are done."""
        self._emit(Stepped(epoch=self._epochs, step=step, steps=steps))

    def ended(
        self, stage: Stage, logs: dict[str, Any], measured: Measured, watched: str | None
    ) -> None:
        """An epoch has ended; `watched` is the metric on held-out data that the script watches."""
        self._check_whole(stage, measured.steps)
        values, score = self.grading.take(logs, watched)
        facts = EpochFacts(
            index=self._epochs,
            stage=stage.index,
            train_seconds=measured.train_seconds,
            validation_seconds=measured.validation_seconds,
            ended_seconds=measured.ended - self._started,
            processor_seconds=measured.processor_seconds,
            score=score,
            non_finite=lost(values),
            steps=_at_most(measured.steps, stage.steps),
            validation_steps=measured.validation_steps,
            **kept(values),
        )
        self._epochs += 1
        self._emit(Epoch(epoch=facts))

    def _check_whole(self, stage: Stage, steps: int | None) -> None:
        """Tell of an epoch that ran short. Raises Stop for one that had no data at all."""
        if steps == 0:
            raise Stop(
                "no-data",
                f"epoch {self._epochs + 1} had no data: a generator that ends is used up after one "
                "epoch. Let it go on with `while True:`, and give fit its steps_per_epoch",
            )
        if steps is not None and self._order.steps is None and steps < (stage.steps or 0):
            text = f"an epoch had {steps:,} of {stage.steps:,} steps, then its data ran out"
            self._emit(Noticed(line=_line(), text=text))

    def evaluate(self, call: Callable[[], Any]) -> Any:
        """Call Keras' evaluate; outside a fit its seconds are those of the evaluation."""
        if self._inside or not self.known:
            return call()
        begun = time.perf_counter()
        try:
            return call()
        finally:
            self.evaluate_seconds += time.perf_counter() - begun

    def epochs(self, wanted: int) -> Iterator[int]:
        """For a loop of one's own: `for epoch in certbench.epochs(10): ...`."""
        stage = Stage(
            index=len(self.known),
            epochs_wanted=wanted,
            at_most=False,
            steps=None,
            steps_wanted=None,
            batch_size=None,
            steps_per_execution=None,
            fingerprint=_digest(repr(sorted(_files(self._order).items())).encode()),
        )
        self._before_first()
        self.known.append(stage)
        self._tell(None)
        begun = time.perf_counter()
        try:
            for epoch in range(min(wanted, self._order.epochs or wanted)):
                at, used = time.perf_counter(), time.process_time()
                yield epoch
                self.settle()
                self.ended(stage, {}, _of_loop(at, used), None)
        finally:  # a loop may be left before its end
            seconds = time.perf_counter() - begun
            self.fit_seconds += seconds
            self._emit(Phase(name="fit", seconds=seconds))
            self.devices = self.devices or devices_used(self._backend)


@dataclass(frozen=True, kw_only=True)
class Watch:
    """One fit, for its clock."""

    stages: Stages
    model: Any
    stage: Stage
    settings: dict[str, Any]

    def settle(self) -> None:
        """Wait for the devices."""
        self.stages.settle()

    def built(self, steps: int | None) -> None:
        """The fit begins."""
        self.stages.built(self.model, self.stage, self.settings, steps)

    def stepped(self, step: int) -> None:
        """A step is about to begin."""
        self.stages.stepped(step, self.stage.steps)

    def ended(self, logs: dict[str, Any], measured: Measured) -> None:
        """An epoch has ended."""
        watched = monitored(self.settings.get("callbacks"))
        self.stages.ended(self.stage, logs, measured, watched)


def _of_loop(at: float, used: float) -> Measured:
    ended = time.perf_counter()
    return Measured(
        train_seconds=ended - at,
        validation_seconds=0.0,
        processor_seconds=time.process_time() - used,
        ended=ended,
    )


def _line() -> int | None:
    """The line at which the script stands now; None in a module that it imported."""
    script, frame = sys.modules["__main__"].__dict__, inspect.currentframe()
    while frame is not None and frame.f_globals is not script:
        frame = frame.f_back
    return frame.f_lineno if frame else None


def _at_most(steps: int | None, known: int | None) -> int | None:
    """Steps that are executed several at a time are counted as if the last were all there."""
    return steps if steps is None or known is None else min(steps, known)


def _files(order: Order) -> dict[str, str]:
    assert order.file is not None
    return {**identity.imported_beside(Path(order.file)), **order.digests}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
