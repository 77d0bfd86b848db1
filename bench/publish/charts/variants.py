"""What a knob does to an epoch and to the time until the score, and where another place wins."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.contract.task import TOP_SCORE
from bench.evidence.derive import steady_epoch_seconds, total_seconds
from bench.evidence.variants import number
from bench.evidence.words import between
from bench.publish.captions import caption
from bench.publish.charts import style
from bench.publish.charts.time_to_score import reached
from bench.publish.groups import Group
from bench.publish.story import Story
from bench.publish.sweeps import Crossing, Line, Sweep, Value, crossings, sweeps

NAME = "variants"
APART = 6.0  # from here on a linear scale hides the small
TASKS_MOST, LINES_MOST = 8, 12
NOTE = (
    "Left: median steady epoch, with its interval. Right: from the command until score "
    f"{TOP_SCORE} was first held in every repeat; a cross is the whole run of one that did not, "
    "with its score. A dotted line: from there on another place has the faster epoch."
)


def variants(story: Story) -> Figure:
    """A row a task: epochs on the left, time to the score on the right, a line a place."""
    found = sweeps(story)[:TASKS_MOST]
    with style.sheet():
        rows = max(1, len(found))
        figure = style.frame(title(found), caption(story, NAME, NOTE), 1.6 + 2.9 * rows)
        grid = figure.subplots(rows, 3, squeeze=False, width_ratios=(1, 1, 0.62))
        for (left, right, rest), sweep in zip(grid, found, strict=False):
            colour = style.colours([line.label for line in sweep.lines])
            _epochs(left, sweep, story, colour)
            _scores(right, sweep, story, colour)
            _legend(rest, sweep, story, colour)
        if not found:
            for axes in grid[0]:
                axes.set_axis_off()
    return figure


def title(found: Sequence[Sweep]) -> str:
    """The finding: the first crossing, else what the knob did to the first task."""
    if not found:
        return "No two variants of a task were trained yet: certbench run --vary batch_size=32,128"
    said = [spoken(sweep, one) for sweep in found for one in crossings(sweep)]
    if said:
        return "; ".join(said[:2])
    return _without_crossing(found[0])


def spoken(sweep: Sweep, crossing: Crossing) -> str:
    """From which value on which place is ahead."""
    rest = f" ({crossing.after.rest})" if crossing.after.rest else ""
    return (
        f"{sweep.task}{rest}: from {sweep.knob} {number(crossing.value)} on "
        f"{crossing.after.place} has the faster epoch, below it {crossing.before.place}"
    )


def _without_crossing(sweep: Sweep) -> str:
    line = max(sweep.lines, key=lambda line: len(line.points))
    values = [value for value in sweep.values if value in line.points]
    first, last = values[0], values[-1]
    if first == last:
        return f"{sweep.task}: no line has two values of {sweep.knob} yet"
    return (
        f"{sweep.task} on {line.label}: an epoch takes {line.seconds(first):.3g} s at {sweep.knob} "
        f"{number(first)} and {line.seconds(last):.3g} s at {number(last)}"
    )


def places(sweep: Sweep) -> dict[Value, float]:
    """Where each value stands on the axis: numbers where they are, words one after the other."""
    if sweep.numeric:
        return {value: float(value) for value in sweep.values}
    return {value: float(index) for index, value in enumerate(sweep.values)}


def _epochs(axes: Axes, sweep: Sweep, story: Story, colour: Mapping[str, str]) -> None:
    where, heights = places(sweep), []
    for line in sweep.lines:
        values = [value for value in sweep.values if value in line.points]
        xs, ys = [where[value] for value in values], [line.seconds(value) for value in values]
        shape = _shape(story, line, colour)
        axes.plot(xs, ys, **shape)
        for value in values:
            interval = line.points[value].estimate(steady_epoch_seconds)
            assert interval is not None
            ends = [interval.low, interval.high]
            axes.plot([where[value]] * 2, ends, color=colour[line.label], linewidth=1.2, alpha=0.7)
            heights.append(interval.high)
        heights += ys
    for crossing in crossings(sweep):
        axes.axvline(where[crossing.value], color=style.INK, linestyle=":", linewidth=1.4)
    _scale(axes, sweep, heights)
    axes.set_title(f"{sweep.task}: seconds an epoch")


def _scores(axes: Axes, sweep: Sweep, story: Story, colour: Mapping[str, str]) -> None:
    where, heights = places(sweep), []
    short: dict[Value, list[tuple[float, float]]] = {}
    for line in sweep.lines:
        held = {v: s for v in sweep.values if v in line.points if (s := held_at(line.points[v]))}
        axes.plot([where[v] for v in held], list(held.values()), **_shape(story, line, colour))
        heights += list(held.values())
        for value, group in line.points.items():
            if value not in held and (whole := ended(group)):
                axes.plot(where[value], whole[0], marker="x", color=colour[line.label])
                short.setdefault(value, []).append(whole)
    heights += [seconds for found in short.values() for seconds, _ in found]
    for value, found in short.items():
        _tell(axes, where[value], found)
    _scale(axes, sweep, heights)
    axes.set_title(f"seconds until score {TOP_SCORE}")


def _tell(axes: Axes, where: float, found: Sequence[tuple[float, float]]) -> None:
    """The scores of the crosses over one value, above the highest of them."""
    scores = [score for _, score in found]
    said = between(f"{min(scores):g}", f"{max(scores):g}")
    axes.annotate(
        said,
        (where, max(seconds for seconds, _ in found)),
        (0, 4),
        ha="center",
        textcoords="offset points",
        fontsize=7.5,
        color=style.FAINT,
    )


def held_at(group: Group) -> float | None:
    """Median seconds until the top score was first held; None unless every repeat held it."""
    top = [r for r in reached(group) if r.score == TOP_SCORE and r.share == 1]
    return top[0].middle if top else None


def ended(group: Group) -> tuple[float, float] | None:
    """(seconds, score) of the whole run, in the middle; None where no repeat was graded."""
    graded = [r for r in group.counted if r.result and r.result.score is not None]
    seconds = [total for record in graded if (total := total_seconds(record)) is not None]
    if not seconds:
        return None
    return median(seconds), median(r.result.score for r in graded if r.result)  # type: ignore[type-var,return-value]


def _shape(story: Story, line: Line, colour: Mapping[str, str]) -> dict[str, Any]:
    """How a line and its points look; suspect where every repeat of a point is."""
    looks = {story.basis(group) for group in line.points.values()}
    look = style.LOOKS[max(looks, key=lambda kind: (kind.startswith("suspect"), kind))]
    face = colour[line.label] if look.filled else style.PAPER
    return {
        "color": colour[line.label],
        "linestyle": look.line,
        "marker": look.marker,
        "markerfacecolor": face,
        "markersize": 5.0,
    }


def _scale(axes: Axes, sweep: Sweep, heights: Sequence[float]) -> None:
    where = places(sweep)
    low, high = min(where.values()), max(where.values())
    if sweep.numeric and low > 0 and high / low >= APART:
        axes.set_xscale("log")
    axes.set_xticks(list(where.values()), [number(value) for value in where])
    axes.set_xticks([], minor=True)
    axes.set_xlabel(sweep.knob)
    axes.margins(x=0.08)
    if heights and max(heights) / min(heights) >= APART:
        axes.set_yscale("log")
        style.few_ticks(axes.yaxis, min(heights), max(heights))
        style.plain(axes.yaxis)
    else:
        axes.set_ylim(0, 1.15 * max(heights, default=1))


def _legend(axes: Axes, sweep: Sweep, story: Story, colour: Mapping[str, str]) -> None:
    axes.set_axis_off()
    handles = [
        axes.plot([], [], label=line.label, **_shape(story, line, colour))[0]
        for line in sweep.lines[:LINES_MOST]
    ]
    style.legend(axes, handles)
