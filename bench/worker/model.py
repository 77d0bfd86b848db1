"""Where a model really lies (its device), and what records of version 1 called it."""

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from bench.contract.events import Placed
from bench.contract.task import Data, Task
from bench.worker.checks import Stop


def fingerprint_v1(name: str, task: Task, data_digest: str, model: Any) -> str:
    """The fingerprint of records of version 1, by which older records of other machines match.

    It knows the kinds of layers and the shapes of weights, not their settings nor the loaded data.
    """
    described = {
        "name": name,
        "epochs": task.epochs,
        "batch_size": task.batch_size,
        "metric": task.metric,
        "thresholds": task.thresholds,
        "data": data_digest,
        "layers": [type(layer).__name__ for layer in model.layers],
        "weights": [list(weight.shape) for weight in model.weights],
        "optimizer": type(model.optimizer).__name__,
        "learning_rate": _rate(model.optimizer),
        "loss": _loss(model.loss),
    }
    return hashlib.sha256(msgspec.json.encode(described, order="sorted")).hexdigest()


def _rate(optimizer: Any) -> Any:
    rate = optimizer.get_config().get("learning_rate")
    settings = rate.get("config", {}) if isinstance(rate, dict) else {"constant": rate}
    return {k: float(f"{v:.6g}") for k, v in settings.items() if isinstance(v, int | float)}


def _loss(loss: Any) -> str:
    return loss if isinstance(loss, str) else type(loss).__name__


def hide_gpu() -> None:
    """Leave TensorFlow the processor alone: a run that asked for no GPU is not to get one."""
    import tensorflow

    tensorflow.config.set_visible_devices([], "GPU")


def require_gpu(*, wanted: bool) -> None:
    """Stop at once where a GPU was asked for and TensorFlow sees none."""
    import tensorflow

    if wanted and not tensorflow.config.list_physical_devices("GPU"):
        raise Stop(
            "gpu-not-used",
            "a GPU was asked for and TensorFlow finds none: it would train on the processor. "
            "`certbench doctor --env gpu` shows which part is missing",
        )


def placed(model: Any, data: Data, *, gpu_wanted: bool) -> Placed:
    """Where variables and one forward pass lie. Stops where that is not the GPU asked for."""
    devices = devices_of(model, _one_batch(data))
    if gpu_wanted and not on_gpu(devices):
        raise Stop(
            "gpu-not-used", f"a GPU was asked for, the work was done on {', '.join(devices)}"
        )
    return Placed(devices=devices)


def on_gpu(devices: Iterable[str]) -> bool:
    """Whether every device in the list is a GPU, and there is one."""
    kinds = {device.partition(":")[0] for device in devices}
    return kinds == {"GPU"}


def devices_of(model: Any, batch: Any) -> tuple[str, ...]:
    """The short names (`CPU:0`) of the devices that hold the weights and the model's answer."""
    tensors = [weight.value for weight in model.trainable_weights]
    tensors.append(model(batch, training=False))
    return tuple(sorted({_short(tensor.device) for tensor in tensors}))


def _short(device: str) -> str:
    return device.rpartition("/device:")[2]


def _one_batch(data: Data) -> Any:
    if isinstance(data.held_out, tuple):
        return data.held_out[0][:2]
    return next(iter(data.held_out))[0][:2]
