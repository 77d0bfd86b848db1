"""Every `fit` of a script is a stage: cut where that was ordered, timed, and told.

What the harness does itself (fingerprints, counters) is in no phase.
"""

import hashlib
import inspect
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.contract.bounds import LOSS_MOST
from bench.contract.events import Built, Counters, Epoch, Event, Phase, Seen, Staged
from bench.contract.facts import EpochFacts, Stage
from bench.contract.order import Order
from bench.worker import identity
from bench.worker.backend import chosen
from bench.worker.counters import Reader
from bench.worker.seen import seen

if TYPE_CHECKING:
    from bench.worker.door import Door

DEFAULT_BATCH = 32  # Keras' own


class Stages:
    """What a script's fits were so far, and the seconds around them."""

    def __init__(
        self, order: Order, emit: Callable[[Event], None], reader: Reader, started: float
    ) -> None:
        """`started` is the `perf_counter` of the worker's start."""
        self._order, self._emit, self._reader, self._started = order, emit, reader, started
        self._inside = False
        self._begun = 0.0
        self._door: Door | None = None
        self._epochs = 0
        self.known: list[Stage] = []
        self.devices: tuple[str, ...] = ()
        self.last_metric: float | None = None
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
        stage = self._planned(model, settings)
        self._before_first()
        clock = _clock(self, model, stage, settings)
        settings["callbacks"] = _with(settings.get("callbacks"), clock)
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
            self.devices = _devices(model) or self.devices

    def _planned(self, model: Any, settings: dict[str, Any]) -> Stage:
        """The stage as the script wants it; `settings` are cut to what was ordered."""
        first, wanted = settings.get("initial_epoch") or 0, settings.get("epochs") or 1
        batch_size = settings.get("batch_size") or _batch_size(settings.get("x"))
        steps = settings.get("steps_per_epoch") or _steps(settings.get("x"), batch_size)
        if self._order.epochs:
            settings["epochs"] = min(wanted, first + self._order.epochs)
        cut = steps
        if self._order.steps and (steps is None or steps > self._order.steps):
            settings["steps_per_epoch"] = cut = self._order.steps
            if settings.get("validation_data") is not None:
                settings["validation_steps"] = _least(
                    settings.get("validation_steps"), self._order.steps
                )
        return Stage(
            index=len(self.known),
            epochs_wanted=max(0, wanted - first),
            at_most=_stops_early(settings.get("callbacks")),
            steps=cut,
            steps_wanted=steps,
            batch_size=batch_size,
            steps_per_execution=None,
            fingerprint=None,
        )

    def _before_first(self) -> None:
        """Data and building end where the first fit begins."""
        if self._epochs or self.known:
            return
        begun = time.perf_counter()
        imports = self._door.import_seconds if self._door else 0.0
        self.data_seconds = max(0.0, begun - self._begun - imports)
        self._emit(Phase(name="data", seconds=self.data_seconds))
        if "tensorflow" in sys.modules:
            self._emit(Seen(seen=seen(chosen("tensorflow"))))
        self._emit(Counters(reading=self._reader.read("fit")))
        self.harness_seconds += time.perf_counter() - begun

    def built(self, model: Any, stage: Stage, settings: dict[str, Any], steps: int | None) -> None:
        """The model of a stage is built: say what an epoch of it does."""
        from msgspec.structs import replace

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
        self._emit(Staged(stage=self.known[-1]))
        self._emit(self._summed(model))
        self.harness_seconds += time.perf_counter() - begun

    def _fingerprint(self, model: Any, stage: Stage, settings: dict[str, Any]) -> str:
        assert self._order.file is not None
        work = identity.Work(
            model=model,
            data={name: settings.get(name) for name in ("x", "y", "validation_data")},
            batch_size=stage.batch_size,
            steps=stage.steps,
            variant={"split": str(settings.get("validation_split") or 0)},
            files=_files(self._order),
        )
        return identity.fingerprint(work)

    def _summed(self, model: Any) -> Built:
        """What identifies the run: the fingerprints of its stages together."""
        prints = [stage.fingerprint or "" for stage in self.known]
        longest = max(self.known, key=lambda stage: stage.epochs_wanted)
        return Built(
            fingerprint=prints[0] if len(prints) == 1 else _digest("\n".join(prints).encode()),
            fingerprint_v1=None,
            parameters=model.count_params() if getattr(model, "built", False) else None,
            steps=longest.steps,
            steps_wanted=longest.steps_wanted,
        )

    def ended(self, stage: Stage, logs: dict[str, Any], times: tuple[float, float, float]) -> None:
        """An epoch has ended: (train, validation, processor) seconds."""
        train, validation, processor = times
        values = {
            "loss": _number(logs.get("loss")),
            "held_out_loss": _number(logs.get("val_loss")),
            "held_out_metric": _number(next((logs[n] for n in logs if _graded(n)), None)),
        }
        kept = {n: v if v is not None and abs(v) <= LOSS_MOST else None for n, v in values.items()}
        self.last_metric = kept["held_out_metric"]
        facts = EpochFacts(
            index=self._epochs,
            stage=stage.index,
            train_seconds=train,
            validation_seconds=validation,
            ended_seconds=time.perf_counter() - self._started,
            processor_seconds=processor,
            score=None,
            non_finite=tuple(n for n, v in values.items() if v is not None and kept[n] is None),
            **kept,
        )
        self._epochs += 1
        self._emit(Epoch(epoch=facts))

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
        self._emit(Staged(stage=stage))
        self._emit(
            Built(
                fingerprint=_digest("\n".join(s.fingerprint or "" for s in self.known).encode()),
                fingerprint_v1=None,
                parameters=None,
                steps=None,
                steps_wanted=None,
            )
        )
        begun = time.perf_counter()
        for epoch in range(min(wanted, self._order.epochs or wanted)):
            at, used = time.perf_counter(), time.process_time()
            yield epoch
            self.ended(stage, {}, (time.perf_counter() - at, 0.0, time.process_time() - used))
        seconds = time.perf_counter() - begun
        self.fit_seconds += seconds
        self._emit(Phase(name="fit", seconds=seconds))


def _clock(stages: Stages, model: Any, stage: Stage, settings: dict[str, Any]) -> Any:
    """A callback of the Keras that the model is of; it reads the clock at the edges of epochs."""
    keras = sys.modules["tf_keras" if _is_legacy(model) else "keras"]

    class Clock(keras.callbacks.Callback):  # type: ignore[misc,name-defined]
        """Splits an epoch into training and validation and reports it."""

        def on_train_begin(self, logs: Any = None) -> None:
            stages.built(model, stage, settings, (self.params or {}).get("steps"))

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.used = time.process_time()
            self.begun = self.validation_begun = self.validation_ended = time.perf_counter()

        def on_test_begin(self, logs: Any = None) -> None:
            self.validation_begun = time.perf_counter()

        def on_test_end(self, logs: Any = None) -> None:
            self.validation_ended = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            ended, validation = time.perf_counter(), self.validation_ended - self.validation_begun
            train = ended - self.begun - validation
            stages.ended(stage, logs or {}, (train, validation, time.process_time() - self.used))

    return Clock()


def _is_legacy(model: Any) -> bool:
    return any(base.__module__.startswith("tf_keras.") for base in type(model).__mro__)


def _with(callbacks: Any, clock: Any) -> Any:
    """The script's callbacks with the clock as the last, so that theirs lie within an epoch."""
    if callbacks is None:
        return [clock]
    if isinstance(callbacks, list | tuple):
        return [*callbacks, clock]
    if hasattr(callbacks, "append"):  # Keras' own list of callbacks
        callbacks.append(clock)
        return callbacks
    return [callbacks, clock]


def _stops_early(callbacks: Any) -> bool:
    held = getattr(callbacks, "callbacks", callbacks) or ()
    every = held if isinstance(held, list | tuple) else (held,)
    return any("EarlyStopping" in c.__name__ for one in every for c in type(one).__mro__)


def _batch_size(x: Any) -> int | None:
    """What feeds itself has its own; arrays get Keras' default."""
    own = getattr(x, "batch_size", None)
    if isinstance(own, int):
        return own
    feeds = hasattr(x, "cardinality") or (hasattr(x, "__getitem__") and not hasattr(x, "shape"))
    feeds = feeds and not isinstance(x, list | tuple | dict)
    return None if feeds or hasattr(x, "__next__") else DEFAULT_BATCH


def _steps(x: Any, batch_size: int | None) -> int | None:
    if hasattr(x, "__next__"):
        return len(x) if hasattr(x, "__len__") else None
    if hasattr(x, "shape"):
        x = (x,)
    return identity.steps_of(x, batch_size)


def _least(one: int | None, other: int) -> int:
    return other if one is None else min(one, other)


def _graded(name: str) -> bool:
    return name.startswith("val_") and name != "val_loss"


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _devices(model: Any) -> tuple[str, ...]:
    """Where the weights lie, as short names (`CPU:0`)."""
    held = [getattr(weight, "value", weight) for weight in model.weights]
    names = [str(getattr(tensor, "device", "")) for tensor in held if not callable(tensor)]
    return tuple(sorted({n.rpartition("/device:")[2] for n in names if "/device:" in n}))


def _files(order: Order) -> dict[str, str]:
    assert order.file is not None
    return {**identity.imported_beside(Path(order.file)), **order.digests}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
