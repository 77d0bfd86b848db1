"""How far repeats lie apart, and which runs are suspect or do not count, and why."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.evidence.derive import steady_epoch_seconds
from bench.evidence.limits import LIMITS
from bench.evidence.noise import noise_of
from bench.evidence.strangers import drawable
from bench.publish.captions import caption
from bench.publish.charts import legend, style
from bench.publish.groups import Group
from bench.publish.story import Story

NAME = "noise"
DOTS_MOST = 60
REASON_LETTERS = 34


def noise(story: Story) -> Figure:
    """A row a group: each repeat's deviation from the median, with what was noticed beside."""
    shown = [g for g in story.groups if g.values(steady_epoch_seconds) or g.others]
    with style.sheet():
        height = min(60.0, 2.2 + 0.32 * len(shown))
        figure = style.frame(title(story), caption(story, NAME, NOTE), height)
        axes, beside = figure.subplots(1, 2, sharey=True, width_ratios=(1.5, 1))
        colour = style.colours([story.label(group) for group in shown])
        for row, group in enumerate(shown):
            _row(axes, story, group, row, colour[story.label(group)])
        _scale(axes, story, shown)
        drawn = [group for group in shown if group.counted]
        style.legend_above(axes, legend.entries(story, drawn, colour, legend.each), letters=64)
        _beside(beside, story, shown)
    return figure


NOTE = (
    "Each repeat's steady epoch against the median of its group; the grey band is as wide as the "
    f"median's interval may be in a noisy group, {LIMITS['noisy'][0]:.0%}. Triangles are suspect."
)


def title(story: Story) -> str:
    """The finding: how well medians are known at best and at worst, and how many are suspect."""
    wide = [
        (found.half_width, g)
        for g in story.own_groups
        if not g.emulated and (found := noise_of(g.counted)) is not None
    ]
    if not wide:
        return "Two repeats show no noise: run more rounds"
    (least, calm), (most, loud) = (edge(wide, key=lambda one: one[0]) for edge in (min, max))
    places = {story.label(group) for _, group in wide}
    where = {id(g): f" on {story.label(g)}" if len(places) > 1 else "" for g in (calm, loud)}
    counted = sum(len(group.counted) for group in story.groups)
    suspect = sum(story.suspects(group) for group in story.groups)
    return (
        f"Medians are known to ±{least:.0%} ({drawable(calm.task)}{where[id(calm)]}) to "
        f"±{most:.0%} ({drawable(loud.task)}{where[id(loud)]}); {suspect} of {counted} that count "
        "are suspect"
    )


def deviations(story: Story, group: Group, *, suspect: bool) -> list[float]:
    """Percent above the group's median, of the repeats that are (not) suspect, thinned."""
    if not group.counted:
        return []
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
        shape = style.LOOKS[legend.suspect_look(group)] if suspect else look
        found = deviations(story, group, suspect=suspect)
        axes.plot(
            found,
            [row] * len(found),
            linestyle="none",
            marker=shape.marker,
            color=colour,
            markerfacecolor=colour if shape.filled else style.PAPER,
            markersize=5.5,
        )


def _scale(axes: Axes, story: Story, shown: Sequence[Group]) -> None:
    half = 100 * LIMITS["noisy"][0]
    axes.axvspan(-half, half, color=style.GRID, alpha=0.6, linewidth=0)
    axes.axvline(0, color=style.FAINT, linewidth=0.8)
    axes.set_yticks(range(len(shown)), [story.row(group) for group in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlabel("% above or below the median of the group")
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.08)


def reasons(story: Story, group: Group) -> str:
    """What was noticed in a group, and how often: first what counts, then what does not."""
    marks = Counter(code for r in group.counted for code, _ in story.marks.get(r.id, ()))
    ends = Counter(
        f"{record.status}: {drawable(', '.join(record.reasons) or 'no reason given', 24)}"
        for record in group.others
    )
    return ", ".join(f"{n} {what}" for what, n in [*marks.most_common(), *ends.most_common()])


def _beside(axes: Axes, story: Story, shown: Sequence[Group]) -> None:
    """Each group's reasons, in its row."""
    axes.set_axis_off()
    axes.set_title("What was noticed")
    said = {row: reasons(story, group) for row, group in enumerate(shown)}
    if not any(said.values()):
        said = {0: "None is suspect; all count."}
    for row, text in said.items():
        if text:
            cut = drawable(text, REASON_LETTERS)
            across = axes.get_yaxis_transform()
            axes.text(0, row, cut, transform=across, va="center", fontsize=8.5)
