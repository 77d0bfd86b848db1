"""What a task's `load` and `fit_settings` gave, made into what the worker gives to Keras' fit.

Whatever fit takes a task may give: arrays, tensors, data frames, lists, datasets, generators.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import GeneratorType
from typing import Any

from bench.contract.task import Data, Task
from bench.worker import identity
from bench.worker.checks import Stop

SETTINGS = (
    "callbacks",
    "class_weight",
    "shuffle",
    "steps_per_epoch",
    "validation_split",
    "validation_steps",
)
HELD_OUT_LACKS = "held_out is None: give data, or a validation_split in fit_settings"


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What is trained with; `settings` are those of fit beside the data, the split done."""

    data: Data
    settings: Mapping[str, Any]
    steps: int | None

    @property
    def stops_early(self) -> bool:
        """Whether a callback may end the training before its last epoch."""
        held = self.settings.get("callbacks") or ()
        return any("EarlyStopping" in c.__name__ for one in held for c in type(one).__mro__)


def feed(task: Task, data: Data) -> Feed:
    """The task's data as fit takes them. Raises Stop where they cannot be taken so."""
    settings = dict(task.fit_settings())
    if unknown := sorted(set(settings) - set(SETTINGS)):
        raise Stop(
            "exception", f"fit_settings gives {unknown[0]}; it may give {', '.join(SETTINGS)}"
        )
    split = settings.pop("validation_split", None)
    train, held_out = _plain(data.train), _plain(data.held_out)
    if split:
        train, held_out = _split(train, held_out, float(split))
    if held_out is None:
        raise Stop("data-shape", HELD_OUT_LACKS)
    _check_ends(train, settings, "steps_per_epoch")
    _check_ends(held_out, settings, "validation_steps")
    steps = settings.get("steps_per_epoch") or identity.steps_of(train, task.batch_size)
    return Feed(data=Data(train=train, held_out=held_out), settings=settings, steps=steps)


def _plain(side: Any) -> Any:
    """Pairs of arrays or tensors; all else as it is."""
    if not isinstance(side, tuple | list):
        return side
    return tuple(_array(part) for part in side)


def _array(part: Any) -> Any:
    import numpy

    if hasattr(part, "to_numpy"):
        return part.to_numpy()
    return numpy.asarray(part) if isinstance(part, list | tuple) else part


def _split(train: Any, held_out: Any, split: float) -> tuple[Any, Any]:
    """The last part held out, unshuffled, as Keras' validation_split does it."""
    if held_out is not None or not isinstance(train, tuple) or not 0 < split < 1:
        raise Stop(
            "data-shape",
            "validation_split is a part between 0 and 1 of training data that are arrays, in place "
            "of held_out",
        )
    at = math.floor(len(train[0]) * (1.0 - split))
    return tuple(part[:at] for part in train), tuple(part[at:] for part in train)


def _check_ends(side: Any, settings: Mapping[str, Any], name: str) -> None:
    """Stop where nobody can tell how many batches an epoch has."""
    if isinstance(side, GeneratorType) and not settings.get(name):
        raise Stop(
            "data-shape",
            f"a generator has no end: say in fit_settings how many batches count, as {name}",
        )
