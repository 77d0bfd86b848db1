"""What every engine does alike: start, stream, exit codes, time limit, interrupt, nothing left."""

import importlib.util
import sys

import psutil
import pytest

from bench.campaign.engines.native.engine import NativeEngine
from bench.campaign.environments import environment, place_of
from bench.campaign.machine import this_machine
from bench.campaign.plan import plan
from bench.campaign.runner import Job, Started, run_campaign
from bench.campaign.setup import new_campaign
from bench.contract.events import Epoch, Handshake
from bench.errors import Interrupted
from bench.evidence.store import Store
from bench.evidence.variants import variant_name
from builders import Silent
from running import run_one
from standin import StandIn
from tools import containers

needs_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed here"
)


needs_jax = pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="JAX is not installed here"
)


@pytest.fixture(
    params=[
        pytest.param("docker", marks=pytest.mark.docker),
        pytest.param("native", marks=[pytest.mark.native, needs_tensorflow]),
        pytest.param("colab", marks=[pytest.mark.native, needs_tensorflow]),
        pytest.param("colab-tpu", marks=[pytest.mark.native, needs_tensorflow, needs_jax]),
    ]
)
def place(request, tmp_path, monkeypatch):
    """An engine, its environment, and what of it is still alive."""
    if request.param == "docker":
        engine = request.getfixturevalue("engine")
        return engine, environment("cpu"), lambda: containers(engine)
    if request.param == "native":
        return NativeEngine(), environment("native"), workers
    monkeypatch.setenv("STANDIN_PYTHON", sys.executable)
    google = StandIn(tmp_path / "google", monkeypatch)
    name = "colab-cpu" if request.param == "colab" else request.param
    return google.engine(), environment(name), lambda: google.alive() + workers()


def workers() -> list[int]:
    """Workers that this process started and that still run."""
    below = psutil.Process().children(recursive=True)
    return [child.pid for child in below if "bench.worker" in child.cmdline()]


class Impatient(Silent):
    """Presses Ctrl-C at the worker's first word."""

    def hears(self, event: object) -> None:
        super().hears(event)
        raise KeyboardInterrupt


def job(engine, entry, path) -> Job:
    task = variant_name(path.stem, {"backend": entry.backend})
    return Job(
        campaign=(campaign := new_campaign([entry.name], [task], rounds=1, seed=1, epochs=2)),
        machine=this_machine(),
        runs=plan(campaign, (path,)),
        environments={
            place_of(entry.name, entry.backend): Started(
                engine=engine, ready=engine.ready(entry, 120.0)
            )
        },
    )


def test_a_task_is_started_streamed_and_kept(place, own_task, tmp_path):
    engine, entry, alive = place
    heard = Silent()

    [record] = run_campaign(job(engine, entry, own_task("mine")), Store(tmp_path / "r"), heard)

    assert record.status == "ok"
    assert record.phases.start > 0
    events = heard.told[1:-1]
    assert isinstance(events[0], Handshake)
    assert sum(isinstance(event, Epoch) for event in events) == len(record.epochs) == 2
    assert alive() == []


def test_a_code_of_its_own_comes_through(place, own_task, tmp_path):
    engine, entry, alive = place
    leaves = own_task(
        "leaves", "import os, sys; print('why', file=sys.stderr, flush=True); os._exit(3)"
    )

    record = run_one(engine, entry, leaves, tmp_path / "r")

    assert (record.status, record.reasons, record.ending.exit_code) == ("failed", ("exit-3",), 3)
    assert record.ending.stderr_tail[-1] == "why"
    assert alive() == []


def test_an_exception_is_kept_in_its_own_words(place, own_task, tmp_path):
    engine, entry, alive = place

    record = run_one(engine, entry, own_task("broken", "raise ValueError('no')"), tmp_path / "r")

    assert (record.status, record.detail) == ("failed", "ValueError: no")
    assert alive() == []


def test_a_limit_of_time_holds(place, own_task, tmp_path):
    engine, entry, alive = place

    record = run_one(
        engine, entry, own_task("slow", "import time; time.sleep(600)"), tmp_path / "r", seconds=3
    )

    assert (record.status, record.ending.timed_out) == ("timeout", True)
    assert alive() == []


def test_an_interrupt_leaves_a_record_and_nothing_running(place, own_task, tmp_path):
    engine, entry, alive = place
    store = Store(tmp_path / "r")
    slow = own_task("slow", "import time; time.sleep(600)")

    with pytest.raises(Interrupted):
        run_campaign(job(engine, entry, slow), store, Impatient())

    assert [record.status for record in store.load_all()] == ["interrupted"]
    assert alive() == []
