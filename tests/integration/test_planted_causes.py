"""Each cause is planted in a real training and found in its record; a healthy one has none.

Sleeps stand for slow storage and TensorFlow's logical devices for a GPU, so that little depends on
how fast this machine is: only the tiny and the wide model are arithmetic, with a wide margin.
"""

import importlib.util
from pathlib import Path

import msgspec
import pytest

from bench.campaign.engines.native.engine import NativeEngine
from bench.campaign.environments import environment
from bench.evidence.record import Record
from bench.verdict.causes.finding import Finding
from bench.verdict.explain import explain
from running import run_one

pytestmark = [
    pytest.mark.native,
    pytest.mark.skipif(
        importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed here"
    ),
]

TASK = """
import time
from bench.contract.task import ArraySpec, Data, Task
{top}
ROWS, WIDTH, HELD_OUT, UNITS, BATCH, EPOCHS = 2048, 64, 256, 1024, 256, 3
{sizes}

def arrays(rows):
    import numpy as np
    x = np.random.default_rng(0).standard_normal((rows, WIDTH), dtype="float32")
    return x, x[:, :1]

def data():
    return Data(train=arrays(ROWS), held_out=arrays(HELD_OUT))

def model():
    import keras
    layers = [keras.layers.Dense(UNITS, activation="relu") for _ in range(4)]
    made = keras.Sequential([keras.Input((WIDTH,)), *layers, keras.layers.Dense(1)])
    made.compile("sgd", loss="mse", metrics=["mse"])
    return made

def load(folder):
    return data()

def build():
    return model()
{body}
TASK = Task(title="planted", category=2, epochs=EPOCHS, batch_size=BATCH, metric="mse",
    thresholds=(1e9, 1e8, 1e7, 1e6, 1e5), load=load, build=build,
    x=ArraySpec(shape=(WIDTH,), dtype="float32"), y=ArraySpec(shape=(1,), dtype="float32"))
"""


def undisturbed(record: Record) -> Record:
    """The record without what others did on this machine meanwhile."""
    silent = {"busy_seconds": None, "usable_busy_seconds": None, "steal_seconds": None}
    readings = tuple(msgspec.structs.replace(reading, **silent) for reading in record.readings)
    return msgspec.structs.replace(record, readings=readings)


def planted(
    folder: Path, body: str = "", *, sizes: str = "", epochs: int | None = None, alone: bool = False
) -> dict[str, Finding]:
    """What is found of one run of the task with that body."""
    task = folder / "planted.py"
    task.write_text(TASK.format(top="", sizes=sizes, body=body))
    record = run_one(NativeEngine(), environment("native"), task, folder, epochs=epochs)
    assert record.status == "ok", record.detail
    [stage] = record.stages
    assert stage.examples is None or stage.examples == (stage.steps or 0) * stage.batch_size
    [one] = explain([undisturbed(record) if alone else record], record.machine.id)
    return {finding.finding: finding for finding in one.findings}


GENERATOR = """
def load(folder):
    import tensorflow as tf
    x, y = arrays(ROWS)
    def batches():
        for begin in range(0, ROWS, BATCH):
            time.sleep(0.2)
            yield x[begin:begin + BATCH], y[begin:begin + BATCH]
    spec = (tf.TensorSpec((None, WIDTH), "float32"), tf.TensorSpec((None, 1), "float32"))
    train = tf.data.Dataset.from_generator(batches, output_signature=spec)
    return Data(train=train.apply(tf.data.experimental.assert_cardinality(ROWS // BATCH)),
                held_out=arrays(HELD_OUT))
"""

SLEEPING_MAP = """
def load(folder):
    import tensorflow as tf
    def slow(x, y):
        return tf.numpy_function(wait, [x], "float32"), y
    def wait(x):
        time.sleep(0.2)
        return x
    def shaped(x, y):
        return tf.ensure_shape(x, (None, WIDTH)), y
    train = tf.data.Dataset.from_tensor_slices(arrays(ROWS)).batch(BATCH).map(slow).map(shaped)
    return Data(train=train, held_out=arrays(HELD_OUT))
"""


@pytest.mark.parametrize("body", [GENERATOR, SLEEPING_MAP])
def test_an_input_that_sleeps_is_found_with_its_seconds(tmp_path, body):
    """Eight batches of 0.2 s: at least 1.6 s an epoch."""
    found = planted(tmp_path, body)

    assert found["starved-by-input"].seconds_an_epoch >= 1.6
    assert found["starved-by-input"].says == "It waits for its input"
    assert "--task ./planted.py" in found["starved-by-input"].command


def test_a_tiny_model_is_too_small_for_a_gpu(tmp_path):
    """A thousand steps, so that what an epoch costs around them does not count as a step."""
    found = planted(tmp_path, sizes="ROWS, HELD_OUT, UNITS, BATCH = 4000, 4, 1, 4")

    assert "too-small-for-gpu" in found
    assert "batch_size=4,16,64" in found["too-small-for-gpu"].command


ONE_THREAD = """
def build():
    import keras
    class Serial(keras.layers.Layer):
        def call(self, x):
            import tensorflow as tf
            def wait(v):
                time.sleep(0.2)
                return v
            return tf.ensure_shape(tf.numpy_function(wait, [x], "float32"), x.shape)
    made = keras.Sequential([keras.Input((WIDTH,)), Serial(), keras.layers.Dense(1)])
    made.compile("sgd", loss="mse", metrics=["mse"])
    return made
"""


def test_one_thread_that_everything_waits_for_leaves_processors_idle(tmp_path):
    """A layer in Python that sleeps for 0.2 s a step, while no other thread has work."""
    found = planted(tmp_path, ONE_THREAD, alone=True)

    assert found["processors-idle"].seconds_an_epoch > 0.8


def test_many_short_epochs_spend_their_time_on_what_comes_once(tmp_path):
    """Three epochs of eight small steps, after TensorFlow was imported and a graph was traced."""
    found = planted(tmp_path, sizes="UNITS = 1")

    assert found.keys() & {"start-dominates", "first-epoch-dominates"}


VALIDATES = """
def load(folder):
    import tensorflow as tf
    def wait(x):
        time.sleep(0.4)
        return x
    def slow(x, y):
        return tf.ensure_shape(tf.numpy_function(wait, [x], "float32"), (None, WIDTH)), y
    held_out = tf.data.Dataset.from_tensor_slices(arrays(ROWS)).batch(BATCH).map(slow)
    return Data(train=arrays(HELD_OUT), held_out=held_out)
"""


def test_more_validation_than_training_is_found(tmp_path):
    """Eight batches are validated and wait 0.4 s each; one step trains, as long as it may."""
    found = planted(tmp_path, VALIDATES)

    assert "alidat" in found["validation-heavy"].says
    assert found["validation-heavy"].seconds_an_epoch >= 3.2


SLOWER = """
def load(folder):
    import tensorflow as tf
    seen = []
    def batches():
        seen.append(0)
        for begin in range(0, ROWS, BATCH):
            time.sleep(0.04 * len(seen))
            yield x[begin:begin + BATCH], y[begin:begin + BATCH]
    x, y = arrays(ROWS)
    spec = (tf.TensorSpec((None, WIDTH), "float32"), tf.TensorSpec((None, 1), "float32"))
    return Data(train=tf.data.Dataset.from_generator(batches, output_signature=spec),
                held_out=arrays(HELD_OUT))
"""

HOG = """
def load(folder):
    import numpy as np
    import tensorflow as tf
    kept = []
    def batches():
        kept.append(np.ones(64 * 2**20, "float32"))
        for begin in range(0, ROWS, BATCH):
            time.sleep(0.04 * len(kept))
            yield x[begin:begin + BATCH], y[begin:begin + BATCH]
    x, y = arrays(ROWS)
    spec = (tf.TensorSpec((None, WIDTH), "float32"), tf.TensorSpec((None, 1), "float32"))
    return Data(train=tf.data.Dataset.from_generator(batches, output_signature=spec),
                held_out=arrays(HELD_OUT))
"""


def test_epochs_that_become_slower_are_found(tmp_path):
    found = planted(tmp_path, SLOWER, sizes="EPOCHS = 9")

    assert found["slower-from-epoch-to-epoch"].seconds_an_epoch > 0.4


def test_a_hog_of_memory_is_named_where_epochs_become_slower(tmp_path):
    """A quarter of a gigabyte more each epoch, and each waits longer for it."""
    found = planted(tmp_path, HOG, sizes="EPOCHS = 9")

    assert "memory grew to" in found["slower-from-epoch-to-epoch"].evidence


SHORT_OF_MEMORY = """
def load(folder):
    import mmap, os
    (folder / "x.bin").write_bytes(bytes(8 * 2**20))
    import tensorflow as tf
    x, y = arrays(ROWS)
    def batches():
        for begin in range(0, ROWS, BATCH):
            with (folder / "x.bin").open("r+b") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                with mmap.mmap(file.fileno(), 0) as mapped:
                    mapped.madvise(mmap.MADV_RANDOM)
                    sum(mapped[at] for at in range(0, len(mapped), 4096))
            yield x[begin:begin + BATCH], y[begin:begin + BATCH]
    spec = (tf.TensorSpec((None, WIDTH), "float32"), tf.TensorSpec((None, 1), "float32"))
    return Data(train=tf.data.Dataset.from_generator(batches, output_signature=spec),
                held_out=arrays(HELD_OUT))
"""


def test_pages_that_the_cache_has_lost_are_memory_that_is_short(tmp_path):
    """Each batch reads 2,048 pages through a map whose pages the kernel was told to drop."""
    found = planted(tmp_path, SHORT_OF_MEMORY)

    assert found["memory-short"].seconds_an_epoch > 0


PRETENDS = """
def pretend():
    import tensorflow as tf
    [cpu] = tf.config.list_physical_devices("CPU")
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, two)
    gpu = [tf.config.PhysicalDevice("/physical_device:GPU:0", "GPU")]
    listed, visible = tf.config.list_physical_devices, tf.config.get_visible_devices
    tf.config.list_physical_devices = lambda kind=None: gpu if kind == "GPU" else listed(kind)
    tf.config.get_visible_devices = lambda kind=None: gpu if kind == "GPU" else visible(kind)
    tf.config.experimental.get_device_details = lambda device: {"device_name": "pretended"}
pretend()
"""

PLACED = """
def build():
    import tensorflow as tf
    with tf.device("CPU:1"):
        return model()
"""


def test_a_model_on_the_processor_under_a_request_for_a_gpu_is_found(tmp_path, monkeypatch):
    """TensorFlow says that there is a GPU, and the model lies on a second logical processor."""
    monkeypatch.setattr("bench.campaign.engines.native.engine.require_gpu", lambda: None)
    task = tmp_path / "planted.py"
    task.write_text(TASK.format(top=PRETENDS, sizes="", body=PLACED))

    record = run_one(NativeEngine(), environment("native-gpu"), task, tmp_path)
    [one] = explain([record], record.machine.id)

    [finding] = one.findings
    assert finding.finding == "gpu-not-used"
    assert "CPU:1" in finding.evidence
    assert finding.command == "certbench doctor --env native-gpu"


def test_a_long_job_of_much_arithmetic_has_nothing_that_stands_out(tmp_path):
    """Wide layers on all processors; the start is little beside the epochs that it wanted."""
    sizes = "ROWS, HELD_OUT, UNITS, BATCH, EPOCHS = 8192, 256, 1536, 512, 1000"

    assert planted(tmp_path, sizes=sizes, epochs=4) == {}
