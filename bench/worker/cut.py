"""A `fit` as the script wants it, and cut to what was ordered."""

from typing import Any

from msgspec.structs import replace

from bench.contract.facts import Stage
from bench.contract.order import Order
from bench.worker import lengths
from bench.worker.clock import stops_early


def planned(settings: dict[str, Any], index: int) -> Stage:
    """The stage as the script wants it; what only its model can tell is None."""
    first, wanted = settings.get("initial_epoch") or 0, settings.get("epochs") or 1
    size = lengths.batch_size_of(settings)
    steps = settings.get("steps_per_epoch") or lengths.own_steps_of(settings, size)
    return Stage(
        index=index,
        epochs_wanted=max(0, wanted - first),
        at_most=stops_early(settings.get("callbacks")),
        steps=steps,
        steps_wanted=steps,
        batch_size=size,
        steps_per_execution=None,
        fingerprint=None,
        examples=lengths.examples_of(settings, size),
        validation_steps_wanted=lengths.validation_steps_of(settings, size),
    )


def cut(stage: Stage, settings: dict[str, Any], order: Order) -> Stage:
    """The stage, and its `settings` in place, with at most the epochs and steps that were ordered.

    Epochs of an unknown number of steps are cut too; a validation of an unknown number is not.
    """
    if order.epochs:
        first, wanted = settings.get("initial_epoch") or 0, settings.get("epochs") or 1
        settings["epochs"] = min(wanted, first + order.epochs)
    if order.steps is None:
        return stage
    if (stage.validation_steps_wanted or 0) > order.steps:
        settings["validation_steps"] = order.steps
    if stage.steps is not None and stage.steps <= order.steps:
        return stage
    settings["steps_per_epoch"] = order.steps
    return replace(stage, steps=order.steps)
