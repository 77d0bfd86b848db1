"""What a variant is called: `fashion[batch_size=512]`; the plain task keeps its plain name.

A record's variant holds its backend always, and of the task's knobs those that differ from the
values that the task was calibrated with.
"""

import re
from collections.abc import Mapping

from bench.contract.facts import Variant
from bench.evidence.record import Record

PLAIN: Variant = {"backend": "tensorflow"}
CALIBRATED: Mapping[str, int | float | str] = PLAIN | {
    "width": 1,
    "precision": "float32",
    "jit": "auto",
    "steps_per_execution": 1,
    "input": "dataset",
    "workers": 1,
}
SHAPE = re.compile(r"(?P<task>[^\[\]]+)(?:\[(?P<settings>[^\[\]]+)\])?")
Natural = tuple[tuple[int, float, str], ...]


def variant_name(task: str, variant: Variant) -> str:
    """The task's name, with what differs from the plain task in brackets, sorted by name."""
    differing = sorted(item for item in variant.items() if item not in PLAIN.items())
    said = ",".join(f"{name}={number(value)}" for name, value in differing)
    return f"{task}[{said}]" if said else task


def number(value: float | str) -> str:
    """A setting as people write it."""
    return value if isinstance(value, str) else f"{value:.12g}"


def called(record: Record) -> str:
    """What the variant that a record is of is called."""
    return variant_name(record.task.name, record.task.variant)


def settings(record: Record) -> dict[str, int | float | str]:
    """Everything that was set for a record's task, calibrated or varied."""
    known = {**CALIBRATED, **record.task.variant}
    if record.task.batch_size is not None:
        known["batch_size"] = record.task.batch_size
    return known


def is_plain(name: str) -> bool:
    """Whether a name is that of a task as it was calibrated, no variant of one."""
    return "[" not in name


def parts(name: str) -> tuple[str, Variant]:
    """The task and its variant, the backend in it. Raises ValueError where it is no such name."""
    found = SHAPE.fullmatch(name)
    pairs = (found["settings"] or "").split(",") if found else ["none"]
    split = [pair.partition("=") for pair in pairs if pair]
    if found is None or not all(key and equals and value for key, equals, value in split):
        raise ValueError(f"{name!r} is no name of a variant, such as fashion[batch_size=512]")
    return found["task"], PLAIN | {key: value_of(text) for key, _, text in split}


def value_of(text: str) -> int | float | str:
    """A setting from its text: a number where it is one; 2.0 is 2, as records compare them."""
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() else value


def file_part(name: str) -> str:
    """The name as part of a file's and of a container's name: `fashion.batch_size-512`."""
    task, variant = parts(name)
    said = variant_name(task, variant)
    return said.replace("[", ".").replace(",", ".").replace("=", "-").removesuffix("]")


def natural(name: str) -> Natural:
    """A key that sorts 32 before 128, and the plain task before its variants."""
    pieces = re.split(r"(\d+(?:\.\d+)?)", name.rstrip("]"))
    return tuple(
        (1, float(piece), "") if index % 2 else (0, 0.0, piece)
        for index, piece in enumerate(pieces)
    )
