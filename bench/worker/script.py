"""Runs a user's script unchanged, as a program, and measures every `fit` that it makes.

The script imports Keras itself, when and as it likes; `bench.worker.door` waits for that. Must not
know which engine it runs on.
"""

import os
import re
import shutil
import sys
import time
import traceback
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.contract.events import Counters, Described, Event, Phase, Placed, Scored
from bench.contract.order import Order
from bench.worker import processors, program
from bench.worker.advice import advice
from bench.worker.backend import NOT_USED, WORDS, lie_on
from bench.worker.checks import Stop, code_of
from bench.worker.counters import Reader
from bench.worker.door import Door
from bench.worker.folder import lay_home, working_folder
from bench.worker.leavings import leave
from bench.worker.loaded import allocated_peak
from bench.worker.stages import Stages

THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "NPROC")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
NEVER_FITTED = (
    "no model was fitted: certbench measures Keras' fit; for a loop of your own see "
    "docs/your-own-script.md"
)


def run_script(order: Order, emit: Callable[[Event], None], *, started: float) -> None:
    """Run the ordered script to its end. Raises `checks.Stop` with one line where it cannot count.

    A child that the script forks goes on without a word.
    """
    parent = os.getpid()
    gpu = order.accelerator == "gpu"
    reader = Reader(started=started, gpu=gpu, allocated_peak=allocated_peak)

    def emit_here(event: Event) -> None:
        if os.getpid() == parent:
            emit(event)

    emit_here(Counters(reading=reader.read("start")))
    emit_here(_described(order))
    _surround(order)
    lay_home()
    stages = Stages(order, emit_here, reader, started)
    door = Door(stages)
    with (
        _working_folder(order, emit_here) as file,
        door.open(),
        program.pretended(),
        _loop_module(stages),
    ):
        begun = time.perf_counter()
        stages.begin(door)
        try:
            _execute(file, order)
        finally:
            _end_child(parent)
        ended = time.perf_counter()
    _conclude(stages, door, ended - begun, emit_here)
    emit_here(Counters(reading=reader.read("end")))
    wanted = order.accelerator
    if wanted is not None and not lie_on(wanted, stages.devices):
        where = ", ".join(stages.devices) or "an unknown device"
        raise Stop(NOT_USED[wanted], f"{WORDS[wanted]} was asked for, the work was done on {where}")


def _described(order: Order) -> Described:
    return Described(
        title=order.name,
        category=None,
        epochs=None,
        epochs_wanted=None,
        batch_size=None,
        metric=None,
        thresholds=None,
        data_digest=None,
        variant={"backend": os.environ.get("KERAS_BACKEND", "tensorflow")},
    )


def _surround(order: Order) -> None:
    """Threads and devices by the environment, before the script imports anything."""
    for name in THREADS:
        os.environ[name] = str(processors.available())
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    if order.accelerator is None:
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
        os.environ["JAX_PLATFORMS"] = "cpu"


@contextmanager
def _working_folder(order: Order, emit: Callable[[Event], None]) -> Iterator[Path]:
    """A folder of its own with a copy of the script, and what `--data` gave by relative paths.

    What the script wrote there is told at its end, and copied to where that was asked for.
    """
    parent = os.getpid()
    assert order.file is not None
    original = Path(order.file).resolve()
    with working_folder(order.links) as folder:
        copy = Path(shutil.copy(original, folder))
        sys.path[:0] = [str(folder), str(original.parent)]
        try:
            yield copy
        finally:
            if os.getpid() == parent:
                leave(folder, copy, order, emit)


@contextmanager
def _loop_module(stages: Stages) -> Iterator[None]:
    """Within it, `import certbench` finds `epochs`, for a loop of one's own."""
    module = types.ModuleType("certbench")
    module.epochs = stages.epochs  # type: ignore[attr-defined]
    sys.modules["certbench"] = module
    yield


def _execute(file: Path, order: Order) -> None:
    """The file as `__main__`. Raises Stop with the script's own line where it fails."""
    main = types.ModuleType("__main__")
    main.__file__ = str(file)
    main.__builtins__ = __builtins__  # type: ignore[attr-defined]
    main.__dict__.update(program.surroundings(file))
    sys.modules["__main__"] = main
    sys.argv = [file.name, *order.arguments]
    try:
        for part in program.parts(file):
            exec(part.compiled(), main.__dict__)  # noqa: S102  its purpose
    except SystemExit as end:
        if end.code not in (None, 0):
            name = program.title(file)
            raise Stop("exception", f"{name} ended itself with {end.code!r}") from end
    except Stop:
        raise
    except Exception as error:
        traceback.print_exc()
        raise Stop(code_of(error), _failure(file, error)) from error


def _end_child(parent: int) -> None:
    """End here what the script has forked: the folder, the wire and the rest are its parent's."""
    if os.getpid() != parent:
        sys.stdout.flush()
        os._exit(0)


def _failure(file: Path, error: Exception) -> str:
    """The framework's line, the script's line number, and what to change where that is known."""
    text = _told(str(error))
    hint = advice(error)
    line = f"{program.where(file, error)}: {type(error).__name__}: {text}"
    return f"{line}. {hint}" if hint else line


def _told(text: str) -> str:
    """What is wrong, in one line: of TensorFlow's graph errors the sentence after the traceback."""
    lines = [line for line in COLOURS.sub("", text).splitlines() if line.strip()]
    node = next((n for n, line in enumerate(lines) if "[[{{node" in line), 0)
    found = lines[node - 1] if node else " ".join(lines)
    return " ".join(found.split())[:300]


def _conclude(
    stages: Stages, door: Door, script_seconds: float, emit: Callable[[Event], None]
) -> None:
    """The phases that only the end can tell, and the result."""
    if not stages.known:
        raise Stop("no-fit", NEVER_FITTED)
    stages.grading.check()
    if stages.evaluate_seconds:
        emit(Phase(name="evaluate", seconds=stages.evaluate_seconds))
    known = (
        stages.data_seconds
        + door.import_seconds
        + stages.fit_seconds
        + stages.evaluate_seconds
        + stages.harness_seconds
    )
    emit(Phase(name="imports", seconds=door.import_seconds))
    emit(Phase(name="rest", seconds=max(0.0, script_seconds - known)))
    emit(Placed(devices=stages.devices))
    emit(Scored(result=stages.grading.result))
