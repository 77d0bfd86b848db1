"""One line that says what was expected and what came, before a framework's traceback can."""

import math
from pathlib import Path
from typing import Any

from bench.contract.events import FailureCode
from bench.contract.task import ArraySpec, Data, Task


class Stop(Exception):  # noqa: N818  a run that is stopped in good order
    """The run cannot count; `code` says which way."""

    def __init__(self, code: FailureCode, message: str) -> None:
        """Keep the code beside the sentence."""
        super().__init__(message)
        self.code: FailureCode = code


def code_of(error: Exception) -> FailureCode:
    """Whether the memory of the machine or of the accelerator was too small, or anything else."""
    short = ("ResourceExhaustedError", "MemoryError")
    if type(error).__name__ in short or "RESOURCE_EXHAUSTED" in str(error):
        return "out-of-memory"
    return "exception"


def check_digest(task: Task, folder: Path, digest: str) -> None:
    """Stop unless the prepared data are the pinned ones."""
    if not folder.is_dir():
        raise Stop(
            "data-digest", f"no data in {folder}: run `certbench data`, or rebuild the image"
        )
    if task.data_sha256 not in (None, digest):
        raise Stop(
            "data-digest",
            f"the data in {folder} have SHA-256 {digest[:12]}, {task.data_sha256:.12} is pinned: "
            "prepare them again with `certbench data`, or rebuild the image",
        )


def check_data(task: Task, data: Data) -> None:
    """Stop unless both sides have the shape, dtype and range that the task states.

    Of a dataset its declared shape is taken, of a Keras `PyDataset` its first batch.
    """
    for side in ("train", "held_out"):
        value = getattr(data, side)
        if isinstance(value, tuple):
            _check_pair(task, side, *value[:2])
        elif hasattr(value, "element_spec"):
            _check_dataset(task, side, value)
        elif hasattr(value, "__getitem__"):  # of a generator nothing can be seen before it is used
            _check_pair(task, f"first batch of {side}", *value[0][:2])


def _check_pair(task: Task, side: str, x: Any, y: Any) -> None:
    import numpy

    if not 0 < len(x) == len(y):
        raise Stop("data-shape", f"{side}: expected as many x as y, came {len(x)} and {len(y)}")
    for name, spec, array in (("x", task.x, x), ("y", task.y, y)):
        values = numpy.asarray(array)
        _check_kind(f"{side} {name}", spec, tuple(values.shape[1:]), str(values.dtype))
        _check_range(f"{side} {name}", spec, float(values.min()), float(values.max()))


def _check_dataset(task: Task, side: str, dataset: Any) -> None:
    x, y, *_ = dataset.element_spec
    for name, spec, tensor in (("x", task.x, x), ("y", task.y, y)):
        _check_kind(f"{side} {name}", spec, tuple(tensor.shape[1:]), tensor.dtype.name)


def _check_kind(what: str, spec: ArraySpec, shape: tuple[int, ...], dtype: str) -> None:
    if (shape, dtype) != (spec.shape, spec.dtype):
        raise Stop(
            "data-shape",
            f"{what}: expected {spec.dtype} of shape {spec.shape} an example, "
            f"came {dtype} of shape {shape}",
        )


def _check_range(what: str, spec: ArraySpec, low: float, high: float) -> None:
    expected_low = -math.inf if spec.low is None else spec.low
    expected_high = math.inf if spec.high is None else spec.high
    if not expected_low <= low <= high <= expected_high:
        raise Stop(
            "data-shape",
            f"{what}: expected values from {expected_low:g} to {expected_high:g}, "
            f"came {low:g} to {high:g}",
        )


def check_model(task: Task, model: Any) -> None:
    """Stop unless the model takes the task's x and has an output for each label."""
    if not model.built:
        model.build((None, *task.x.shape))
    taken = tuple(model.input_shape[1:])
    if taken != task.x.shape:
        raise Stop(
            "model-shape", f"the model takes {taken} an example, the data are {task.x.shape}"
        )
    outputs, labels = model.output_shape[-1], int(task.y.high or 0) + 1
    needed = 1 if labels == 2 and outputs == 1 else labels
    if task.metric == "accuracy" and not task.y.shape and outputs < needed:
        raise Stop("model-shape", f"labels run to {labels - 1}, the model has {outputs} outputs")
