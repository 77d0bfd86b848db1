"""Fitting and grading through plain Keras; one callback reads the clock at the edges of epochs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bench.contract.bounds import LOSS_MOST
from bench.contract.facts import EpochFacts, Pipeline, Result
from bench.contract.task import Task, score
from bench.worker.backend import Backend, batches
from bench.worker.checks import Stop
from bench.worker.counters import Reader
from bench.worker.feeding import Feed

CALLED = {  # what else people call a metric when they compile
    "accuracy": (
        "acc",
        "binary_accuracy",
        "categorical_accuracy",
        "sparse_categorical_accuracy",
    ),
    "mse": ("mean_squared_error", "MSE"),
    "mae": ("mean_absolute_error", "MAE"),
}
OnEpoch = Callable[[EpochFacts], None]


@dataclass(frozen=True, kw_only=True)
class Clocked:
    """Who is told of an epoch, the `perf_counter` that counts, and how to wait for the devices."""

    on_epoch: OnEpoch
    started: float
    settle: Callable[[], None]


def fit(task: Task, model: Any, fed: Feed, clock: Clocked) -> None:
    """Train for the task's epochs and report each as it ends."""
    held_out, callbacks = fed.data.held_out, fed.settings.get("callbacks") or ()
    model.fit(
        **_feed(task, fed.data.train),
        epochs=task.epochs,
        validation_data=held_out,
        **({"validation_batch_size": task.batch_size} if isinstance(held_out, tuple) else {}),
        **{name: value for name, value in fed.settings.items() if name != "callbacks"},
        callbacks=[*callbacks, _clock(task, clock)],
        verbose=0,
    )


def evaluate(task: Task, model: Any, fed: Feed) -> Result:
    """Grade the trained model on the held-out data."""
    side, steps = fed.data.held_out, fed.settings.get("validation_steps")
    logs = model.evaluate(**_feed(task, side), steps=steps, return_dict=True, verbose=0)
    value = _metric(task, logs, task.metric)
    return Result(
        metric=_finite(value),
        score=score(task.metric, task.thresholds, value),
        non_finite=() if _is_kept(value) else (task.metric,),
    )


def pass_over(task: Task, fed: Feed, backend: Backend, reader: Reader) -> Pipeline:
    """One pass over the training data without the model, and whether storage was read for it."""
    before, begun = reader.disk_read_bytes(), time.perf_counter()
    steps = fed.settings.get("steps_per_epoch")
    for _ in islice(batches(backend, fed.data.train, task.batch_size), steps):
        pass
    seconds, after = time.perf_counter() - begun, reader.disk_read_bytes()
    if before is None or after is None:
        return Pipeline(seconds=seconds, cache="unknown", read_bytes=None)
    return Pipeline(
        seconds=seconds, cache="cold" if after > before else "warm", read_bytes=after - before
    )


def _feed(task: Task, side: Any) -> dict[str, Any]:
    if isinstance(side, tuple):
        return {"x": side[0], "y": side[1], "batch_size": task.batch_size}
    return {"x": side}


def _clock(task: Task, clocked: Clocked) -> Any:
    """A Keras callback; the class is made here because Keras may only be imported inside."""
    import keras

    class Clock(keras.callbacks.Callback):  # type: ignore[misc]
        """Splits an epoch into training and validation and reports it."""

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.used = time.process_time()
            self.begun = self.validation_begun = self.validation_ended = time.perf_counter()

        def on_test_begin(self, logs: Any = None) -> None:
            clocked.settle()
            self.validation_begun = time.perf_counter()

        def on_test_end(self, logs: Any = None) -> None:
            clocked.settle()
            self.validation_ended = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            clocked.settle()
            ended = time.perf_counter()
            validation = self.validation_ended - self.validation_begun
            times = Times(
                train_seconds=ended - self.begun - validation,
                validation_seconds=validation,
                ended_seconds=ended - clocked.started,
                processor_seconds=time.process_time() - self.used,
            )
            clocked.on_epoch(epoch_facts(task, epoch, logs or {}, times))

    return Clock()


@dataclass(frozen=True, kw_only=True)
class Times:
    """What the clocks said of one epoch; `ended_seconds` counts from the worker's start."""

    train_seconds: float
    validation_seconds: float
    ended_seconds: float
    processor_seconds: float


def epoch_facts(task: Task, index: int, logs: dict[str, float], times: Times) -> EpochFacts:
    """An epoch from Keras' logs and the clocks."""
    values = {
        "loss": float(logs["loss"]),
        "held_out_loss": float(logs["val_loss"]),
        "held_out_metric": _metric(task, logs, f"val_{task.metric}"),
    }
    return EpochFacts(
        index=index,
        stage=0,
        train_seconds=times.train_seconds,
        validation_seconds=times.validation_seconds,
        ended_seconds=times.ended_seconds,
        processor_seconds=times.processor_seconds,
        score=score(task.metric, task.thresholds, values["held_out_metric"]),
        non_finite=tuple(name for name, value in values.items() if not _is_kept(value)),
        loss=_finite(values["loss"]),
        held_out_loss=_finite(values["held_out_loss"]),
        held_out_metric=_finite(values["held_out_metric"]),
    )


def _metric(task: Task, logs: dict[str, float], name: str) -> float:
    start = "val_" if name.startswith("val_") else ""
    known = (f"{start}{called}" for called in (task.metric, *CALLED[task.metric]))
    found = next((name for name in known if name in logs), None)
    if found is None:
        raise Stop("model-shape", f"the task is graded by {task.metric}, the model has {[*logs]}")
    return float(logs[found])


def _finite(value: float) -> float | None:
    return value if _is_kept(value) else None


def _is_kept(value: float) -> bool:
    """Whether it is finite, and not so large that it is on its way out: not a number is neither."""
    return abs(value) <= LOSS_MOST
