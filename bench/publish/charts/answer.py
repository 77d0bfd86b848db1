"""The answer: minutes of a job on this machine against minutes of the same job elsewhere.

Above the diagonal it is done sooner here, below it there. Knows the `Answer` alone: it draws what
stands in it, and adds no rule.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from bench.evidence.strangers import drawable
from bench.evidence.words import about_seconds, listed, seconds_spoken
from bench.publish.captions import caption
from bench.publish.charts import style
from bench.publish.story import Story
from bench.verdict.answer import Answer, JobAnswer
from bench.verdict.jobs import YOUR_JOB
from bench.verdict.places import Place
from bench.verdict.statistics import Floats

NAME = "answer"
NOTE = "Each dot is one job; flat is the wait for a session; bands span all jobs' speed-ups."
POINTS = 120
TENTH = 1.1
CLOCK = (
    0.1,
    1,
    5,
    15,
    60,
    300,
    900,
    3600,
    4 * 3600,
    86400,
    7 * 86400,
    30 * 86400,
    365 * 86400,
    3650 * 86400,
)
DOTS_MOST, LINES_MOST = 8, 6
LETTER = 0.0115  # of the axes' width
STEP = 0.062  # of their height, from one label to the next


@dataclass(frozen=True, kw_only=True)
class Line:
    """One place over all jobs that it can do."""

    name: str
    jobs: tuple[tuple[JobAnswer, Place], ...]

    def seconds(self, here: Floats, gain: float) -> Floats:
        """Seconds there of a job of so many here, where an epoch is `gain` times as fast."""
        own = median(job.here.start_seconds for job, _ in self.jobs)
        wait = median(place.start_seconds for _, place in self.jobs)
        return np.asarray(wait + np.maximum(here - own, 0.0) / gain)

    @property
    def gains(self) -> tuple[float, float, float]:
        """The least, the middle and the greatest speed-up of an epoch."""
        found = [place.crossing.gain for _, place in self.jobs if place.crossing is not None]
        return (
            min(gain.low for gain in found),
            median(gain.middle for gain in found),
            max(gain.high for gain in found),
        )

    @property
    def crossings(self) -> tuple[float, ...]:
        """From how many seconds of a job here on it is sooner, of each job that it gains on."""
        found = [place.crossing for _, place in self.jobs if place.crossing is not None]
        return tuple(sorted(c.minutes * 60 for c in found if math.isfinite(c.minutes)))


def lines_of(answer: Answer) -> tuple[Line, ...]:
    """A line a place that can do a job, in the order of the answer."""
    found: dict[str, list[tuple[JobAnswer, Place]]] = {}
    for job in answer.jobs:
        for place in job.places[1:]:
            if place.why_not is None and place.crossing is not None:
                found.setdefault(place.name, []).append((job, place))
    lines = [Line(name=name, jobs=tuple(jobs)) for name, jobs in found.items()]
    return tuple(lines[:LINES_MOST])


def answer_chart(story: Story) -> Figure:
    """One panel: both axes in minutes, the diagonal is equal."""
    lines = lines_of(story.answer) if story.answer else ()
    with style.sheet():
        figure = style.frame(title(story.answer, lines), caption(story, NAME, NOTE), 5.6)
        axes = figure.subplots()
        if story.answer is None or not lines:
            axes.set_axis_off()
            return figure
        low, high = _limits(lines)
        colour = style.place_colours([line.name for line in lines])
        _ground(axes, low, high)
        _draw_lines(axes, lines, colour, (low, high))
        _dots(axes, lines, colour)
    return figure


def title(answer: Answer | None, lines: Sequence[Line]) -> str:
    """The advice in a few words, and from which length on it turns."""
    if answer is None:
        return "No job was measured here yet: there is nothing to compare"
    if not lines:
        return "Only this machine has a speed: name another with --assume, or measure one"
    return f"{_advice(answer)}; {_turns(lines[0])}"


def _advice(answer: Answer) -> str:
    """What to do with the jobs, the most common advice first."""
    said: dict[str, list[JobAnswer]] = {}
    for job in answer.jobs:
        said.setdefault(job.advised.advice, []).append(job)
    ordered = sorted(said, key=lambda advice: (advice != answer.advice, advice))
    texts = [_one_advice(advice, said[advice], answer) for advice in ordered]
    text = ", ".join(texts)
    return text[:1].upper() + text[1:]


def _one_advice(advice: str, jobs: Sequence[JobAnswer], answer: Answer) -> str:
    names = [drawable(job.task, 20) for job in jobs]
    whole = len(jobs) == len(answer.jobs) and len(jobs) > 1
    who = f"all {len(jobs)} tasks" if whole else listed(tuple(names))
    who = who if len(names) <= 3 or whole else f"{len(names)} tasks"
    places = dict.fromkeys(drawable(j.advised.place.name, 20) for j in jobs if j.advised.place)
    where = " or ".join(places) or "elsewhere"
    return {
        "stay": f"stay here for {who}",
        "rent": f"rent {where} for {who}",
        "buy": f"buy {where} for {who}",
        "either": f"here or {where} for {who}",
        "unknown": f"unknown for {who}",
    }[advice]


def _turns(line: Line) -> str:
    name = drawable(line.name, 20)
    return f"{name} is sooner {from_spoken(line)}"


def from_spoken(line: Line) -> str:
    """From which length of a job here on the place is sooner."""
    found = line.crossings
    if not found:
        return "at no length"
    low, high = about_seconds(found[0]), about_seconds(found[-1])
    unit = low.rpartition(" ")[2]
    span = low if low == high else f"{low.removesuffix(f' {unit}')} to {high}"
    span = span if high.endswith(unit) else f"{low} to {high}"
    if line.jobs[0][1].at_home and found[-1] <= min(j.here.seconds.middle for j, _ in line.jobs):
        return "at each of these lengths"
    return f"for jobs of more than about {span} here"


def _limits(lines: Sequence[Line]) -> tuple[float, float]:
    """Both axes in seconds: all jobs, the waits and the crossings, with room around."""
    points = [
        seconds
        for line in lines
        for job, place in line.jobs
        for seconds in (job.here.seconds.middle, place.seconds.middle)
    ]
    turns = [c for line in lines for c in line.crossings if c < 50 * max(points)]
    least, most = min(points), max([*points, *turns])
    return max(least / 3, 1e-3), max(most * 8, least * 100)


def _ground(axes: Axes, low: float, high: float) -> None:
    """Stay above the diagonal, go below it; between them nobody is sooner by a tenth."""
    x = np.array([low, high])
    axes.fill_between(x, x * TENTH, high, color=style.BLUE, alpha=0.08, linewidth=0)
    axes.fill_between(x, low, x / TENTH, color=style.ORANGE, alpha=0.10, linewidth=0)
    axes.plot(x, x, color=style.FAINT, linewidth=1.0)
    for text, at, across, up in (
        ("STAY: done sooner here", (0.015, 0.975), "left", "top"),
        ("GO: done sooner there", (0.985, 0.025), "right", "bottom"),
    ):
        axes.text(
            *at,
            text,
            transform=axes.transAxes,
            ha=across,
            va=up,
            fontsize=10,
            weight="bold",
            color=style.FAINT,
        )
    for axis, setter in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        setter("log")
        axis.set_major_locator(FixedLocator([tick for tick in CLOCK if low <= tick <= high]))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: seconds_spoken(value)))
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.set_xlabel("the whole job on this machine")
    axes.set_ylabel("the same job there, with the wait")


def _draw_lines(
    axes: Axes, lines: Sequence[Line], colour: Mapping[str, str], span: tuple[float, float]
) -> None:
    """The line and the band of each place, called by its name where it leaves the panel."""
    low, high = span
    x = np.geomspace(low, high, POINTS)
    ends = []
    for line in lines:
        least, middle, most = line.gains
        look = line.jobs[0][1].basis
        hue = colour[line.name]
        axes.plot(x, line.seconds(x, middle), **style.stroke(look, hue, POINTS))
        axes.fill_between(
            x, line.seconds(x, most), line.seconds(x, least), color=hue, alpha=0.15, linewidth=0
        )
        end = float(line.seconds(np.array([high]), middle)[0])
        ends.append((math.log(min(max(end, low), high) / low) / math.log(high / low), line))
    _end_labels(axes, ends, colour)


def _end_labels(axes: Axes, ends: Sequence[tuple[float, Line]], colour: Mapping[str, str]) -> None:
    """The places' names beside their lines, each above the one before."""
    lowest = 0.0
    for height, line in sorted(ends, key=lambda end: (end[0], end[1].name)):
        place = line.jobs[0][1]
        least, _, most = line.gains
        speed = f"{least:.2g}" if f"{least:.2g}" == f"{most:.2g}" else f"{least:.2g} to {most:.2g}"
        text = f"{drawable(line.name, 22)}\n{speed} times as fast\n({place.basis})"
        at = max(height, lowest)
        axes.text(
            1.012,
            at,
            text,
            transform=axes.transAxes,
            ha="left",
            va="center",
            fontsize=8.5,
            color=colour[line.name],
            weight="bold",
        )
        lowest = at + 0.14


def _dots(axes: Axes, lines: Sequence[Line], colour: Mapping[str, str]) -> None:
    """A dot a job and place; each job is called once, above its highest dot."""
    highest: dict[str, tuple[float, float]] = {}
    for line in lines:
        for job, place in line.jobs:
            x, y = job.here.seconds.middle, place.seconds.middle
            mark = "*" if job.task == YOUR_JOB else "o"
            axes.plot(
                x,
                y,
                mark,
                color=colour[line.name],
                markersize=13 if mark == "*" else 8,
                markeredgecolor=style.PAPER,
                zorder=5,
            )
            highest[job.task] = (x, max(y, highest.get(job.task, (x, y))[1]))
    _dot_labels(axes, highest)


def _dot_labels(axes: Axes, highest: Mapping[str, tuple[float, float]]) -> None:
    """Names on levels above the dots, with a thin line down to each."""
    low, high = axes.get_xlim()
    base = max(_share(y, low, high) for _, y in highest.values()) + 0.05
    most = int((0.9 - base) / STEP)
    shown = sorted(highest.items(), key=lambda item: (item[1][0], item[0]))[:DOTS_MOST]
    placed: list[tuple[float, int]] = []  # of each dot to the right: where it is, its level
    for task, (x, y) in reversed(shown):
        text = f"{drawable(task, 18)}, {about_seconds(x)}"
        left = _share(x, low, high)
        end = left + LETTER * (len(text) + 1)
        level = max((up + 1 for at, up in placed if at < end), default=0)
        if level > most:
            continue
        placed.append((left, level))
        height = low * (high / low) ** (base + STEP * level)
        axes.plot([x, x], [y, height], color=style.FAINT, linewidth=0.8, zorder=4)
        axes.text(x, height, f" {text}", ha="left", va="center", fontsize=8.5, zorder=6)


def _share(value: float, low: float, high: float) -> float:
    return math.log(value / low) / math.log(high / low)
