"""Seconds against epochs, here and in the cloud, and where the lines cross."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from bench.evidence.strangers import drawable
from bench.evidence.words import seconds_spoken
from bench.publish.captions import caption
from bench.publish.charts import style
from bench.publish.story import Story
from bench.publish.tracks import Track, epochs_spoken, look_of, short_label, tracks, wins_from
from bench.verdict.crossing import TimeCrossing
from bench.verdict.report import JobReport
from bench.verdict.statistics import Floats

NAME = "break-even-time"
POINTS = 60
MOST_EPOCHS = 1e5
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
CLOCK = (0.1, 1.0, 10.0, 2 * MINUTE, 20 * MINUTE, 3 * HOUR, 2 * DAY, 20 * DAY, 200 * DAY)
NOTE = (
    "Time of a job from start to graded, by its length; bands are 95 % intervals, or ranges where "
    "numbers are few, published or assumed; lines with triangles come from suspect repeats alone."
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
        looks: dict[str, str] = {}
        for panel, report in zip(axes, reports, strict=True):
            drawn = {track.label: look_of(story, report, track) for track in tracks(report)}
            _panel(panel, report, colour, drawn)
            looks.update({k: v for k, v in drawn.items() if looks.get(k) in (None, "suspect")})
        for panel in axes[::3]:
            panel.set_ylabel("time of a job")
        handles = [style.line(look, colour[label], label) for label, look in looks.items()]
        style.legend(rest, [*handles, *([style.length_line()] if reports else [])])
    return figure


def title(reports: Sequence[JobReport]) -> str:
    """The finding with its basis: from how many epochs on somewhere else is faster.

    What is rented comes first; another processor of this machine is told apart from it.
    """
    if not reports:
        return "No job was measured here yet: there is nothing to compare"
    rented = _first(reports, local=False)
    local = _first(reports, local=True)
    if not rented and not local:
        return "Only this machine has a speed: name another with --assume, or measure one"
    said = [_rented_spoken(reports, rented)] if rented else []
    said += [_local_spoken(reports, local)] if local else []
    return "; ".join(said)


def _first(reports: Sequence[JobReport], *, local: bool) -> dict[str, Track]:
    """Of each task the track that is called as the first of its kind: rented, or of here."""
    found = [(r.task, t) for r in reports for t in tracks(r)[1:] if t.local == local]
    return {task: track for task, track in found if track.label == found[0][1].label}


def _wins(reports: Sequence[JobReport], rivals: Mapping[str, Track]) -> dict[str, float]:
    found = {r.task: wins_from(r, rivals[r.task]) for r in reports if r.task in rivals}
    return {task: crossing.middle for task, crossing in found.items() if crossing}


def _rented_spoken(reports: Sequence[JobReport], rivals: Mapping[str, Track]) -> str:
    wins, who = _wins(reports, rivals), next(iter(rivals.values())).label
    if not wins:
        return f"Stay local at every length: {who} is faster at no task"
    low, high = (edge(wins, key=lambda task: wins[task]) for edge in (min, max))
    span = f"{epochs_spoken(wins[low])} epochs ({drawable(low)})"
    if low != high:
        span += f" to {epochs_spoken(wins[high])} ({drawable(high)})"
    never = [drawable(task) for task in rivals if task not in wins]
    lost = f"; never at {', '.join(never)}" if never else ""
    verb = "wins" if all(track.basis == "measured" for track in rivals.values()) else "would win"
    return f"Stay local for short jobs: {who} {verb} above {span}{lost}"


def _local_spoken(reports: Sequence[JobReport], rivals: Mapping[str, Track]) -> str:
    wins, who = _wins(reports, rivals), next(iter(rivals.values())).label
    if not wins:
        return f"here, {who} is faster at no task"
    low, high = (edge(wins, key=lambda task: wins[task]) for edge in (min, max))
    span = f"{_from(wins[low])} ({drawable(low)})"
    return f"here, {who} is faster from {span}" + (
        f" to {_from(wins[high])} ({drawable(high)})" if low != high else " on"
    )


def _from(epochs: float) -> str:
    return "the first epoch" if epochs <= 1 else f"epoch {epochs_spoken(epochs)}"


def _panel(
    axes: Axes, report: JobReport, colour: Mapping[str, str], looks: Mapping[str, str]
) -> None:
    found = tracks(report)
    crossings = [c for t in found[1:] if (c := wins_from(report, t)) and c.middle >= 1]
    furthest = max([1000.0, 3 * report.workload.epochs, *(4 * c.middle for c in crossings)])
    epochs = np.geomspace(1, min(furthest, MOST_EPOCHS), POINTS)
    for track in found:
        _track(axes, track, epochs, (looks[track.label], colour[track.label]))
    axes.set_xscale("log")
    axes.set_yscale("log")
    style.length(axes, report.workload.epochs)
    _crossings(axes, report, found)
    axes.set_title(drawable(report.task, style.PANEL_LETTERS))
    axes.set_xlabel("epochs")
    style.plain(axes.xaxis)
    axes.yaxis.set_major_locator(FixedLocator(CLOCK))
    axes.minorticks_off()
    style.plain(axes.yaxis, seconds_spoken)


def _track(axes: Axes, track: Track, epochs: Floats, drawn: tuple[str, str]) -> None:
    """The line and the band of a track, in its look and its colour."""
    look, colour = drawn
    seconds = track.seconds(epochs)
    axes.plot(epochs, [s.middle for s in seconds], **style.stroke(look, colour, POINTS))
    axes.fill_between(
        epochs,
        [s.low for s in seconds],
        [s.high for s in seconds],
        facecolor=colour,
        alpha=0.18,
        edgecolor=colour,
        hatch=style.LOOKS[look].hatch,
        linewidth=0,
    )


def _crossings(axes: Axes, report: JobReport, found: Sequence[Track]) -> None:
    """A dot where a track begins to win over the first one, and one note that says all of it."""
    local, rivals = found[0], found[1:]
    for track in rivals:
        crossing = wins_from(report, track)
        if crossing is not None and crossing.middle >= 1:
            [here] = local.seconds(np.array([crossing.middle]))
            axes.plot(crossing.middle, here.middle, "o", color=style.INK, markersize=6, zorder=5)
    if len(rivals) == 1:
        text = _spoken(wins_from(report, rivals[0]), "crosses at ", " epochs\n")
    else:
        texts = [_spoken(wins_from(report, track), "from ", " ") for track in rivals]
        text = "\n".join(
            f"{short_label(track)}: {one}" for track, one in zip(rivals, texts, strict=True)
        )
    if rivals:
        style.headroom(axes, text)
        style.note(axes, text)


def _spoken(crossing: TimeCrossing | None, before: str, after: str) -> str:
    if crossing is None or crossing.middle < 1:
        return "faster at once" if crossing else "never faster"
    low, high = epochs_spoken(crossing.low), _high(crossing.high)
    return f"{before}{epochs_spoken(crossing.middle)}{after}({low} to {high})"


def _high(epochs: float) -> str:
    return epochs_spoken(epochs) if np.isfinite(epochs) else "never"
