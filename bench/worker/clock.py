"""Keras callbacks that read the clock at the edges of epochs: one for all, and a script's on top.

A script's is of the Keras that the model is of, and counts steps as well; a task's steps are known,
so nothing of ours is called between them. Either is the last of the callbacks, so that those of a
user lie within an epoch, and waits for the devices at the edges of an epoch alone.
"""

import sys
import time
from dataclasses import dataclass
from typing import Any, Protocol

TELL_SECONDS = 10.0  # of an epoch before its steps are told, and between two such words


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One epoch: seconds of training, of validation and of processors, and the steps it did.

    `ended` is the `perf_counter` at its end; None are steps that nobody counted.
    """

    train_seconds: float
    validation_seconds: float
    processor_seconds: float
    ended: float
    steps: int | None = None
    validation_steps: int | None = None


class Edges(Protocol):
    """Who is told of epochs."""

    def settle(self) -> None:
        """Wait until what was begun on the devices is done."""

    def ended(self, logs: dict[str, Any], measured: Measured) -> None:
        """An epoch has ended."""


class Watch(Edges, Protocol):
    """Who is told of a script's fit, too."""

    def built(self, steps: int | None) -> None:
        """The model is built and the fit begins; an epoch has so many steps, where that is known.

        What this takes is in no phase.
        """

    def stepped(self, step: int) -> None:
        """Of an epoch that takes long so many steps are done."""


def edges(keras: Any, told: Edges) -> Any:
    """The callback that splits an epoch into training and validation, as a class of that Keras."""

    class EpochClock(keras.callbacks.Callback):  # type: ignore[misc]
        """Reads the clock where an epoch and its validation begin and end."""

        steps: int | None = None
        validation_steps: int | None = None

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.used = time.process_time()
            self.begun = self.validation_begun = self.validation_ended = time.perf_counter()

        def on_test_begin(self, logs: Any = None) -> None:
            told.settle()
            self.validation_begun = time.perf_counter()

        def on_test_end(self, logs: Any = None) -> None:
            told.settle()
            self.validation_ended = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            told.settle()
            ended, validation = time.perf_counter(), self.validation_ended - self.validation_begun
            measured = Measured(
                train_seconds=ended - self.begun - validation,
                validation_seconds=validation,
                processor_seconds=time.process_time() - self.used,
                ended=ended,
                steps=self.steps,
                validation_steps=self.validation_steps or None,
            )
            told.ended(logs or {}, measured)

    return EpochClock


def clock(model: Any, watch: Watch) -> Any:
    """The callback for a model's fit in a script."""

    class Clock(edges(_keras_of(model), watch)):  # type: ignore[misc]
        """Counts steps as well, and tells of them where an epoch takes long."""

        async_safe = True  # counting may lag behind: Keras waits for it at the edges of an epoch
        _supports_tf_logs = True  # the older Keras: no step's logs are fetched for it

        def on_train_begin(self, logs: Any = None) -> None:
            watch.built((self.params or {}).get("steps"))

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.steps = self.validation_steps = 0
            self.told = time.perf_counter()
            super().on_epoch_begin(epoch, logs)

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if time.perf_counter() - self.told >= TELL_SECONDS:
                self.told = time.perf_counter()
                watch.stepped(batch)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.steps = max(self.steps, batch + 1)

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            self.validation_steps = max(self.validation_steps, batch + 1)

    return Clock()


def _keras_of(model: Any) -> Any:
    """The Keras that a model is of, the older one too."""
    legacy = any(base.__module__.startswith("tf_keras.") for base in type(model).__mro__)
    return sys.modules["tf_keras" if legacy else "keras"]


def with_clock(callbacks: Any, clock: Any) -> Any:
    """The script's callbacks with the clock as the last."""
    if callbacks is None:
        return [clock]
    if isinstance(callbacks, list | tuple):
        return [*callbacks, clock]
    if hasattr(callbacks, "append"):  # Keras' own list of callbacks
        callbacks.append(clock)
        return callbacks
    return [callbacks, clock]


def each_of(callbacks: Any) -> tuple[Any, ...]:
    """The script's callbacks one by one."""
    held = getattr(callbacks, "callbacks", callbacks) or ()
    return tuple(held) if isinstance(held, list | tuple) else (held,)


def stops_early(callbacks: Any) -> bool:
    """Whether one of them may end the fit before its last epoch, a class of the script's own too.

    One that ends it where the loss is no number any more is no plan to be done sooner.
    """
    every = (c for one in each_of(callbacks) for c in type(one).__mro__)
    return any("stop_training" in _names_in(c) for c in every if c.__name__ != "TerminateOnNaN")


def _names_in(kind: type) -> set[str]:
    """What the methods of a class speak of."""
    codes = (getattr(method, "__code__", None) for method in vars(kind).values())
    return {name for code in codes if code is not None for name in code.co_names}


def monitored(callbacks: Any) -> str | None:
    """The held-out metric that the script itself watches; the loss only where it has no other."""
    names = [getattr(one, "monitor", None) for one in each_of(callbacks)]
    held_out = [name for name in names if isinstance(name, str) and name.startswith("val_")]
    return min(held_out, key=lambda name: name == "val_loss", default=None)
