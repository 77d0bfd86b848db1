"""From the command to each score: what a candidate waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.contract.task import TOP_SCORE
from bench.evidence.derive import reached_seconds
from bench.evidence.strangers import drawable
from bench.evidence.words import seconds_spoken
from bench.publish.captions import caption
from bench.publish.charts import legend, style
from bench.publish.groups import Group
from bench.publish.story import Story

NAME = "time-to-score"
NOTE = (
    "Seconds from the command until a score was first held, start and imports included: median and "
    "range of the repeats that reached it; a score that some repeats never reached ends the line. "
    "Triangles: every repeat is suspect."
)


@dataclass(frozen=True, kw_only=True)
class Reached:
    """When a score was first held; `share` of the repeats ever held it."""

    score: int
    middle: float
    low: float
    high: float
    share: float


def reached(group: Group) -> tuple[Reached, ...]:
    """Each score that any repeat reached, rising."""
    times = [reached_seconds(record) for record in group.counted]
    found = []
    for score in range(1, TOP_SCORE + 1):
        known = [time for run in times if (time := run[score - 1]) is not None]
        if known:
            share = len(known) / len(times)
            edges = {"low": min(known), "high": max(known)}
            found.append(Reached(score=score, middle=median(known), share=share, **edges))
    return tuple(found)


def time_to_score(story: Story) -> Figure:
    """A panel a task, a step line an environment."""
    shown = [group for group in story.groups if group.counted]
    tasks = list(dict.fromkeys(group.task for group in shown))
    with style.sheet():
        figure = style.frame(title(story), caption(story, NAME, NOTE), 1.6 + 1.9 * _rows(tasks))
        axes, rest = style.panels(figure, len(tasks))
        colour = style.colours([story.label(group) for group in shown])
        for panel, task in zip(axes, tasks, strict=True):
            panel.set_title(drawable(task, style.PANEL_LETTERS))
            for group in shown:
                if group.task == task:
                    _steps(panel, group, story.basis(group), colour[story.label(group)])
            _scale(panel)
        _legend(rest, story, shown, colour)
    return figure


def _rows(tasks: Sequence[str]) -> int:
    return -(-(len(tasks) + 1) // 3)


def title(story: Story) -> str:
    """The finding: where score 5 is reached soonest and latest on the verdict's machine."""
    own = [group for group in story.own_groups if group.counted and not group.emulated]
    full = [(r.middle, g) for g in own for r in reached(g) if r.score == TOP_SCORE and r.share == 1]
    if not full:
        return "No task reached score 5 in every repeat"
    (soon, first), (late, last) = (edge(full, key=lambda one: one[0]) for edge in (min, max))
    rest = sorted({group.task for group in own} - {group.task for _, group in full})
    never = f"; not every repeat of {drawable(', '.join(rest))} gets there" if rest else ""
    begin, end = f" on {story.label(first)}", f" on {story.label(last)}"
    return (
        f"Score 5 takes from {seconds_spoken(soon)} "
        f"({drawable(first.task)}{begin if begin != end else ''}) to "
        f"{seconds_spoken(late)} ({drawable(last.task)}){end}{never}"
    )


def _steps(axes: Axes, group: Group, basis: str, colour: str) -> None:
    look = style.LOOKS[basis]
    found = reached(group)
    sure = [r for r in found if r.share == 1]
    seconds, scores = [0.0, *(r.middle for r in sure)], [0, *(r.score for r in sure)]
    axes.step(seconds, scores, where="post", color=colour, linestyle=look.line, linewidth=1.5)
    shift = 0.07 if group.emulated else -0.07
    for r in found:
        axes.plot([r.low, r.high], [r.score + shift] * 2, color=colour, linewidth=1.2, alpha=0.8)
        axes.plot(
            r.middle,
            r.score + shift,
            marker=look.marker if r.share == 1 else "x",
            color=colour,
            markerfacecolor=colour if look.filled else style.PAPER,
            markersize=4.5,
        )


def _scale(axes: Axes) -> None:
    axes.set_ylim(-0.2, TOP_SCORE + 0.4)
    axes.set_yticks(range(TOP_SCORE + 1))
    axes.set_xlim(left=0)
    axes.set_xlabel("seconds since the command")
    axes.set_ylabel("score")


def _legend(axes: Axes, story: Story, shown: Sequence[Group], colour: dict[str, str]) -> None:
    handles = legend.entries(story, shown, colour, legend.whole)
    if any(r.share < 1 for group in shown for r in reached(group)):
        handles.append(style.dot("rejected", style.INK, "reached by some repeats"))
    style.legend(axes, handles)
