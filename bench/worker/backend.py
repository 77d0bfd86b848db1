"""What depends on the backend of Keras: threads, devices, placement, memory, the input alone.

One module a backend; this one picks it and says what each must be able to do. A task never asks
which one it runs on. Importing this imports no framework.
"""

import importlib
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from bench.contract.events import FailureCode, Placed
from bench.contract.facts import Accelerator
from bench.contract.task import Data
from bench.worker.checks import Stop

MODULES = {
    "tensorflow": "bench.worker.backend_tensorflow",
    "jax": "bench.worker.backend_jax",
}
WORDS: Mapping[Accelerator, str] = {"gpu": "a GPU", "tpu": "a TPU"}
NOT_USED: Mapping[Accelerator, FailureCode] = {"gpu": "gpu-not-used", "tpu": "tpu-not-used"}


class Backend(Protocol):
    """What a module of a backend has. Devices are called as TensorFlow does: `GPU:0`."""

    PACKAGES: tuple[str, ...]

    def prepare(self, threads: int, accelerator: Accelerator | None) -> None:
        """Set what the environment variables say. To be called before anything is imported."""

    def limit(self, threads: int, accelerator: Accelerator | None) -> None:
        """Set the thread pools, and hide what was not asked for. Before the first operation."""

    def threads(self) -> tuple[int, int]:
        """The threads that one operation may use, and how many operations run side by side."""

    def devices(self) -> tuple[str, ...]:
        """`CPU`, and `GPU: its name` for each accelerator that the backend may use."""

    def devices_holding(self, tensor: Any) -> tuple[str, ...]:
        """The short names (`CPU:0`) of the devices that hold a tensor."""

    def settle(self) -> None:
        """Wait until what was begun on the devices is done, so that a clock sees all of it."""

    def allocated_peak(self) -> int | None:
        """The most bytes that the allocator has held on an accelerator; None without one.

        NVML shows what the allocator has set aside, mostly all there is, not what it used.
        """

    def batches(self, side: Any, batch_size: int) -> Iterable[Any]:
        """One pass over arrays or a dataset as `fit` takes it: shuffled, in batches."""


def chosen(name: str) -> Backend:
    """The backend of that name, which Keras will take too. Raises Stop for one that is none."""
    if name not in MODULES:
        raise Stop("exception", f"no backend is called {name}; there are: {', '.join(MODULES)}")
    os.environ["KERAS_BACKEND"] = name
    module: Any = importlib.import_module(MODULES[name])
    found: Backend = module
    return found


def require(backend: Backend, accelerator: Accelerator | None) -> None:
    """Stop at once where an accelerator was asked for and the backend has none."""
    if accelerator is None or any(kind_of(d) == accelerator for d in backend.devices()):
        return
    advice = {
        "gpu": "`certbench doctor --env gpu` shows which part is missing",
        "tpu": "Google may have given a machine without one",
    }
    raise Stop(
        NOT_USED[accelerator],
        f"{WORDS[accelerator]} was asked for and the backend finds none: it would train on the "
        f"processor. {advice[accelerator]}",
    )


def placed(backend: Backend, model: Any, data: Data, accelerator: Accelerator | None) -> Placed:
    """Where variables and one forward pass lie. Stops where that is not the accelerator asked."""
    devices = devices_of(backend, model, _one_batch(data))
    if accelerator is not None and not lie_on(accelerator, devices):
        raise Stop(
            NOT_USED[accelerator],
            f"{WORDS[accelerator]} was asked for, the work was done on {', '.join(devices)}",
        )
    return Placed(devices=devices)


def lie_on(accelerator: Accelerator, devices: Iterable[str]) -> bool:
    """Whether every device in the list is such an accelerator, and there is one."""
    return {kind_of(device) for device in devices} == {accelerator}


def kind_of(device: str) -> str:
    """`gpu` of `GPU:0` or of `GPU: its name`."""
    return device.partition(":")[0].lower()


def batches(backend: Backend, side: Any, batch_size: int) -> Iterable[Any]:
    """One pass over the data as `fit` takes it, without the model."""
    return in_turn(side) if is_sequence(side) else backend.batches(side, batch_size)


def devices_of(backend: Backend, model: Any, batch: Any) -> tuple[str, ...]:
    """The short names (`CPU:0`) of the devices that hold the weights and the model's answer."""
    tensors = [weight.value for weight in model.trainable_weights]
    tensors.append(model(batch, training=False))
    return tuple(sorted({name for tensor in tensors for name in backend.devices_holding(tensor)}))


def _one_batch(data: Data) -> Any:
    if isinstance(data.held_out, tuple):
        return data.held_out[0][:2]
    if is_sequence(data.held_out):
        return data.held_out[0][0][:2]
    return next(iter(data.held_out))[0][:2]


def is_sequence(side: Any) -> bool:
    """Whether data are a Keras `PyDataset`: asked for by number, and without an end if iterated."""
    return hasattr(side, "__getitem__") and hasattr(side, "workers")


def in_turn(side: Any) -> Iterator[Any]:
    """One pass over a `PyDataset`, by as many threads as it says."""
    with ThreadPoolExecutor(side.workers) as threads:
        yield from threads.map(side.__getitem__, range(len(side)))
