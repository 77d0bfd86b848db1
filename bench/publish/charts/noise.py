"""How far repeats lie apart, and which runs are suspect or do not count, and why."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.evidence.derive import steady_epoch_seconds
from bench.evidence.trust import LIMITS, spread
from bench.publish.captions import caption
from bench.publish.charts import style
from bench.publish.groups import Group
from bench.publish.story import Story
from bench.publish.words import drawable

NAME = "noise"
DOTS_MOST = 60
REASONS_MOST = 9


def noise(story: Story) -> Figure:
    """A row a group: each repeat's deviation from the median, with the reasons beside."""
    shown = [group for group in story.groups if group.values(steady_epoch_seconds)]
    with style.sheet():
        height = min(60.0, 2.2 + 0.32 * len(shown))
        figure = style.frame(title(story), caption(story, NAME, NOTE), max(height, 4.0))
        axes, beside = figure.subplots(1, 2, width_ratios=(2.5, 1))
        colour = style.colours([story.label(group) for group in shown])
        for row, group in enumerate(shown):
            _row(axes, story, group, row, colour[story.label(group)])
        _scale(axes, story, shown)
        _reasons(beside, story)
    return figure


NOTE = (
    "Each repeat's steady epoch against the median of its group; the grey band is the limit of "
    f"{LIMITS['unstable'][0]:.0%} within which repeats may lie apart. Triangles are suspect."
)


def title(story: Story) -> str:
    """The finding: how far repeats lie apart at least and at most, and how many are suspect."""
    wide = {
        g.task: found
        for g in story.own_groups
        if not g.emulated and (found := spread(g.values(steady_epoch_seconds))) is not None
    }
    if not wide:
        return "One repeat shows no noise: run more rounds"
    calm, loud = (edge(wide, key=lambda task: wide[task]) for edge in (min, max))
    counted = sum(len(group.counted) for group in story.groups)
    suspect = sum(r.id in story.marks for g in story.groups for r in g.counted)
    return (
        f"Repeats lie {wide[calm]:.0%} ({drawable(calm)}) to {wide[loud]:.0%} ({drawable(loud)}) "
        f"apart; {suspect} of {counted} that count are suspect"
    )


def deviations(story: Story, group: Group, *, suspect: bool) -> list[float]:
    """Percent above the group's median, of the repeats that are (not) suspect, thinned."""
    middle = median(group.values(steady_epoch_seconds))
    found = sorted(
        100 * (steady / middle - 1)
        for r in group.counted
        if (steady := steady_epoch_seconds(r)) is not None and (r.id in story.marks) == suspect
    )
    if len(found) <= DOTS_MOST:
        return found
    return [found[i] for i in np.linspace(0, len(found) - 1, DOTS_MOST).astype(int)]


def _row(axes: Axes, story: Story, group: Group, row: int, colour: str) -> None:
    look = style.LOOKS["emulated" if group.emulated else "measured"]
    for suspect in (False, True):
        kind = "suspect emulated" if group.emulated else "suspect"
        shape = style.LOOKS[kind] if suspect else look
        found = deviations(story, group, suspect=suspect)
        axes.plot(
            found, [row] * len(found), linestyle="none", marker=shape.marker, color=colour,
            markerfacecolor=colour if shape.filled else style.PAPER, markersize=5.5,
        )  # fmt: skip


def _scale(axes: Axes, story: Story, shown: Sequence[Group]) -> None:
    half = 100 * LIMITS["unstable"][0] / 2
    axes.axvspan(-half, half, color=style.GRID, alpha=0.6, linewidth=0)
    axes.axvline(0, color=style.FAINT, linewidth=0.8)
    axes.set_yticks(range(len(shown)), [f"{drawable(g.task)}, {story.label(g)}" for g in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlabel("% above or below the median of the group")
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.08)


def reasons(story: Story) -> list[str]:
    """What happened how often, in words, the most frequent first."""
    marks = Counter(f"suspect: {code}" for found in story.marks.values() for code, _ in found)
    ends = Counter(
        f"{record.status}: {drawable(', '.join(record.reasons) or 'no reason given', 30)}"
        for record in story.records
        if record.status != "ok"
    )
    said = [f"{count} {what}" for what, count in [*marks.most_common(), *ends.most_common()]]
    if len(said) > REASONS_MOST:
        said = [*said[: REASONS_MOST - 1], f"and {len(said) - REASONS_MOST + 1} more reasons"]
    return said or ["None is suspect, and all count."]


def _reasons(axes: Axes, story: Story) -> None:
    axes.set_axis_off()
    axes.set_title("What was noticed")
    for place, text in enumerate(reasons(story)):
        axes.text(0, 0.96 - 0.105 * place, text, transform=axes.transAxes, va="top", fontsize=8.5)
