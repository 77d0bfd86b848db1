"""The wire: what a worker says on its stdout, one JSON line an event.

The same stream comes out of a container, a subprocess and a Colab machine. Both ends are made from
one commit, so the protocol number is compared for equality and never migrated.
"""

from typing import Literal

import msgspec
from msgspec import Struct

from bench.contract.bounds import Count, Loss, Seconds, Small, Whole
from bench.contract.facts import EpochFacts, Pipeline, Reading, Result
from bench.contract.facts import Seen as SeenFacts
from bench.contract.task import Metric

PROTOCOL = 1

PhaseName = Literal["check", "imports", "data", "build", "fit", "evaluate"]
FailureCode = Literal["data-digest", "data-shape", "model-shape", "gpu-not-used", "exception"]


class _Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="event"):
    """Every event is frozen and names itself in the field `event`."""


class Hello(_Event, frozen=True, tag="hello"):
    """The first line, sent before anything heavy is imported: it ends the environment's start."""

    protocol: Small


class Described(_Event, frozen=True, tag="described"):
    """The task as the worker found it; `data_digest` is that of its folder as it lies there."""

    title: str
    category: Whole
    epochs: Small
    batch_size: Small
    metric: Metric
    thresholds: tuple[Loss, ...]
    data_digest: str


class Phase(_Event, frozen=True, tag="phase"):
    """A phase, or a part of `check`, has ended: what it was and how long it took."""

    name: PhaseName
    seconds: Seconds


class Seen(_Event, frozen=True, tag="seen"):
    """What the worker found around itself."""

    seen: SeenFacts


class Built(_Event, frozen=True, tag="built"):
    """The compiled model: its size, and the fingerprint of configuration, data and architecture."""

    fingerprint: str
    parameters: Count


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
    Hello | Described | Phase | Seen | Built | Epoch | Counters | Scored | Placed | Piped | Failed
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
