"""Records of earlier schemas in today's shape. Files are never rewritten: this is done on reading.

Version 1 knew less of what an epoch did, so its fingerprint stands in both places: it pools with
its own kind alone, and may match across machines by the older fingerprint.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from bench.evidence.identity import UNKNOWN, identified
from bench.evidence.record import Machine

Raw = dict[str, Any]
Migration = Callable[[Raw], Raw]
BACKEND_OF_V1 = "tensorflow"
CONTAINERS, SESSIONS = ("docker",), ("colab",)  # how version 1 named its engines


def v1_to_v2(raw: Raw) -> Raw:
    """A record of version 1 as one of version 2. Raises KeyError or TypeError where it is none."""
    task, environment = raw["task"], raw["environment"]
    rented = environment["engine"] in SESSIONS or raw.get("session") is not None
    machine, controller = _machines(raw, rented=environment["engine"] in SESSIONS)
    return {
        **raw,
        "schema": 2,
        "machine": machine,
        "controller": controller,
        "entry": None,
        "task": _task(task),
        "environment": _environment(environment, rented=rented),
        "opened": {},
        "seen": None if raw["seen"] is None else _seen(raw),
        "stages": _stages(task),
        "epochs": [{"stage": 0, "processor_seconds": None, **epoch} for epoch in raw["epochs"]],
    }


MIGRATIONS: dict[int, Migration] = {1: v1_to_v2}


def _machines(raw: Raw, *, rented: bool) -> tuple[Raw, Raw | None]:
    """The machine that trained, and the one that commanded where that is another."""
    commanded = _identified(raw["machine"])
    if not rented:
        return commanded, None
    seen = raw["seen"] or {}
    trained = {
        **raw["machine"],
        "processor": seen.get("processor") or UNKNOWN,
        "processors": seen.get("processors_online", 0),
        "memory_gib": round((seen.get("memory_total_bytes") or 0) / 2**30),
        "system": "Linux" if seen else UNKNOWN,
        "architecture": "x86_64" if seen else UNKNOWN,
        "gpus": _gpus(seen),
        "listed_watts": None,
        "power_source": None,
    }
    return _identified(trained), commanded


def _gpus(seen: Raw) -> list[str]:
    """GPUs by the names that TensorFlow gave them, which are the driver's."""
    return [d.removeprefix("GPU: ") for d in seen.get("devices", []) if d.startswith("GPU: ")]


def _identified(machine: Raw) -> Raw:
    """With today's id; the one that it had is kept beside it."""
    typed = msgspec.convert({**machine, "id_v1": machine["id"]}, Machine)
    return {**msgspec.to_builtins(identified(typed)), "id_v1": machine["id"]}


def _task(task: Raw) -> Raw:
    kept = {name: value for name, value in task.items() if name != "own"}
    return {
        **kept,
        "source": "user-task" if task["own"] else "task",
        "variant": {"backend": BACKEND_OF_V1},
        "epochs_wanted": task.get("epochs"),
        "fingerprint_v1": task.get("fingerprint"),
    }


def _environment(environment: Raw, *, rented: bool) -> Raw:
    kept = {n: v for n, v in environment.items() if n not in ("gpu", "gpu_request")}
    return {
        **kept,
        "isolated": environment["engine"] in CONTAINERS,
        "rented": rented,
        "accelerator": "gpu" if environment["gpu"] else None,
        "accelerator_request": environment["gpu_request"],
    }


def _seen(raw: Raw) -> Raw:
    machine, seen = raw["machine"], raw["seen"]
    return {
        **seen,
        "system": machine["system"],
        "architecture": machine["architecture"],
        "gpus": _gpus(seen),
    }


def _stages(task: Raw) -> list[Raw]:
    """Its one fit; none where the worker never said what it was."""
    if task.get("epochs") is None:
        return []
    return [
        {
            "index": 0,
            "epochs_wanted": task["epochs"],
            "at_most": False,
            "steps": None,
            "steps_wanted": None,
            "batch_size": task.get("batch_size"),
            "steps_per_execution": None,
            "fingerprint": task.get("fingerprint"),
        }
    ]
