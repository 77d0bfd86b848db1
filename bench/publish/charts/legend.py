"""Entries of legends: of each environment the shape that is drawn, of each option its colour."""

from collections.abc import Callable, Mapping, Sequence

from matplotlib.lines import Line2D

from bench.publish.charts import style
from bench.publish.groups import Group
from bench.publish.story import Story

Drawn = Callable[[Story, Group], set[str]]
SUSPECT = {"suspect": "suspect", "suspect emulated": "suspect, emulated"}


def whole(story: Story, group: Group) -> set[str]:
    """Where a group is drawn with one look."""
    return {story.basis(group)}


def each(story: Story, group: Group) -> set[str]:
    """Where each repeat is drawn with its own look."""
    suspect = story.suspects(group)
    looks = {suspect_look(group)} if suspect else set()
    if suspect < len(group.counted):
        looks.add("emulated" if group.emulated else "measured")
    return looks


def suspect_look(group: Group) -> str:
    """How a suspect repeat of the group looks."""
    return "suspect emulated" if group.emulated else "suspect"


def entries(
    story: Story, shown: Sequence[Group], colour: Mapping[str, str], drawn: Drawn
) -> list[Line2D]:
    """A dot a label, hollow and a triangle only where no other shape of it is drawn."""
    looks: dict[str, set[str]] = {}
    for group in shown:
        looks.setdefault(story.label(group), set()).update(drawn(story, group))
    found = [
        style.dot(min(kinds, key=lambda kind: (kind in SUSPECT, kind)), colour[label], label)
        for label, kinds in looks.items()
    ]
    every = {kind for kinds in looks.values() for kind in kinds}
    return [*found, *(style.dot(k, style.INK, said) for k, said in SUSPECT.items() if k in every)]


def option_colours(story: Story) -> dict[str, str]:
    """A colour an option, the same in every chart of money; what is here has the first."""
    return style.colours([a.option.name for r in story.reports for a in r.result.outcomes])
