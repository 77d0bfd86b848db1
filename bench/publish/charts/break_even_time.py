"""Seconds against epochs, here and in the cloud, and where the lines cross."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from bench.publish.captions import caption
from bench.publish.charts import style
from bench.publish.story import Story
from bench.publish.tracks import Track, epochs_spoken, tracks, wins_from
from bench.publish.words import drawable
from bench.verdict.report import JobReport
from bench.verdict.words import seconds_spoken

NAME = "break-even-time"
POINTS = 60
MOST_EPOCHS = 1e5
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
CLOCK = (0.1, 1.0, 10.0, 2 * MINUTE, 20 * MINUTE, 3 * HOUR, 2 * DAY, 20 * DAY, 200 * DAY)
NOTE = (
    "Time of a job from start to graded, by its length; bands are 95 % intervals, or ranges where "
    "numbers are few, published or assumed. The dotted upright is the length of the task itself."
)


def break_even_time(story: Story) -> Figure:
    """A panel a task: a line a track with its band; crossings are marked and named."""
    reports = story.reports
    with style.sheet():
        height = 1.6 + 2.1 * -(-(len(reports) + 1) // 3)
        figure = style.frame(title(reports), caption(story, NAME, NOTE), height)
        axes, rest = style.panels(figure, len(reports))
        everything = [track for report in reports for track in tracks(report)]
        colour = style.colours([track.label for track in everything])
        for panel, report in zip(axes, reports, strict=True):
            _panel(panel, report, colour)
        legend = {track.label: track for track in everything}
        handles = [style.line(t.footing, colour[label], label) for label, t in legend.items()]
        rest.legend(handles=handles, loc="center left")
    return figure


def title(reports: Sequence[JobReport]) -> str:
    """The finding with its footing: from how many epochs on somewhere else is faster."""
    rivals = {r.task: track for r in reports for track in tracks(r)[1:2]}
    if not reports:
        return "No job was measured here yet: there is nothing to compare"
    if not rivals:
        return "Only this machine has a speed: name another with --assume, or measure one"
    found = {r.task: wins_from(r, rivals[r.task]) for r in reports if r.task in rivals}
    wins = {task: crossing.middle for task, crossing in found.items() if crossing}
    who = next(iter(rivals.values())).label
    if not wins:
        return f"Stay local at every length: {who} is faster at no task"
    low, high = (edge(wins, key=lambda task: wins[task]) for edge in (min, max))
    span = f"{epochs_spoken(wins[low])} epochs ({drawable(low)})"
    if low != high:
        span += f" to {epochs_spoken(wins[high])} ({drawable(high)})"
    never = [drawable(task) for task in found if task not in wins]
    lost = f"; never at {', '.join(never)}" if never else ""
    verb = "wins" if all(track.footing == "measured" for track in rivals.values()) else "would win"
    return f"Stay local for short jobs: {who} {verb} above {span}{lost}"


def _panel(axes: Axes, report: JobReport, colour: dict[str, str]) -> None:
    found = tracks(report)
    crossings = [c for t in found[1:] if (c := wins_from(report, t)) and c.middle >= 1]
    furthest = max([1000.0, 3 * report.question.epochs, *(4 * c.middle for c in crossings)])
    epochs = np.geomspace(1, min(furthest, MOST_EPOCHS), POINTS)
    for track in found:
        _track(axes, track, epochs, colour[track.label])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.axvline(report.question.epochs, color=style.FAINT, linestyle=":", linewidth=1)
    for track in found[1:]:
        _crossing(axes, report, track)
    axes.set_title(drawable(report.task))
    axes.set_xlabel("epochs")
    style.plain(axes.xaxis)
    axes.yaxis.set_major_locator(FixedLocator(CLOCK))
    axes.minorticks_off()
    style.plain(axes.yaxis, seconds_spoken)


def _track(axes: Axes, track: Track, epochs: np.ndarray, colour: str) -> None:  # type: ignore[type-arg]
    seconds = track.seconds(epochs)
    look = style.LOOKS[track.footing]
    axes.plot(epochs, [s.middle for s in seconds], color=colour, linestyle=look.line)
    axes.fill_between(
        epochs, [s.low for s in seconds], [s.high for s in seconds], facecolor=colour, alpha=0.18,
        edgecolor=colour, hatch=look.hatch, linewidth=0,
    )  # fmt: skip


def _crossing(axes: Axes, report: JobReport, track: Track) -> None:
    found = wins_from(report, track)
    local = tracks(report)[0]
    if found is None or found.middle < 1:
        text = "faster at once" if found else "never faster"
        style.note(axes, text)
        return
    [here] = local.seconds(np.array([found.middle]))
    axes.plot(found.middle, here.middle, marker="o", color=style.INK, markersize=6, zorder=5)
    style.note(
        axes,
        f"crosses at {epochs_spoken(found.middle)} epochs\n"
        f"({epochs_spoken(found.low)} to {_high(found.high)})",
    )


def _high(epochs: float) -> str:
    return epochs_spoken(epochs) if np.isfinite(epochs) else "never"
