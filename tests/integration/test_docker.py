"""The Docker engine for real: limits, the closed container, and each way to end badly."""

import os
import subprocess
import sys

import pytest

from bench.campaign.environments import COLAB_MEMORY_BYTES, environment
from bench.campaign.sources import ROOT
from bench.contract.events import Epoch
from bench.evidence.counters import foreign_share
from bench.evidence.derive import TOTAL_PHASES
from bench.evidence.trust import judge_repeats
from builders import Silent
from running import readings_growth, run_one
from tools import small

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("no_leftovers")]

GIB = 2**30


def test_a_task_is_trained_in_a_container(engine, tmp_path):
    """Every epoch is kept, every phase has its seconds, and the image is named by its digest."""
    record = run_one(engine, environment("cpu"), "line", tmp_path, epochs=3)

    assert (record.status, len(record.epochs)) == ("ok", 3)
    assert all(getattr(record.phases, name) > 0 for name in (*TOTAL_PHASES, "check"))
    assert all(epoch.processor_seconds > 0 for epoch in record.epochs)
    assert [(s.epochs_wanted, s.steps, s.batch_size) for s in record.stages] == [(200, 1, 6)]
    assert record.environment.image_digest.startswith("sha256:")
    assert record.placements == ("CPU:0",)
    assert record.seen.versions["tensorflow"] == "2.20.0"


def test_a_colab_like_container_has_colabs_limits_as_seen_from_inside(engine, tmp_path):
    """Two processors by cpuset, 12.7 GiB, thread pools to match, marked emulated."""
    record = run_one(engine, environment("colab-like"), "line", tmp_path, epochs=2)

    assert record.seen.processors == record.seen.threads_intra == 2
    assert COLAB_MEMORY_BYTES - 4096 <= record.seen.memory_limit_bytes <= COLAB_MEMORY_BYTES
    assert record.environment.emulated


def test_a_cpuset_of_one_processor_gives_pools_of_one_thread(engine, tmp_path):
    record = run_one(engine, small(processors=1), "line", tmp_path, epochs=2)

    seen = record.seen
    assert (seen.processors, seen.threads_intra, seen.threads_inter) == (1, 1, 1)


def test_the_container_is_closed(engine, tmp_path):
    """As read from inside: no network, no root, no capability, no writable root."""
    closed = run_one(engine, environment("cpu"), "line", tmp_path, epochs=2).seen.closed

    assert closed.network_interfaces == ()
    assert closed.user_id != 0
    assert closed.capabilities == 0
    assert not closed.root_writable
    assert not closed.new_privileges


def test_too_much_memory_is_an_oom_record(engine, own_task, tmp_path):
    hungry = own_task("hungry", "kept = bytearray(1 << 30)")

    record = run_one(engine, small(memory_bytes=GIB // 4), hungry, tmp_path / "r")

    assert (record.status, record.reasons) == ("oom", ("oom",))
    assert "0.2 GiB" in record.detail


def test_a_run_that_takes_too_long_is_stopped(engine, own_task, tmp_path):
    slow = own_task("slow", "import time; time.sleep(600)")

    record = run_one(engine, environment("cpu"), slow, tmp_path / "r", seconds=4)

    assert record.status == "timeout"
    assert [reading.edge for reading in record.readings] == ["start"]


def test_an_own_task_runs_like_ours_and_is_marked_own(engine, own_task, tmp_path):
    record = run_one(engine, environment("cpu"), own_task("mine"), tmp_path / "r")

    assert (record.status, record.task.name, record.task.source) == ("ok", "mine", "user-task")
    assert len(record.task.fingerprint) == 64


def test_an_exception_in_a_task_is_kept_with_its_last_words(engine, own_task, tmp_path):
    broken = own_task("broken", "raise ValueError('out of cheese')")

    record = run_one(engine, environment("cpu"), broken, tmp_path / "r")

    assert (record.status, record.reasons) == ("failed", ("exception",))
    assert record.detail == "ValueError: out of cheese"
    assert any("out of cheese" in line for line in record.ending.stderr_tail)


def test_chatter_on_stdout_does_not_break_the_wire(engine, own_task, tmp_path):
    """Even a subprocess that writes to descriptor 1 ends up in stderr."""
    noisy = own_task("noisy", "import os; print('hello'); os.system('echo world')")

    record = run_one(engine, environment("cpu"), noisy, tmp_path / "r")

    assert record.status == "ok"
    assert {"hello", "world"} <= set(record.ending.stderr_tail)


def test_a_quota_that_throttles_is_rejected(engine, tmp_path):
    """`--cpus 0.5` is invisible to TensorFlow; the control group's own count gives it away."""
    record = run_one(engine, small(processor_quota=0.5), "sunspots", tmp_path, epochs=1)

    assert (record.status, record.reasons) == ("rejected", ("throttled",))
    assert record.seen.processor_quota == 0.5
    assert record.seen.threads_intra == 1


class Meddler(Silent):
    """Changes the container's limits once its first epoch has ended."""

    def __init__(self, engine, **limits: object) -> None:
        super().__init__()
        self._engine, self._limits = engine, limits

    def begins(self, run) -> None:
        self._name = f"certbench-{run.id}"

    def on_event(self, event: object) -> None:
        if isinstance(event, Epoch) and event.epoch.index == 0:
            self._engine.client.containers.get(self._name).update(**self._limits)


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs two processors")
@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"cpuset_cpus": "0"}, "usable processors"),
        ({"cpu_period": 100_000, "cpu_quota": 190_000}, "processor quota"),
    ],
)
def test_a_limit_that_changes_under_the_run_rejects_it(engine, tmp_path, limits, words):
    meddler = Meddler(engine, **limits)

    record = run_one(engine, environment("cpu"), "sunspots", tmp_path, epochs=2, listener=meddler)

    assert record.status == "rejected"
    assert "limits-changed" in record.reasons
    assert words in record.detail


@pytest.fixture
def busy_neighbour():
    """One busy loop."""
    loop = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    yield
    loop.kill()
    loop.wait()


SPAWNS = """
import subprocess
work = "import time\\nwhile time.process_time() < 10: pass\\nprint(flush=True)\\ntime.sleep(600)"
child = subprocess.Popen(["python", "-c", work], stdout=subprocess.PIPE)
child.stdout.read(1)
"""


def test_a_childs_work_is_the_runs_own(engine, own_task, tmp_path):
    """A child that lives to the end is in no process's sum, but in its container's."""
    record = run_one(engine, environment("cpu"), own_task("spawns", SPAWNS), tmp_path / "r")

    assert record.status == "ok"
    assert readings_growth(record, "own_cpu_seconds") > 10


def test_a_busy_loop_beside_a_run_makes_it_suspect(engine, tmp_path, busy_neighbour):
    record = run_one(engine, environment("cpu"), "sunspots", tmp_path, epochs=2)

    assert record.status == "ok"
    assert "foreign-load" in [code for code, _ in judge_repeats([record])[record.id]]


def test_a_quiet_run_never_carries_foreign_load(engine, tmp_path):
    """Where something else does disturb a run, another one is made, three at most."""
    for attempt in range(3):
        record = run_one(engine, environment("cpu"), "sunspots", tmp_path / str(attempt), epochs=2)
        assert record.status == "ok"
        if "foreign-load" not in [code for code, _ in judge_repeats([record]).get(record.id, ())]:
            return
    pytest.fail(f"{foreign_share(record):.0%} of the machine was taken by others three times")


def test_the_task_of_the_guide_runs_as_it_stands_there(engine, tmp_path):
    """docs/your-own-task.md shows a task in 40 lines: the very lines are run."""
    page = (ROOT / "docs/your-own-task.md").read_text()
    code = page.split("```python\n")[1].split("```")[0]
    assert len(code.splitlines()) <= 45
    (tmp_path / "moons.py").write_text(code)

    record = run_one(engine, environment("cpu"), tmp_path / "moons.py", tmp_path / "r")

    assert (record.status, record.task.source, record.result.score) == ("ok", "user-task", 5)
