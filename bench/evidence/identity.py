"""Which computer is which: digests of a machine's models, by today's rule and by version 1's."""

import hashlib

from msgspec.structs import replace

from bench.contract.facts import Seen
from bench.evidence.record import Machine, Record

IDENTIFYING = ("processor", "processors", "system", "architecture", "gpus")
IDENTIFYING_V1 = ("processor", "processors", "memory_gib", "system", "architecture", "gpus")
UNKNOWN = "unknown"


def identified(machine: Machine) -> Machine:
    """The machine with both of its ids; no host name and no serial number is in them."""
    return replace(
        machine, id=_digest(machine, IDENTIFYING), id_v1=_digest(machine, IDENTIFYING_V1)
    )


def _digest(machine: Machine, names: tuple[str, ...]) -> str:
    text = "\0".join(f"{name}={getattr(machine, name)}" for name in names)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def machine_seen(seen: Seen) -> Machine:
    """The machine that a worker found itself on."""
    unnamed = Machine(
        id="",
        id_v1=None,
        processor=seen.processor or UNKNOWN,
        processors=seen.processors_online,
        memory_gib=round((seen.memory_total_bytes or 0) / 2**30),
        system=seen.system or UNKNOWN,
        architecture=seen.architecture or UNKNOWN,
        gpus=seen.gpus,
        listed_watts=None,
        power_source=None,
    )
    return identified(unnamed)


UNSEEN = identified(
    Machine(
        id="",
        id_v1=None,
        processor=UNKNOWN,
        processors=0,
        memory_gib=0,
        system=UNKNOWN,
        architecture=UNKNOWN,
        gpus=(),
        listed_watts=None,
        power_source=None,
    )
)


def is_called(machine: Machine, text: str) -> bool:
    """Whether a user's words for a machine mean this one: its id, or the one of version 1."""
    return text in (machine.id, machine.id_v1)


def commander(record: Record) -> Machine:
    """The computer at which the command was typed."""
    return record.controller or record.machine
