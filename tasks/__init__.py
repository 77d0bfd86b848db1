"""The certificate-style tasks, one file each; a module here that holds a `TASK` is one.

Task modules import nothing heavy at their top, so the host can read titles without TensorFlow.
"""

import importlib
import importlib.util
import pkgutil
from pathlib import Path

from bench.contract.task import Task


def names() -> tuple[str, ...]:
    """The names of all tasks, in the order of their exam category."""
    found = [m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")]
    return tuple(sorted(found, key=lambda name: (named(name).category, name)))


def named(name: str) -> Task:
    """The task of that name. Raises ModuleNotFoundError for a name that is none."""
    task = importlib.import_module(f"{__name__}.{name}").TASK
    assert isinstance(task, Task)
    return task


def from_file(path: Path) -> Task:
    """The `TASK` of a user's own file. Raises ValueError where the file defines none."""
    spec = importlib.util.spec_from_file_location(f"own_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path.name} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    task = getattr(module, "TASK", None)
    if not isinstance(task, Task):
        raise ValueError(f"{path.name} defines no TASK = Task(...)")  # noqa: TRY004  not a caller's type
    return task
