"""The native engine trains for real, with the TensorFlow of this interpreter."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from bench.campaign import data
from bench.campaign.engines.native.engine import NativeEngine
from bench.campaign.environments import environment
from bench.contract.order import Order, encode_order
from bench.errors import GpuError
from running import run_one
from tools import certbench, rows

pytestmark = [
    pytest.mark.native,
    pytest.mark.skipif(
        importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed here"
    ),
]


@pytest.fixture(autouse=True, scope="module")
def prepared(tmp_path_factory):
    """The data of the two small tasks in a folder of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CERTBENCH_DATA", str(tmp_path_factory.mktemp("data")))
        data.prepare_missing(("line", "sunspots"), print)
        yield


def test_line_is_trained_whole_and_learns_its_line(tmp_path):
    record = run_one(NativeEngine(), environment("native"), "line", tmp_path)

    assert (record.status, record.result.score) == ("ok", 5)
    assert len(record.epochs) == record.task.epochs
    assert record.environment.image_digest is None


def test_one_epoch_of_sunspots_is_trained(tmp_path):
    record = run_one(NativeEngine(), environment("native"), "sunspots", tmp_path, epochs=1)

    assert (record.status, len(record.epochs)) == ("ok", 1)
    assert record.result.score < 5
    assert record.pipeline.seconds > 0


def test_the_same_seed_gives_the_same_fingerprint_and_the_same_metric(tmp_path):
    first, second = (
        run_one(NativeEngine(), environment("native"), "line", tmp_path / name, epochs=5)
        for name in ("a", "b")
    )

    assert first.task == second.task
    assert first.result == second.result


def test_without_an_engine_make_bench_cpu_trains_natively_and_says_so(tmp_path):
    """What `make bench-cpu` calls, where nothing answers at the engine's socket."""
    arguments = ("run", "--task", "line", "--epochs", 2, "--repeats", 1, "--results", tmp_path)

    done = certbench(
        *arguments, "--env", "cpu", "--fallback", "native", DOCKER_HOST=f"unix://{tmp_path}/none"
    )

    assert done.returncode == 0, done.stderr
    assert "no Docker engine answers" in done.stderr
    [row] = rows(tmp_path)
    assert (row["engine"], row["environment"], row["status"]) == ("native", "native", "ok")
    assert done.stderr.count("native runs isolate nothing") == 1


def test_without_an_engine_env_cpu_never_falls_back(tmp_path):
    done = certbench(
        "run", "--env", "cpu", "--results", tmp_path, DOCKER_HOST=f"unix://{tmp_path}/none"
    )

    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1
    assert "--env native" in done.stderr
    assert list(tmp_path.glob("runs/*")) == []


def test_other_data_than_the_pinned_are_one_line_and_a_rejected_record(tmp_path):
    folder = data.data_home() / "line"
    original = (folder / "line.csv").read_bytes()
    (folder / "line.csv").write_bytes(original + b"held_out,1,1\n")
    try:
        record = run_one(NativeEngine(), environment("native"), "line", tmp_path)
    finally:
        (folder / "line.csv").write_bytes(original)

    assert (record.status, record.reasons) == ("rejected", ("data-digest",))
    assert "certbench data" in record.detail


def test_a_worker_ends_when_nobody_listens_any_more(tmp_path):
    """After `kill -9` of the command the next word of a native worker finds no reader."""
    order = encode_order(Order(name="line", data=str(data.data_home())))
    worker = [sys.executable, "-m", "bench.worker", order]
    process = subprocess.Popen(worker, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdout.readline()
    process.stdout.close()

    assert process.wait(timeout=60) != 0


PLACEMENT = """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras, numpy
from functools import partial
from bench.worker import backend_tensorflow
from bench.worker.backend import devices_of as of
devices_of = partial(of, backend_tensorflow)
batch = numpy.zeros((2, 1), "float32")
def dense():
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
with tf.device("CPU:1"):
    there = dense()
    assert devices_of(there, batch) == ("CPU:1",), devices_of(there, batch)
here = dense()
assert devices_of(here, batch) == ("CPU:0",)
with tf.device("CPU:1"):
    assert devices_of(here, batch) == ("CPU:0", "CPU:1"), devices_of(here, batch)
print("placed")
"""


def test_where_variables_and_answers_lie_is_seen():
    """TensorFlow's logical devices stand for a GPU: each placement is told from the others."""
    done = subprocess.run(
        [sys.executable, "-c", PLACEMENT],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert done.stdout.strip() == "placed", done.stderr


def test_a_native_gpu_run_without_a_gpu_ends_at_once_with_the_next_step(tmp_path):
    done = certbench("run", "--env", "native-gpu", "--task", "line", "--results", tmp_path)

    assert done.returncode == GpuError.exit_code
    assert "`--env native` trains on the processor" in done.stderr
    assert not list((tmp_path / "runs").glob("*.json"))
