"""What records of version 1 called a model, by which older records of other machines match."""

import hashlib
from typing import Any

import msgspec

from bench.contract.task import Task


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
