"""Variants of one task beside each other: what was turned, on which places, and where they cross.

Pure: groups go in, values come out. The chart `variants` draws them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from bench.evidence.derive import steady_epoch_seconds
from bench.evidence.strangers import drawable
from bench.evidence.variants import number, settings
from bench.publish.groups import Group
from bench.publish.story import Story

AS_IT_IS = "calibrated"  # the task's own value, where records do not say which that is
Value = int | float | str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One place, with what else was set there; a group for each value of the knob."""

    place: str
    rest: str
    points: Mapping[Value, Group]

    @property
    def label(self) -> str:
        """What the legend calls it."""
        return f"{self.place}, {self.rest}" if self.rest else self.place

    def seconds(self, value: Value) -> float:
        """The median steady epoch at a value of the knob."""
        found = self.points[value].estimate(steady_epoch_seconds)
        assert found is not None
        return found.middle


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One task over one knob; `values` in their order."""

    task: str
    knob: str
    values: tuple[Value, ...]
    lines: tuple[Line, ...]

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers, with distances between them."""
        return all(not isinstance(value, str) for value in self.values)


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """From this value of the knob on, `after` has the faster epoch, and `before` had it below."""

    value: Value
    before: Line
    after: Line


def sweeps(story: Story) -> tuple[Sweep, ...]:
    """One for each task of which several variants have steady epochs, in the story's order."""
    tasks: dict[str, list[Group]] = {}
    for group in story.groups:
        if group.estimate(steady_epoch_seconds):
            tasks.setdefault(group.counted[0].task.name, []).append(group)
    found = (_sweep(story, task, groups) for task, groups in tasks.items())
    return tuple(sweep for sweep in found if sweep)


def _sweep(story: Story, task: str, groups: Sequence[Group]) -> Sweep | None:
    names = sorted({name for group in groups for name in settings(group.counted[0])})
    sets = [{n: settings(g.counted[0]).get(n, AS_IT_IS) for n in names} for g in groups]
    varied = [name for name in names if len({one[name] for one in sets}) > 1]
    if not varied:
        return None
    knob = max(varied, key=lambda name: (_numbers(one[name] for one in sets), name))
    lines: dict[tuple[str, str], dict[Value, Group]] = {}
    for group, one in zip(groups, sets, strict=True):
        rest = ", ".join(f"{n}={number(one[n])}" for n in varied if n != knob)
        lines.setdefault((story.label(group), rest), {})[one[knob]] = group
    values = sorted({one[knob] for one in sets}, key=lambda v: (isinstance(v, str), v))
    return Sweep(
        task=drawable(task),
        knob=drawable(knob),
        values=tuple(values),
        lines=tuple(
            Line(place=place, rest=drawable(rest), points=points)
            for (place, rest), points in lines.items()
        ),
    )


def _numbers(values: Iterable[Value]) -> tuple[bool, int]:
    """A knob whose values are numbers goes before one of words, then the one with most values."""
    found = set(values)
    return not any(isinstance(value, str) for value in found), len(found)


def crossings(sweep: Sweep) -> tuple[Crossing, ...]:
    """Where the faster of two places changes, at values that both were measured at.

    Only lines with the same settings beside the knob, and only a change that lasts.
    """
    found = []
    for one, other in combinations(sweep.lines, 2):
        shared = [v for v in sweep.values if v in one.points and v in other.points]
        ahead = [one.seconds(v) < other.seconds(v) for v in shared]
        if one.rest != other.rest or not ahead or ahead[0] == ahead[-1] or not sweep.numeric:
            continue
        first = max(i for i, now in enumerate(ahead) if now == ahead[0]) + 1
        before, after = (one, other) if ahead[0] else (other, one)
        found.append(Crossing(value=shared[first], before=before, after=after))
    return tuple(found)
