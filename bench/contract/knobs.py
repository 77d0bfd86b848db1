"""What of a task may be varied: its knobs, typed, with the value that it was calibrated with."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Knob:
    """What of a task may be varied. `default` is what the task was calibrated with.

    A number lies between `low` and `high`; a word is one of `choices`. `whole`: no fractions.
    """

    name: str
    default: int | float | str
    low: float = 0
    high: float = 0
    whole: bool = True
    choices: tuple[str, ...] = ()


PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")
JIT = ("auto", "on", "off")


def common_knobs(batch_size: int, most: int) -> tuple[Knob, ...]:
    """What every task has: the batch, of at most so many examples, and how steps are run.

    The worker sets the precision, as Keras' policy before the model is built.
    """
    return (
        Knob(name="batch_size", default=batch_size, low=1, high=most),
        Knob(name="precision", default="float32", choices=PRECISIONS),
        Knob(name="jit", default="auto", choices=JIT),
        Knob(name="steps_per_execution", default=1, low=1, high=10_000),
    )


def width_knob() -> Knob:
    """A factor on the units and filters of a model."""
    return Knob(name="width", default=1, low=0.25, high=64, whole=False)


def taken(function: Callable[..., Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the settings that a function takes by their name."""
    names = inspect.signature(function).parameters
    return {name: value for name, value in settings.items() if name in names}


def compiled(jit: str, steps_per_execution: int) -> dict[str, Any]:
    """What Keras' `compile` calls them; `auto` leaves it to Keras."""
    choice = {"auto": "auto", "on": True, "off": False}[jit]
    return {"jit_compile": choice, "steps_per_execution": steps_per_execution}
