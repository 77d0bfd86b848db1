"""How many times as fast a cloud's epoch has to be, by job length: answers from local records."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from bench.evidence.derive import rented, steady_epoch_seconds
from bench.evidence.pools import same_work
from bench.evidence.strangers import drawable
from bench.evidence.words import seconds_spoken
from bench.publish.captions import caption
from bench.publish.charts import style
from bench.publish.groups import Group
from bench.publish.story import Story
from bench.publish.tracks import (
    Track,
    epochs_spoken,
    look_of,
    measured_in,
    short_label,
    speed_look,
    tracks,
    wins_from,
)
from bench.verdict.crossing import RequiredSpeedup, required_speedup
from bench.verdict.report import JobReport
from bench.verdict.statistics import Floats

NAME = "speed-up-needed"
EPOCHS = np.geomspace(1, 10_000, 80)
BEHIND = 1 + np.geomspace(1e-3, 0.5, 60)  # dense where the curve falls from the sky
LEAST, MOST = 0.5, 200.0
LOST: dict[str, Any] = {
    "facecolor": style.PAPER,
    "edgecolor": style.GRID,
    "hatch": "xx",
    "linewidth": 0,
}


@dataclass(frozen=True, kw_only=True)
class Band:
    """How many times as fast an epoch is somewhere else, and in which look that is drawn."""

    label: str
    look: str
    middle: float
    low: float
    high: float


def speed_up_needed(story: Story) -> Figure:
    """A panel a task: the speed-up needed, and the speed-ups there are as bands."""
    reports = story.reports
    bands = {report.task: bands_of(story, report) for report in reports}
    every = {band.label: band for found in bands.values() for band in found}
    with style.sheet():
        height = 1.6 + 2.1 * -(-(len(reports) + 1) // 3)
        figure = style.frame(title(reports), caption(story, NAME, _note(reports)), height)
        axes, rest = style.panels(figure, len(reports))
        colour = dict(zip(every, (*style.PALETTE[1:], *style.PALETTE), strict=False))
        looks = {r.task: speed_look(story, r, r.result.outcomes[0].option) for r in reports}
        for panel, report in zip(axes, reports, strict=True):
            for band in bands[report.task]:
                _band(panel, band, colour.get(band.label, style.GREY))
            _panel(panel, report, looks[report.task])
        style.legend(rest, _handles(every, colour, looks.values()), handleheight=1.4)
    return figure


def _handles(
    bands: Mapping[str, Band], colour: Mapping[str, str], looks: Collection[str]
) -> list[Artist]:
    look = "suspect" if set(looks) == {"suspect"} else "measured"
    return [
        style.line(look, style.BLUE, "speed-up needed"),
        Patch(**LOST, label="no speed is enough"),
        style.length_line(),
        *(
            style.area(band.look, colour.get(label, style.GREY), label)
            if band.look != "suspect"
            else style.line("suspect", colour.get(label, style.GREY), label)
            for label, band in bands.items()
        ),
    ]


def _note(reports: Sequence[JobReport]) -> str:
    start = seconds_spoken(reports[0].session_start) if reports else "unknown"
    return (
        f"A cloud whose session starts in {start} (assumed) is faster than this machine right of "
        "where the curve dips below its band. What was measured on other machines, or on this "
        "machine's own GPU, waits for no session. Lines with triangles: every repeat is suspect."
    )


def bands_of(story: Story, report: JobReport) -> list[Band]:
    """The speed-ups there are: other options of this task, and GPUs of other machines."""
    found = [
        Band(
            label=track.label,
            look=look_of(story, report, track),
            middle=float(factors[0]),
            low=float(factors.min()),
            high=float(factors.max()),
        )
        for track in tracks(report)[1:]
        for factors in [speed_ups(report, track)]
    ]
    return [*found, *_measured_there(story, report)]


def _measured_there(story: Story, report: JobReport) -> Iterator[Band]:
    """GPUs of other machines that trained the same task: their epoch against that of here."""
    local = report.result.outcomes[0].option.name
    own = next((g for g in measured_in(story, report) if g.environment == local), None)
    here = own.estimate(steady_epoch_seconds) if own else None
    for group in story.groups:
        there = group.estimate(steady_epoch_seconds)
        if own is None or here is None or there is None or not _comparable(story, own, group):
            continue
        yield Band(
            label=f"{story.label(group)}, measured there",
            look=story.basis(group),
            middle=here.middle / there.middle,
            low=here.low / there.high,
            high=here.high / there.low,
        )


def _comparable(story: Story, own: Group, group: Group) -> bool:
    """Whether a group is a GPU of another machine, at the very task that was measured here."""
    newest, mine = group.counted[-1], own.counted[-1]
    return (
        group.machine != story.here
        and not group.emulated
        and not rented(newest)
        and newest.environment.accelerator is not None
        and same_work(newest, mine)
    )


def impossible_until(report: JobReport) -> float:
    """Up to how many epochs no speed is enough: the job is done before a session has started."""
    local = report.result.outcomes[0].option.timing
    return float((report.session_start - local.start[0]) / local.epoch[0])


def needed(report: JobReport) -> list[RequiredSpeedup]:
    """The speed-up needed at each length, densely where it begins to be possible."""
    local, first = report.result.outcomes[0].option, impossible_until(report)
    dense = [n for n in first * BEHIND if EPOCHS[0] <= n <= EPOCHS[-1]]
    lengths = sorted({*map(float, EPOCHS), *map(float, dense)})
    return [required_speedup(local, report.session_start, n) for n in lengths]


def title(reports: Sequence[JobReport]) -> str:
    """The finding: how fast a cloud must be for the tasks as they are."""
    own = {
        report.task: found.middle
        for report in reports
        for found in report.required_speedups
        if found.epochs == report.workload.epochs
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


def _panel(axes: Axes, report: JobReport, look: str) -> None:
    possible = [n for n in needed(report) if np.isfinite(n.middle)]
    axes.axvspan(1, min(max(impossible_until(report), 1), EPOCHS[-1]), zorder=0.5, **LOST)
    x = [n.epochs for n in possible]
    axes.plot(x, [n.middle for n in possible], **style.stroke(look, style.BLUE, len(x)))
    axes.fill_between(
        x,
        [n.low for n in possible],
        [min(n.high, MOST) for n in possible],
        color=style.BLUE,
        alpha=0.2,
        linewidth=0,
    )
    style.length(axes, report.workload.epochs)
    axes.set_title(drawable(report.task, style.PANEL_LETTERS))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(EPOCHS[0], EPOCHS[-1])
    axes.set_ylim(LEAST, MOST)
    axes.set_xlabel("epochs")
    axes.set_ylabel("times as fast")
    style.plain(axes.xaxis)
    style.plain(axes.yaxis, "{:g}x".format)
    axes.minorticks_off()
    _crossings(axes, report)


def speed_ups(report: JobReport, track: Track) -> Floats:
    """How many times as fast an epoch the track is, shape (SAMPLES,)."""
    return np.asarray(report.result.outcomes[0].option.timing.epoch / track.timing.epoch)


def _band(axes: Axes, band: Band, colour: str) -> None:
    """The range as an area, and its middle as a line, in the look of its basis."""
    axes.axhspan(
        band.low,
        band.high,
        facecolor=colour,
        alpha=0.2,
        edgecolor=colour,
        linewidth=0.8,
        hatch=style.LOOKS[band.look].hatch,
    )
    if band.look == "suspect":
        middle = [band.middle] * len(EPOCHS)
        axes.plot(EPOCHS, middle, linewidth=1, **style.stroke(band.look, colour, len(EPOCHS)))


def _crossings(axes: Axes, report: JobReport) -> None:
    """A dot where a rented machine begins to win, and one note with a line for each."""
    rivals = [track for track in tracks(report)[1:] if not track.local]
    said = []
    for track in rivals:
        crossing = wins_from(report, track)
        name = f"{short_label(track)} " if len(rivals) > 1 else ""
        if crossing is None:
            said.append(f"{name}never wins")
            continue
        said.append(f"{name}wins above {epochs_spoken(crossing.middle)} epochs")
        if EPOCHS[0] <= crossing.middle <= EPOCHS[-1]:
            factor = float(speed_ups(report, track)[0])
            axes.plot(crossing.middle, factor, marker="o", color=style.INK, zorder=5)
    if said:
        style.headroom(axes, "\n".join(said))
        style.note(axes, "\n".join(said), right=True)
