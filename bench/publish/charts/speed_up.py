"""How many times as fast a cloud's epoch has to be, by job length: answers from local records."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from bench.publish.captions import caption
from bench.publish.charts import style
from bench.publish.story import Story
from bench.publish.tracks import Track, epochs_spoken, tracks, wins_from
from bench.publish.words import drawable
from bench.verdict.crossing import Needed, speed_needed
from bench.verdict.report import JobReport
from bench.verdict.statistics import Floats
from bench.verdict.words import seconds_spoken

NAME = "speed-up-needed"
EPOCHS = np.geomspace(1, 10_000, 80)
LEAST, MOST = 0.5, 200.0
LOST: dict[str, Any] = {
    "facecolor": style.GRID,
    "edgecolor": style.FAINT,
    "hatch": "xxxx",
    "linewidth": 0,
}


def speed_up_needed(story: Story) -> Figure:
    """A panel a task: the speed-up needed, and the speed-ups there are as bands."""
    reports = story.reports
    with style.sheet():
        height = 1.6 + 2.1 * -(-(len(reports) + 1) // 3)
        figure = style.frame(title(reports), caption(story, NAME, _note(reports)), height)
        axes, rest = style.panels(figure, len(reports))
        rivals = {track.label: track for r in reports for track in tracks(r)[1:]}
        colour = dict(zip(rivals, (*style.PALETTE[1:], *style.PALETTE), strict=False))
        for panel, report in zip(axes, reports, strict=True):
            _panel(panel, report, colour)
        handles = [
            style.line("measured", style.BLUE, "speed-up needed"),
            Patch(**LOST, label="no speed is enough"),
            *(style.area(t.footing, colour[label], label) for label, t in rivals.items()),
        ]
        rest.legend(handles=handles, loc="center left", handleheight=1.4)
    return figure


def _note(reports: Sequence[JobReport]) -> str:
    start = seconds_spoken(reports[0].session_start) if reports else "unknown"
    return (
        f"A cloud whose session starts in {start} (assumed) is faster than this machine right of "
        "where the curve dips below its band. The dotted upright is the length of the task itself."
    )


def needed(report: JobReport) -> list[Needed]:
    """What is needed at each of `EPOCHS`."""
    local = report.job.answers[0].option
    return [speed_needed(local, report.session_start, float(n)) for n in EPOCHS]


def title(reports: Sequence[JobReport]) -> str:
    """The finding: how fast a cloud must be for the tasks as they are."""
    own = {
        report.task: found.middle
        for report in reports
        for found in report.needed
        if found.epochs == report.question.epochs
    }
    if not own:
        return "No job was measured here yet: run one, and this chart answers"
    finite = {task: value for task, value in own.items() if np.isfinite(value)}
    lost = [drawable(task) for task in own if task not in finite]
    never = f"no cloud can be fast enough for {', '.join(lost)}" if lost else ""
    if not finite:
        start = seconds_spoken(reports[0].session_start)
        return f"Each task is done here before a cloud's session has started ({start}, assumed)"
    low, high = (edge(finite, key=lambda task: finite[task]) for edge in (min, max))
    span = f"{finite[low]:.2g} times ({drawable(low)})"
    if low != high:
        span += f" to {finite[high]:.3g} times ({drawable(high)})"
    return f"To win, a cloud must be {span} as fast an epoch{'; ' + never if never else ''}"


def _panel(axes: Axes, report: JobReport, colour: dict[str, str]) -> None:
    found = needed(report)
    possible = [n for n in found if np.isfinite(n.middle)]
    lost = next((n.epochs for n in possible), EPOCHS[-1])
    axes.axvspan(1, lost, **LOST)
    for track in tracks(report)[1:]:
        _band(axes, report, track, colour[track.label])
    x = [n.epochs for n in possible]
    axes.plot(x, [n.middle for n in possible], color=style.BLUE)
    axes.fill_between(
        x, [n.low for n in possible], [min(n.high, MOST) for n in possible],
        color=style.BLUE, alpha=0.2, linewidth=0,
    )  # fmt: skip
    axes.axvline(report.question.epochs, color=style.FAINT, linestyle=":", linewidth=1)
    axes.set_title(drawable(report.task))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(EPOCHS[0], EPOCHS[-1])
    axes.set_ylim(LEAST, MOST)
    axes.set_xlabel("epochs")
    axes.set_ylabel("times as fast")
    style.plain(axes.xaxis)
    style.plain(axes.yaxis, "{:g}x".format)
    axes.minorticks_off()


def speed_ups(report: JobReport, track: Track) -> Floats:
    """How many times as fast an epoch the track is, shape (SAMPLES,)."""
    return np.asarray(report.job.answers[0].option.timing.epoch / track.timing.epoch)


def _band(axes: Axes, report: JobReport, track: Track, colour: str) -> None:
    factors = speed_ups(report, track)
    axes.axhspan(
        float(factors.min()), float(factors.max()), facecolor=colour, alpha=0.25,
        hatch=style.LOOKS[track.footing].hatch, edgecolor=colour, linewidth=0.8,
    )  # fmt: skip
    crossing = wins_from(report, track)
    if crossing is not None and EPOCHS[0] <= crossing.middle <= EPOCHS[-1]:
        axes.plot(crossing.middle, float(factors[0]), marker="o", color=style.INK, zorder=5)
        style.note(axes, f"wins above {epochs_spoken(crossing.middle)} epochs", right=True)
