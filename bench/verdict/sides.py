"""One side of a comparison: an environment on a machine, and which variants it means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from bench.contract.facts import Variant
from bench.errors import UsageError
from bench.evidence.derive import rented
from bench.evidence.identity import is_called
from bench.evidence.record import Record
from bench.evidence.variants import PLAIN, parts
from bench.evidence.words import place_called


@dataclass(frozen=True, kw_only=True)
class Side:
    """An environment on a machine; `settings` are the knobs that were named with it."""

    machine: str
    environment: str
    emulated: bool
    label: str
    settings: Variant


def place_of_side(side: Side) -> tuple[object, ...]:
    """What makes it another side than another."""
    return side.machine, side.environment, side.settings


def side_of(records: Sequence[Record], text: str, here: str) -> Side:
    """The side that a text means. Raises UsageError where there are no records of it."""
    machine, colon, rest = text.rpartition(":")
    environment, settings = _settings(rest)
    machine = machine if colon else _machine(records, environment, here)
    found = [
        r for r in records if is_called(r.machine, machine) and r.environment.name == environment
    ]
    if not found:
        known = sorted({(r.machine.id != here, _name(r, here)) for r in records})
        raise UsageError(
            f"no records of {text!r}; there are some of: {', '.join(name for _, name in known)}"
        )
    emulated = found[0].environment.emulated
    label = place_called(text, emulated=emulated)
    return Side(
        machine=found[0].machine.id,
        environment=environment,
        emulated=emulated,
        label=label,
        settings=settings,
    )


def _settings(text: str) -> tuple[str, Variant]:
    """The environment, and what stands in brackets behind it."""
    try:
        environment, variant = parts(text)
    except ValueError as error:
        raise UsageError(f"{text!r}: say ENVIRONMENT or ENVIRONMENT[backend=jax]") from error
    said = "backend=" in text
    return environment, {k: v for k, v in variant.items() if k != "backend" or said}


def records_of(records: Sequence[Record], side: Side, turned: Iterable[str]) -> list[Record]:
    """Those of the side, with the variants that it asks for under the name that they share.

    Where the other side turns a knob and this one does not, it has the task's own value of it.
    """
    where = (side.machine, side.environment)
    found = [r for r in records if (r.machine.id, r.environment.name) == where]
    wanted = {name: side.settings.get(name, PLAIN.get(name)) for name in turned}
    return [
        _shared(record, wanted)
        for record in found
        if all(record.task.variant.get(name) == value for name, value in wanted.items())
    ]


def _shared(record: Record, turned: Iterable[str]) -> Record:
    """The record as if what differs between the sides had not been turned."""
    rest = {k: v for k, v in record.task.variant.items() if k not in turned}
    task = msgspec.structs.replace(record.task, variant=PLAIN | rest)
    return msgspec.structs.replace(record, task=task) if turned else record


def _machine(records: Sequence[Record], environment: str, here: str) -> str:
    """Whose records a bare name means: this machine's, else those of the newest rented one."""
    having = [r for r in records if r.environment.name == environment]
    others = [r for r in having if rented(r)]
    if any(r.machine.id == here for r in having) or not others:
        return here
    return max(others, key=lambda r: r.campaign.id).machine.id


def _name(record: Record, here: str) -> str:
    machine, name = record.machine.id, record.environment.name
    return name if machine == here or rented(record) else f"{machine}:{name}"
