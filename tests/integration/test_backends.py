"""The same task on TensorFlow and on JAX, in this interpreter: what records say of either."""

import importlib.util

import pytest

from bench.campaign.engines.native.engine import NativeEngine
from bench.campaign.environments import environment, on_backend
from running import run_one

pytestmark = [
    pytest.mark.native,
    *(
        pytest.mark.skipif(
            importlib.util.find_spec(name) is None, reason=f"{name} is not installed here"
        )
        for name in ("tensorflow", "jax")
    ),
]


@pytest.fixture
def trained(own_task, tmp_path):
    """A small task trained on a backend."""

    def train(backend: str):
        entry = on_backend(environment("native"), backend)
        return run_one(NativeEngine(), entry, own_task("mine"), tmp_path / backend, epochs=2)

    return train


def test_both_train_on_the_processor_and_say_which_they_are(trained):
    records = [trained(backend) for backend in ("tensorflow", "jax")]

    assert [r.status for r in records] == ["ok", "ok"]
    assert [r.placements for r in records] == [("CPU:0",)] * 2
    assert [r.task.variant["backend"] for r in records] == ["tensorflow", "jax"]
    assert ["jax" in r.seen.versions for r in records] == [False, True]
    assert len({r.task.fingerprint for r in records}) == 2
    assert len({r.task.parameters for r in records}) == 1
