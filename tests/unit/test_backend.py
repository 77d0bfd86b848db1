"""What every backend is held to, with stand-ins for the frameworks: neither is imported here."""

import os
from types import SimpleNamespace

import pytest

from bench.contract.task import Data
from bench.worker import backend_jax, backend_tensorflow
from bench.worker.backend import batches, chosen, lie_on, placed, require
from bench.worker.checks import Stop, code_of


class Pretended:
    """A backend that finds what it is told to find; tensors are the names of their devices."""

    def __init__(self, *devices: str) -> None:
        self._devices = devices

    def devices(self) -> tuple[str, ...]:
        return self._devices

    def devices_holding(self, tensor: str) -> tuple[str, ...]:
        return (tensor,)

    def batches(self, side, batch_size):
        return [side, batch_size]


def model(weights: str, answer: str):
    class Model:
        trainable_weights = (SimpleNamespace(value=weights),)

        def __call__(self, batch, *, training):
            assert not training
            return answer

    return Model()


DATA = Data(train=None, held_out=([1, 2, 3], [0, 0, 0]))


@pytest.mark.parametrize("accelerator", ["gpu", "tpu"])
def test_an_accelerator_that_is_not_there_stops_the_run_at_once(accelerator):
    with pytest.raises(Stop, match="it would train on the processor") as caught:
        require(Pretended("CPU"), accelerator)

    assert caught.value.code == f"{accelerator}-not-used"


@pytest.mark.parametrize(
    ("accelerator", "devices"),
    [(None, ("CPU",)), ("gpu", ("CPU", "GPU: H100")), ("tpu", ("CPU", "TPU: TPU v5 lite"))],
)
def test_what_was_asked_for_and_is_there_goes_on(accelerator, devices):
    require(Pretended(*devices), accelerator)


def test_a_gpu_is_no_tpu():
    with pytest.raises(Stop, match="a TPU was asked for"):
        require(Pretended("CPU", "GPU: T4"), "tpu")


@pytest.mark.parametrize(
    ("weights", "answer"), [("CPU:0", "CPU:0"), ("GPU:0", "CPU:0"), ("CPU:0", "GPU:0")]
)
def test_weights_and_answer_both_have_to_lie_on_the_accelerator(weights, answer):
    with pytest.raises(Stop, match=r"the work was done on .*CPU:0") as caught:
        placed(Pretended(), model(weights, answer), DATA, "gpu")

    assert caught.value.code == "gpu-not-used"


def test_where_the_work_lay_is_told():
    assert placed(Pretended(), model("GPU:0", "GPU:0"), DATA, "gpu").devices == ("GPU:0",)
    assert placed(Pretended(), model("CPU:0", "CPU:0"), DATA, None).devices == ("CPU:0",)
    assert not lie_on("gpu", ())


def test_both_backends_call_a_device_alike():
    of_tensorflow = SimpleNamespace(device="/job:localhost/replica:0/task:0/device:GPU:1")
    of_jax = SimpleNamespace(devices=lambda: [SimpleNamespace(platform="gpu", id=1)])

    assert backend_tensorflow.devices_holding(of_tensorflow) == ("GPU:1",)
    assert backend_jax.devices_holding(of_jax) == ("GPU:1",)


@pytest.mark.parametrize("name", ["tensorflow", "jax"])
def test_a_backend_is_chosen_for_keras_too(name, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "neither")

    assert chosen(name).__name__ == f"bench.worker.backend_{name}"
    assert os.environ["KERAS_BACKEND"] == name


def test_a_backend_that_is_none_stops_the_run():
    with pytest.raises(Stop, match="no backend is called torch"):
        chosen("torch")


def test_jax_sees_the_processor_alone_where_nothing_else_was_asked_for(monkeypatch):
    for name in ("JAX_PLATFORMS", "NPROC", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "TF_FORCE_GPU_ALLOW_GROWTH"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "1")
    environment = os.environ

    backend_jax.prepare(3, "gpu")
    with_gpu = environment.get("JAX_PLATFORMS")
    backend_jax.prepare(3, None)

    assert (with_gpu, environment["JAX_PLATFORMS"]) == (None, "cpu")
    assert backend_jax.threads() == (3, 3)


class Sequence:
    """Like a Keras PyDataset: asked for by number, and without an end."""

    workers = 2

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> int:
        return 10 * index


def test_a_sequence_of_keras_ends_after_one_pass_and_keeps_its_order():
    assert list(batches(Pretended(), Sequence(), 5)) == [0, 10, 20]


def test_anything_else_is_the_backend_s():
    assert list(batches(Pretended(), "side", 5)) == ["side", 5]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError("too much"), "out-of-memory"),
        (type("ResourceExhaustedError", (Exception,), {})("OOM"), "out-of-memory"),
        (RuntimeError("RESOURCE_EXHAUSTED: Out of memory"), "out-of-memory"),
        (RuntimeError("something else"), "exception"),
    ],
)
def test_memory_that_was_too_small_is_told_from_other_errors(error, code):
    assert code_of(error) == code
