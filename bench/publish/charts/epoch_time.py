"""How long a steady epoch takes, by task and environment, with every repeat."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.evidence.derive import steady_epoch_seconds
from bench.evidence.strangers import drawable
from bench.publish.captions import caption
from bench.publish.charts import legend, style
from bench.publish.groups import Group
from bench.publish.story import Story
from bench.verdict.statistics import ENOUGH_ROUNDS, Estimate

NAME = "epoch-time"
ORDERS_APART = 8.0  # from here on a linear scale hides the small
DOTS_MOST = 60
LANE = 0.5


def epoch_time(story: Story) -> Figure:
    """A lane a task, a row an environment: median with its interval, a dot each repeat."""
    shown = [g for g in story.groups if g.estimate(steady_epoch_seconds)]
    with style.sheet():
        figure = style.frame(title(story), caption(story, NAME, _note(shown)), _height(shown))
        axes = figure.subplots()
        colour = style.colours([story.label(group) for group in shown])
        rows = _rows(shown)
        for group in shown:
            _draw(axes, story, group, rows[_key(group)], colour[story.label(group)])
        _scale(axes, shown, rows)
        _legend(axes, story, shown, colour)
    return figure


def title(story: Story) -> str:
    """The finding: from which task's epoch to which on the machine the verdict is for."""
    found = [
        (middle.middle, group)
        for group in story.own_groups
        if not group.emulated and (middle := group.estimate(steady_epoch_seconds))
    ]
    if not found:
        return "No measured epoch on this machine yet"
    (low, quick), (high, slow) = (edge(found, key=lambda f: f[0]) for edge in (min, max))
    every = all(story.basis(group) == "suspect" for _, group in found)
    said = " (all repeats suspect)" if every else ""
    where = f"on {story.label(slow)}{said}"
    if quick is slow:
        return f"A steady epoch of {drawable(quick.task)} takes {low:.3g} s {where}"
    first = drawable(quick.task)
    if story.label(quick) != story.label(slow):
        first += f" on {story.label(quick)}"
    last = drawable(slow.task)
    return f"A steady epoch takes {low:.2g} s ({first}) to {high:.3g} s ({last}) {where}"


def _note(shown: Sequence[Group]) -> str:
    drawn = "every repeat is a point"
    if any(len(group.counted) > DOTS_MOST for group in shown):
        drawn = f"of more than {DOTS_MOST} repeats, {DOTS_MOST} evenly spaced ones are points"
    many = all(len(group.counted) >= ENOUGH_ROUNDS for group in shown)
    bar = "95 % interval" if many else "95 % interval, or the range under six rounds"
    return f"Bar: median; line: {bar}; {drawn}; triangles are suspect."


def _key(group: Group) -> tuple[str, str, str]:
    return group.task, group.machine, group.environment


def _rows(shown: Sequence[Group]) -> dict[tuple[str, str, str], float]:
    """The height of each group's row; tasks are a lane apart."""
    rows, height, last = {}, 0.0, None
    for group in shown:
        height += 1.0 + (LANE if last not in (None, group.task) else 0.0)
        rows[_key(group)] = height
        last = group.task
    return rows


def _height(shown: Sequence[Group]) -> float:
    tasks = len({group.task for group in shown})
    return min(60.0, 2.2 + 0.32 * len(shown) + 0.2 * tasks)


def _draw(axes: Axes, story: Story, group: Group, row: float, colour: str) -> None:
    found = group.estimate(steady_epoch_seconds)
    assert found is not None
    look = style.LOOKS["emulated" if group.emulated else "measured"]
    axes.plot([found.low, found.high], [row, row], color=colour, linestyle=look.line, linewidth=1.5)
    axes.plot(found.middle, row, marker="|", color=style.INK, markersize=13, markeredgewidth=2.2)
    for suspect in (False, True):
        seconds = _dots(story, group, suspect=suspect)
        shape = style.LOOKS[legend.suspect_look(group)] if suspect else look
        axes.plot(
            seconds,
            np.full(len(seconds), row),
            linestyle="none",
            marker=shape.marker,
            color=colour,
            markerfacecolor=colour if shape.filled else style.PAPER,
            markersize=5,
        )
    _tell(axes, found, max(_dots(story, group, suspect=None)), row)


def _tell(axes: Axes, found: Estimate, furthest: float, row: float) -> None:
    axes.annotate(
        f"{found.middle:.3g} s",
        (max(found.high, furthest), row),
        (8, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
    )


def _dots(story: Story, group: Group, *, suspect: bool | None) -> list[float]:
    """Seconds of the repeats that are (not) suspect, or of all; thinned where they are many."""
    seconds = sorted(
        steady
        for record in group.counted
        if (steady := steady_epoch_seconds(record)) is not None
        and suspect in (None, record.id in story.marks)
    )
    if len(seconds) <= DOTS_MOST:
        return seconds
    return [seconds[i] for i in np.linspace(0, len(seconds) - 1, DOTS_MOST).astype(int)]


def _scale(axes: Axes, shown: Sequence[Group], rows: dict[tuple[str, str, str], float]) -> None:
    middles = [found.middle for g in shown if (found := g.estimate(steady_epoch_seconds))]
    axes.set_ylim(max(rows.values(), default=1) + 0.8, 0.2)
    axes.set_xlabel("seconds a steady epoch, validation included")
    if middles and max(middles) / min(middles) >= ORDERS_APART:
        axes.set_xscale("log")
        style.few_ticks(axes.xaxis, min(middles), max(middles))
        style.plain(axes.xaxis)
        axes.set_xlabel("seconds a steady epoch, validation included (logarithmic)")
    axes.margins(x=0.12)
    tasks = dict.fromkeys(group.task for group in shown)
    middle = [np.mean([rows[_key(g)] for g in shown if g.task == task]) for task in tasks]
    axes.set_yticks(middle, [drawable(task) for task in tasks], fontweight="bold")
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


def _legend(axes: Axes, story: Story, shown: Sequence[Group], colour: dict[str, str]) -> None:
    style.legend_above(axes, legend.entries(story, shown, colour, legend.each))
