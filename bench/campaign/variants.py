"""From `--vary batch_size=32,128` to the names of a campaign's variants, checked before it runs."""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import tasks
from bench.contract.knobs import Knob
from bench.contract.task import Task
from bench.errors import UsageError
from bench.evidence.variants import PLAIN, number, value_of, variant_name

BACKENDS = Knob(name="backend", default="tensorflow", choices=("tensorflow", "jax"))
Value = int | float | str
Wanted = Mapping[str, tuple[str, ...]]


def variants(names: Sequence[str], vary: Sequence[str], own: Sequence[Path]) -> tuple[str, ...]:
    """Each task's name with each product of the values, the plain value under the plain name.

    Raises UsageError for a knob that a task has not, and for a value out of its bounds.
    """
    wanted = wanted_values(vary)
    if not wanted:
        return tuple(names)
    files = {path.stem: path for path in own}
    return tuple(
        dict.fromkeys(
            name for task in names for name in _of_task(task, _knobs(task, files.get(task)), wanted)
        )
    )


def wanted_values(vary: Sequence[str]) -> Wanted:
    """Knob → texts of its values. Raises UsageError for what is no such text."""
    found: dict[str, tuple[str, ...]] = {}
    for text in vary:
        name, _, values = text.partition("=")
        split = tuple(dict.fromkeys(value.strip() for value in values.split(",")))
        if not name or not all(split):
            raise UsageError(f"--vary {text}: say KNOB=VALUE,VALUE, such as batch_size=32,128")
        if name in found:
            raise UsageError(f"--vary {name} is there twice: name all values in one")
        found[name] = split
    return found


def product_size(vary: Sequence[str]) -> int:
    """How many variants of each task the values make."""
    size = 1
    for values in wanted_values(vary).values():
        size *= len(values)
    return size


def _knobs(name: str, own: Path | None) -> dict[str, Knob]:
    found = _own_task(own) if own else tasks.named(name)
    return {knob.name: knob for knob in (BACKENDS, *found.knobs)}


def _own_task(path: Path) -> Task:
    try:
        return tasks.from_file(path)
    except (ImportError, SyntaxError, ValueError) as error:
        raise UsageError(f"{path.name} cannot be read for its knobs: {error}") from error


def _of_task(task: str, knobs: Mapping[str, Knob], wanted: Wanted) -> list[str]:
    unknown = [name for name in wanted if name not in knobs]
    if unknown:
        raise UsageError(
            f"{task} has no knob {unknown[0]}; it has {', '.join(knobs)}: choose others, or the "
            "tasks with --task"
        )
    choices = [
        [(name, checked(task, knobs[name], text)) for text in texts]
        for name, texts in wanted.items()
    ]
    found = []
    for values in product(*choices):
        differing = {name: value for name, value in values if value != knobs[name].default}
        found.append(variant_name(task, PLAIN | differing))
    return found


def checked(task: str, knob: Knob, text: str) -> Value:
    """The value of a knob. Raises UsageError, naming what it may be."""
    value = value_of(text)
    if knob.choices:
        if value not in knob.choices:
            raise UsageError(f"{knob.name}={text} for {task}: one of {', '.join(knob.choices)}")
        return value
    if isinstance(value, str) or not knob.low <= value <= knob.high or _broken(knob, value):
        kind = "a whole number" if knob.whole else "a number"
        raise UsageError(
            f"{knob.name}={text} for {task}: {kind} from {number(knob.low)} to {number(knob.high)}"
        )
    return value


def _broken(knob: Knob, value: float) -> bool:
    return knob.whole and not isinstance(value, int)
