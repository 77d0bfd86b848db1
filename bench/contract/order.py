"""What a worker is told: one JSON text as its only argument, the same on every engine.

Both ends are made from one commit, so the protocol number is compared for equality.
"""

import msgspec
from msgspec import Struct

from bench.contract.events import PROTOCOL
from bench.contract.facts import Accelerator, Source, Variant


class Order(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run. What is None or empty is the task's or the script's own.

    name: the task, or the name that a user's file goes by.
    file: where the worker finds the user's file; None for our own tasks.
    epochs, steps: at the most so many epochs of each fit, and steps of each epoch.
    accelerator: what must do the work, else the run is stopped.
    data: the folder that holds one prepared folder a task; None is the environment's own.
    arguments: those of a script.
    links: what lies in a script's working folder, by its name there, and where it really is.
    digests: SHA-256 of the data that a user gave, by where the script finds them.
    target: what a script's held-out metric is to reach, `val_accuracy>=0.89`.
    keep: the folder into which what a script wrote is copied at its end; None is nowhere.
    """

    name: str
    source: Source = "task"
    file: str | None = None
    seed: int = 1
    epochs: int | None = None
    steps: int | None = None
    accelerator: Accelerator | None = None
    variant: Variant = {}
    data: str | None = None
    arguments: tuple[str, ...] = ()
    links: dict[str, str] = {}
    digests: dict[str, str] = {}
    target: str | None = None
    keep: str | None = None
    protocol: int = PROTOCOL


_decoder = msgspec.json.Decoder(Order)


def encode_order(order: Order) -> str:
    """The order as one line of JSON."""
    return msgspec.json.encode(order).decode()


def decode_order(text: str) -> Order:
    """The order in a text. Raises `msgspec.MsgspecError` where it is none."""
    return _decoder.decode(text)
