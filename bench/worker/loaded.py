"""The backend that a script has loaded; asking loads none."""

import sys
from typing import Any

from bench.worker.backend import Backend, chosen


def loaded_backend() -> Backend | None:
    """The backend in use, None before there is one. Raises Stop for one that is not measured."""
    keras = sys.modules.get("keras")
    if keras is not None and hasattr(keras, "config"):
        return chosen(keras.config.backend())
    return chosen("tensorflow") if "tensorflow" in sys.modules else None


def allocated_peak() -> int | None:
    """The most that an accelerator's allocator has held; None without one."""
    found = loaded_backend()
    return None if found is None else found.allocated_peak()


def devices_of(model: Any, backend: Backend | None) -> tuple[str, ...]:
    """Where the weights of a model lie, as short names (`CPU:0`)."""
    if backend is None:
        return ()
    pairs = [(weight, getattr(weight, "value", weight)) for weight in model.weights]
    tensors = [weight if callable(value) else value for weight, value in pairs]  # as legacy has it
    found = {name for tensor in tensors for name in backend.devices_holding(tensor)}
    return tuple(sorted(filter(None, found)))


def devices_used(backend: Backend | None) -> tuple[str, ...]:
    """Where no model is known: the accelerator, if its allocator has held anything."""
    if backend is None or not backend.allocated_peak():
        return ()
    kinds = [name.partition(":")[0] for name in backend.devices() if name != "CPU"]
    return tuple(f"{kind}:0" for kind in dict.fromkeys(kinds))
