"""The Colab engine with the real worker: everything but Google.

Trains with the interpreter that $CERTBENCH_TEST_PYTHON names, by default this one.
"""

import importlib.util
import os
import subprocess
import sys

import numpy
import pytest

from bench.campaign.environments import environment
from bench.campaign.script import user_script
from bench.contract.data import folder_digest
from bench.contract.order import Order, encode_order
from running import run_one
from standin import StandIn

PYTHON = os.environ.get("CERTBENCH_TEST_PYTHON", sys.executable)


def has_tensorflow() -> bool:
    look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('tensorflow') is None)"
    return subprocess.run([PYTHON, "-c", look], check=False).returncode == 0


pytestmark = [
    pytest.mark.native,
    pytest.mark.skipif(not has_tensorflow(), reason=f"TensorFlow is not installed in {PYTHON}"),
]


@pytest.fixture
def google(tmp_path, monkeypatch):
    monkeypatch.setenv("STANDIN_PYTHON", PYTHON)
    return StandIn(tmp_path / "google", monkeypatch)


def test_a_task_is_trained_on_a_rented_machine(google, tmp_path):
    """The same data and the same configuration as everywhere, and a session's price."""
    record = run_one(google.engine(), environment("colab-cpu"), "line", tmp_path / "r", epochs=2)

    assert (record.status, len(record.epochs)) == ("ok", 2)
    assert record.placements == ("CPU:0",)
    assert record.seen.runtime_release == "stand-in"
    assert record.session.data_seconds > 0
    assert google.alive() == []


def test_data_and_fingerprint_are_those_of_a_native_run(google, tmp_path):
    """What a native worker says of the same task, in the words of its own events."""
    import tasks
    from bench.contract.data import prepare
    from bench.contract.events import Built, Described, decode

    folder = tmp_path / "data" / "line"
    digest = prepare(tasks.named("line"), tmp_path, folder)
    order = encode_order(Order(name="line", epochs=2, data=str(folder.parent)))
    worker = [PYTHON, "-m", "bench.worker", order]
    said = subprocess.run(worker, capture_output=True, check=True).stdout.splitlines()
    events = [decode(line) for line in said]
    [built] = [event for event in events if isinstance(event, Built)]
    [described] = [event for event in events if isinstance(event, Described)]

    record = run_one(google.engine(), environment("colab-cpu"), "line", tmp_path / "r", epochs=2)

    assert record.task.fingerprint == built.fingerprint
    assert record.task.data_digest == described.data_digest == digest == folder_digest(folder)
    assert record.task.source == "task"


def test_an_own_task_is_sent_and_trained(google, own_task, tmp_path):
    record = run_one(google.engine(), environment("colab-cpu"), own_task("mine"), tmp_path / "r")

    assert (record.status, record.task.source) == ("ok", "user-task")


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed here")
def test_a_session_without_its_tpu_is_rejected(google, tmp_path):
    """Google gives a machine, JAX finds no TPU on it: it would train on the host's processor."""
    google.fails("no-tpu")

    record = run_one(google.engine(), environment("colab-tpu"), "line", tmp_path / "r", epochs=2)

    assert (record.status, record.reasons) == ("rejected", ("tpu-not-used",))
    assert google.alive() == []


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed here")
def test_a_tpu_that_did_the_work_is_named(google, tmp_path):
    """The stand-in's machine takes its processor for a TPU; everything else is the real worker."""
    record = run_one(google.engine(), environment("colab-tpu"), "line", tmp_path / "r", epochs=2)

    assert (record.status, record.placements) == ("ok", ("TPU:0",))
    assert record.seen.devices == ("CPU", "TPU: TPU v5 lite")
    assert record.task.variant == {"backend": "jax"}


def test_a_gpu_that_only_the_driver_shows_is_rejected(google, tmp_path):
    """The machine names a T4, TensorFlow finds none: the run counts nowhere."""
    record = run_one(google.engine(), environment("colab-t4"), "line", tmp_path / "r", epochs=2)

    assert (record.status, record.reasons) == ("rejected", ("gpu-not-used",))
    assert google.alive() == []


SCRIPT = """import keras, numpy as np, shapes
x = np.load("points/x.npy")
assert open(ELSEWHERE).read() == "there"
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(shapes.CLASSES, "softmax")])
model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["acc"])
model.fit(x, np.zeros(len(x)), epochs=4, validation_split=0.5)
"""


def test_a_script_with_data_is_sent_as_one_archive_and_trained(google, tmp_path):
    """Its modules, a folder at a relative place, a file at an absolute one; seconds are kept."""
    elsewhere = tmp_path / "machine" / "there.txt"
    (tmp_path / "shapes.py").write_text("CLASSES = 2\n")
    (tmp_path / "points").mkdir(mode=0o755)
    numpy.save(tmp_path / "points" / "x.npy", numpy.zeros((8, 2), "float32"))
    (tmp_path / "a.txt").write_text("there")
    (tmp_path / "train.py").write_text(SCRIPT.replace("ELSEWHERE", repr(str(elsewhere))))
    data = [str(tmp_path / "points"), f"{tmp_path / 'a.txt'}:{elsewhere}"]
    script = user_script(tmp_path / "train.py", data, steps=None)

    record = run_one(
        google.engine(),
        environment("colab-cpu"),
        script.file,
        tmp_path / "r",
        epochs=2,
        script=script,
    )

    assert (record.status, record.detail) == ("ok", None)
    assert (record.task.source, len(record.epochs), record.task.epochs_wanted) == ("script", 2, 4)
    assert record.opened.data == ("points", str(elsewhere))
    assert record.session.data_seconds > 0
    assert [name for _, _, _, name in google.calls("upload")] == [
        "content/certbench.zip",
        "content/own.zip",
    ]
