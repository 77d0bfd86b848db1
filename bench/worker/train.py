"""One run: each phase timed on its own with `perf_counter`, around exactly what it names.

The harness's own work (digests, checks of shapes, placements, the pass over the input pipeline)
lies between the phases and in none of the totals. docs/method.md says why.
"""

import contextlib
import dataclasses
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tasks
from bench.contract.data import folder_digest, prepare
from bench.contract.events import (
    Built,
    Counters,
    Described,
    Epoch,
    Event,
    Phase,
    PhaseName,
    Piped,
    Scored,
    Seen,
    Staged,
)
from bench.contract.facts import Stage, Variant
from bench.contract.knobs import taken
from bench.contract.order import Order
from bench.contract.task import Task
from bench.worker import identity, processors
from bench.worker.backend import Backend, chosen, placed, require
from bench.worker.checks import Stop, check_data, check_digest, check_model
from bench.worker.counters import Reader
from bench.worker.feeding import Feed, feed
from bench.worker.folder import lay_home, working_folder
from bench.worker.learning import Clocked, evaluate, fit, pass_over
from bench.worker.model import fingerprint_v1
from bench.worker.seen import seen

DATA = Path("/opt/certbench/data")  # where the image holds it
BACKEND = "tensorflow"

Emit = Callable[[Event], None]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The task as it is to be trained in this run, and as its author wrote it."""

    order: Order
    task: Task
    epochs_wanted: int

    @property
    def variant(self) -> Variant:
        """What it varies from the plain task, the backend always."""
        return {"backend": BACKEND, **self.order.variant}

    @property
    def precision(self) -> str:
        """Keras' policy for the types of weights and of arithmetic; "" is what it has by itself."""
        return str(self.variant.get("precision", ""))


def train(order: Order, emit: Emit, *, started: float) -> None:
    """Train and grade one task. Raises `checks.Stop` with the reason where the run cannot count."""
    backend = chosen(str(order.variant.get("backend", BACKEND)))
    on_gpu = order.accelerator == "gpu"
    reader = Reader(started=started, gpu=on_gpu, allocated_peak=backend.allocated_peak)
    emit(Counters(reading=reader.read("start")))
    wanted = _wanted(order)
    with _data_folder(wanted) as folder:
        digest = _describe(wanted, folder, emit)
        _begin(backend, wanted, emit)
        fed, model = _made(wanted, folder, digest, emit)
        emit(Counters(reading=reader.read("fit")))
        clock = Clocked(
            on_epoch=lambda epoch: emit(Epoch(epoch=epoch)),
            started=started,
            settle=backend.settle,
        )
        _learn(wanted.task, model, fed, clock, emit)
        emit(Counters(reading=reader.read("end")))
        emit(placed(backend, model, fed.data, order.accelerator))
        emit(Piped(pipeline=pass_over(wanted.task, fed, backend, reader)))


def _begin(backend: Backend, wanted: Wanted, emit: Emit) -> None:
    """Import the framework, set it up, and see what it found."""
    order, threads = wanted.order, processors.available()
    backend.prepare(threads, order.accelerator)
    with _phase("imports", emit):
        import keras

        backend.limit(threads, order.accelerator)
    emit(Seen(seen=seen(backend)))
    require(backend, order.accelerator)
    keras.utils.set_random_seed(order.seed)
    if wanted.precision:
        keras.config.set_dtype_policy(wanted.precision)


def _wanted(order: Order) -> Wanted:
    if order.file:
        sys.path.insert(0, str(Path(order.file).resolve().parent))
    task = tasks.from_file(Path(order.file)) if order.file else tasks.named(order.name)
    known = {"backend", *(knob.name for knob in task.knobs)}
    if unknown := sorted(set(order.variant) - known):
        raise Stop("exception", f"{order.name} has no knob {', '.join(unknown)}")
    batch_size = int(order.variant.get("batch_size", task.batch_size))
    return Wanted(
        order=order,
        task=dataclasses.replace(task, epochs=order.epochs or task.epochs, batch_size=batch_size),
        epochs_wanted=task.epochs,
    )


@contextlib.contextmanager
def _data_folder(wanted: Wanted) -> Iterator[Path]:
    """The prepared folder; a user's own task prepares its data here and now, before the clock."""
    if not wanted.order.file:
        root = wanted.order.data or os.environ.get("CERTBENCH_DATA")
        yield Path(root or DATA) / wanted.order.name
        return
    lay_home()
    with (
        working_folder(wanted.order.links) as brought,
        tempfile.TemporaryDirectory(prefix="certbench-") as scratch,
    ):
        prepare(wanted.task, brought, Path(scratch) / "data")
        yield Path(scratch) / "data"


def _describe(wanted: Wanted, folder: Path, emit: Emit) -> str:
    task = wanted.task
    with _phase("check", emit):
        digest = folder_digest(folder)
    emit(
        Described(
            title=task.title,
            category=task.category,
            epochs=task.epochs,
            epochs_wanted=wanted.epochs_wanted,
            batch_size=task.batch_size,
            metric=task.metric,
            thresholds=task.thresholds,
            data_digest=digest,
            variant=wanted.variant,
        )
    )
    check_digest(task, folder, digest)
    return digest


def _made(wanted: Wanted, folder: Path, digest: str, emit: Emit) -> tuple[Feed, Any]:
    task = wanted.task
    with _phase("data", emit):
        data = task.load(folder, **taken(task.load, wanted.variant))
    with _phase("check", emit):
        fed = feed(task, data)
        check_data(task, fed.data)
    with identity.asked_settings(), _phase("build", emit):
        model = task.build(**taken(task.build, wanted.variant))
    with _phase("check", emit):
        check_model(task, model)
        built = _identified(wanted, digest, fed, model)
    emit(built)
    emit(Staged(stage=_stage(wanted, built, fed, model)))
    return fed, model


def _identified(wanted: Wanted, digest: str, fed: Feed, model: Any) -> Built:
    """What an epoch of it does, by today's fingerprint and by that of version 1."""
    task, file = wanted.task, wanted.order.file
    work = identity.Work(
        model=model,
        data={"train": fed.data.train, "held out": fed.data.held_out},
        batch_size=task.batch_size,
        steps=fed.steps,
        variant=wanted.variant,
        files={"data": digest} | _own_files(wanted.order),
        source=_source_file(task),
    )
    return Built(
        fingerprint=identity.fingerprint(work),
        fingerprint_v1=fingerprint_v1("own" if file else wanted.order.name, task, digest, model),
        parameters=model.count_params(),
        steps=fed.steps,
        steps_wanted=fed.steps,
    )


def _own_files(order: Order) -> dict[str, str]:
    """Digests of a user's file, what it imported from beside itself, and its data."""
    return {**identity.imported_beside(Path(order.file)), **order.digests} if order.file else {}


def _source_file(task: Task) -> Path | None:
    """The file that the task's functions stand in."""
    return Path(task.build.__code__.co_filename) if hasattr(task.build, "__code__") else None


def _stage(wanted: Wanted, built: Built, fed: Feed, model: Any) -> Stage:
    return Stage(
        index=0,
        epochs_wanted=wanted.epochs_wanted,
        at_most=fed.stops_early,
        steps=built.steps,
        steps_wanted=built.steps_wanted,
        batch_size=wanted.task.batch_size,
        steps_per_execution=int(model.steps_per_execution),
        fingerprint=built.fingerprint,
        examples=identity.examples_of(fed.data.train, wanted.task.batch_size),
    )


def _learn(task: Task, model: Any, fed: Feed, clock: Clocked, emit: Emit) -> None:
    with _phase("fit", emit):
        fit(task, model, fed, clock)
    with _phase("evaluate", emit):
        result = evaluate(task, model, fed)
    emit(Scored(result=result))


@contextlib.contextmanager
def _phase(name: PhaseName, emit: Emit) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    emit(Phase(name=name, seconds=time.perf_counter() - begun))
