"""Fitting and grading a task through plain Keras."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bench.contract.facts import EpochFacts, Pipeline, Result
from bench.contract.task import Task, score
from bench.worker.backend import Backend, batches
from bench.worker.checks import Stop
from bench.worker.clock import Measured, edges
from bench.worker.counters import Reader
from bench.worker.feeding import Feed
from bench.worker.grading import Values, kept, lost

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
    import keras

    held_out, callbacks = fed.data.held_out, fed.settings.get("callbacks") or ()
    model.fit(
        **_feed(task, fed.data.train),
        epochs=task.epochs,
        validation_data=held_out,
        **({"validation_batch_size": task.batch_size} if isinstance(held_out, tuple) else {}),
        **{name: value for name, value in fed.settings.items() if name != "callbacks"},
        callbacks=[*callbacks, edges(keras, _Told(task=task, clocked=clock))()],
        verbose=0,
    )


def evaluate(task: Task, model: Any, fed: Feed) -> Result:
    """Grade the trained model on the held-out data."""
    side, steps = fed.data.held_out, fed.settings.get("validation_steps")
    logs = model.evaluate(**_feed(task, side), steps=steps, return_dict=True, verbose=0)
    value = _metric(task, logs, task.metric)
    values: Values = {task.metric: value}
    return Result(
        metric=kept(values)[task.metric],
        score=score(task.metric, task.thresholds, value),
        non_finite=lost(values),
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


@dataclass(kw_only=True)
class _Told:
    """What the clock of a task's fit is told, handed on as facts."""

    task: Task
    clocked: Clocked
    index: int = 0

    def settle(self) -> None:
        """Wait for the devices."""
        self.clocked.settle()

    def ended(self, logs: dict[str, Any], measured: Measured) -> None:
        """An epoch has ended."""
        self.clocked.on_epoch(
            epoch_facts(self.task, self.index, logs, measured, self.clocked.started)
        )
        self.index += 1


def epoch_facts(
    task: Task, index: int, logs: dict[str, float], measured: Measured, started: float
) -> EpochFacts:
    """An epoch from Keras' logs and the clock; `started` is the worker's `perf_counter`."""
    values: Values = {
        "loss": float(logs["loss"]),
        "held_out_loss": float(logs["val_loss"]),
        "held_out_metric": (metric := _metric(task, logs, f"val_{task.metric}")),
    }
    return EpochFacts(
        index=index,
        stage=0,
        train_seconds=measured.train_seconds,
        validation_seconds=measured.validation_seconds,
        ended_seconds=measured.ended - started,
        processor_seconds=measured.processor_seconds,
        score=score(task.metric, task.thresholds, metric),
        non_finite=lost(values),
        steps=measured.steps,
        validation_steps=measured.validation_steps,
        **kept(values),
    )


def _metric(task: Task, logs: dict[str, float], name: str) -> float:
    start = "val_" if name.startswith("val_") else ""
    known = (f"{start}{called}" for called in (task.metric, *CALLED[task.metric]))
    found = next((name for name in known if name in logs), None)
    if found is None:
        raise Stop("model-shape", f"the task is graded by {task.metric}, the model has {[*logs]}")
    return float(logs[found])
