"""One run: each phase timed on its own with `perf_counter`, around exactly what it names.

The harness's own work (digests, checks of shapes, placements, the pass over the input pipeline)
lies between the phases and in none of the totals. docs/method.md says why.
"""

import contextlib
import dataclasses
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tasks
from bench.contract.data import folder_digest, prepare
from bench.contract.events import (
    Counters,
    Described,
    Epoch,
    Event,
    Phase,
    PhaseName,
    Piped,
    Scored,
    Seen,
)
from bench.contract.task import Data, Task
from bench.worker import processors
from bench.worker.checks import check_data, check_digest, check_model
from bench.worker.counters import Reader
from bench.worker.learning import evaluate, fit, pass_over
from bench.worker.model import fingerprint, hide_gpu, placed, require_gpu
from bench.worker.seen import seen

Emit = Callable[[Event], None]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the command line asked for."""

    task: str
    seed: int
    epochs: int | None
    gpu: bool
    data: Path


def train(order: Order, emit: Emit, *, started: float) -> None:
    """Train and grade one task. Raises `checks.Stop` with the reason where the run cannot count."""
    reader = Reader(started=started, gpu=order.gpu)
    emit(Counters(reading=reader.read("start")))
    task = _task(order)
    with _data_folder(order, task) as folder:
        digest = _describe(task, folder, emit)
        threads = processors.limit_threads()
        with _phase("imports", emit):
            import keras

            processors.limit_tensorflow(threads)
        if not order.gpu:
            hide_gpu()
        emit(Seen(seen=seen()))
        require_gpu(wanted=order.gpu)
        keras.utils.set_random_seed(order.seed)
        data, model = _made(order, task, folder, digest, emit)
        emit(Counters(reading=reader.read("fit")))
        _learn(task, model, data, emit, started)
        emit(Counters(reading=reader.read("end")))
        emit(placed(model, data, gpu_wanted=order.gpu))
        emit(Piped(pipeline=pass_over(task, data, reader)))


def _task(order: Order) -> Task:
    task = tasks.from_file(Path(order.task)) if _is_own(order) else tasks.named(order.task)
    return dataclasses.replace(task, epochs=order.epochs or task.epochs)


def _is_own(order: Order) -> bool:
    return order.task.endswith(".py")


@contextlib.contextmanager
def _data_folder(order: Order, task: Task) -> Iterator[Path]:
    """The prepared folder; a user's own task prepares its data here and now, before the clock."""
    if not _is_own(order):
        yield order.data / order.task
        return
    with tempfile.TemporaryDirectory(prefix="certbench-") as scratch:
        prepare(task, Path(scratch), Path(scratch) / "data")
        yield Path(scratch) / "data"


def _describe(task: Task, folder: Path, emit: Emit) -> str:
    with _phase("check", emit):
        digest = folder_digest(folder)
    emit(
        Described(
            title=task.title,
            category=task.category,
            epochs=task.epochs,
            batch_size=task.batch_size,
            metric=task.metric,
            thresholds=task.thresholds,
            data_digest=digest,
        )
    )
    check_digest(task, folder, digest)
    return digest


def _made(order: Order, task: Task, folder: Path, digest: str, emit: Emit) -> tuple[Data, Any]:
    with _phase("data", emit):
        data = task.load(folder)
    with _phase("check", emit):
        check_data(task, data)
    with _phase("build", emit):
        model = task.build()
    with _phase("check", emit):
        check_model(task, model)
        built = fingerprint(order.task if not _is_own(order) else "own", task, digest, model)
    emit(built)
    return data, model


def _learn(task: Task, model: Any, data: Data, emit: Emit, started: float) -> None:
    with _phase("fit", emit):
        fit(task, model, data, lambda epoch: emit(Epoch(epoch=epoch)), started)
    with _phase("evaluate", emit):
        result = evaluate(task, model, data)
    emit(Scored(result=result))


@contextlib.contextmanager
def _phase(name: PhaseName, emit: Emit) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    emit(Phase(name=name, seconds=time.perf_counter() - begun))
