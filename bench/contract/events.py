"""The wire: what a worker says on its stdout, one JSON line an event.

The same stream comes out of a container, a subprocess and a Colab machine. Both ends are made from
one commit, so the protocol number is compared for equality and never migrated.
"""

from typing import Literal

import msgspec
from msgspec import Struct

from bench.contract.bounds import Bytes, Count, Loss, Seconds, Small, Whole
from bench.contract.facts import EpochFacts, Pipeline, Reading, Result, Stage, Variant
from bench.contract.facts import Seen as SeenFacts

PROTOCOL = 3

PhaseName = Literal["check", "imports", "download", "data", "build", "fit", "evaluate", "rest"]
FailureCode = Literal[
    "data-digest",
    "data-shape",
    "model-shape",
    "gpu-not-used",
    "tpu-not-used",
    "out-of-memory",
    "no-fit",
    "no-target",
    "no-data",
    "exception",
]


class _Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="event"):
    """Every event is frozen and names itself in the field `event`."""


class Handshake(_Event, frozen=True, tag="handshake"):
    """The first line, sent before anything heavy is imported: it ends the environment's start."""

    protocol: Small


class Described(_Event, frozen=True, tag="described"):
    """The work as the worker found it; `data_digest` is that of its files as they lie there.

    `epochs` are those of this run, `epochs_wanted` those of the whole job.
    """

    title: str
    category: Whole | None
    epochs: Small | None
    epochs_wanted: Small | None
    batch_size: Small | None
    metric: str | None
    thresholds: tuple[Loss, ...] | None
    data_digest: str | None
    variant: Variant


class Phase(_Event, frozen=True, tag="phase"):
    """A phase, or a part of `check`, has ended: what it was and how long it took."""

    name: PhaseName
    seconds: Seconds


class Seen(_Event, frozen=True, tag="seen"):
    """What the worker found around itself."""

    seen: SeenFacts


class Built(_Event, frozen=True, tag="built"):
    """The compiled model: its size, the steps of an epoch, and what identifies an epoch's work.

    `fingerprint_v1` is the one of records of version 1, which knew less.
    """

    fingerprint: str
    fingerprint_v1: str | None
    parameters: Count | None
    steps: Small | None
    steps_wanted: Small | None


class Staged(_Event, frozen=True, tag="staged"):
    """A `fit` is about to begin."""

    stage: Stage


class Stepped(_Event, frozen=True, tag="stepped"):
    """A long epoch is under way: so many steps of it are done. Said every few seconds, never kept.

    `epoch` counts through the whole run, from 0; `steps` is null where the length is not known.
    """

    epoch: Small
    step: Small
    steps: Small | None


class Monitored(_Event, frozen=True, tag="monitored"):
    """The metric on held-out data that epochs and result speak of, as the script logs it."""

    metric: str


class Noticed(_Event, frozen=True, tag="noticed"):
    """Something in a script that its author will want to know; `line` is the script's."""

    line: Small | None
    text: str


class Wrote(_Event, frozen=True, tag="wrote"):
    """What a script left in its working folder: names, the largest first, and all bytes.

    `kept` is whether they were copied to where the user asked for; else they are lost.
    """

    files: tuple[str, ...]
    count: Count
    size_bytes: Bytes
    kept: bool


class Epoch(_Event, frozen=True, tag="epoch"):
    """An epoch has ended."""

    epoch: EpochFacts


class Counters(_Event, frozen=True, tag="counters"):
    """The counters at an edge."""

    reading: Reading


class Scored(_Event, frozen=True, tag="scored"):
    """The trained model was graded."""

    result: Result


class Placed(_Event, frozen=True, tag="placed"):
    """Where the model's variables and the result of one forward pass lie, as device names."""

    devices: tuple[str, ...]


class Piped(_Event, frozen=True, tag="piped"):
    """The input pipeline was run alone."""

    pipeline: Pipeline


class Failed(_Event, frozen=True, tag="failed"):
    """The worker cannot go on, and why, in one line."""

    code: FailureCode
    message: str


Event = (
    Handshake
    | Described
    | Phase
    | Seen
    | Built
    | Staged
    | Stepped
    | Monitored
    | Noticed
    | Wrote
    | Epoch
    | Counters
    | Scored
    | Placed
    | Piped
    | Failed
)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """The event as one line, newline included."""
    return _encoder.encode(event) + b"\n"


def decode(line: str | bytes) -> Event:
    """The event in a line. Raises `msgspec.MsgspecError` where the line is none."""
    event: Event = _decoder.decode(line)
    return event
