"""Where a run's time goes, in seconds, with the input pipeline beside."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bench.evidence.derive import in_order, steady_epoch_seconds, total_seconds
from bench.evidence.record import Record
from bench.evidence.strangers import drawable
from bench.evidence.words import seconds_spoken
from bench.publish.captions import caption
from bench.publish.charts import style
from bench.publish.groups import Group
from bench.publish.story import Story

NAME = "phases"
BAR = 0.72
INSIDE = 0.07  # a share below this is too narrow for its figure


def _phase(name: str) -> Callable[[Record], float]:
    return lambda record: getattr(record.phases, name) or 0.0


def _first(record: Record) -> float:
    return sum(epoch.train_seconds for epoch in in_order(record)[:1])


def _steady(record: Record) -> float:
    return sum([epoch.train_seconds for epoch in in_order(record)[1:]])


def _validation(record: Record) -> float:
    epochs = sum([epoch.validation_seconds for epoch in record.epochs])
    return epochs + (record.phases.evaluate or 0.0)


def _rest(record: Record) -> float:
    """Building the model, and what `fit` took around its epochs."""
    epochs = sum([e.train_seconds + e.validation_seconds for e in record.epochs])
    return (record.phases.build or 0.0) + max(0.0, (record.phases.fit or 0.0) - epochs)


SLICES: Mapping[str, tuple[Callable[[Record], float], str]] = {
    "start": (_phase("start"), "#4d4d4d"),
    "imports": (_phase("imports"), "#6e6e6e"),
    "data": (_phase("data"), "#8c8c8c"),
    "model and rest": (_rest, "#a6a6a6"),
    "first epoch": (_first, style.ORANGE),
    "further epochs": (_steady, "#bdbdbd"),
    "validation, evaluation": (_validation, "#999999"),
}


TRAINING = ("first epoch", "further epochs")
NOTE = (
    "Median seconds of the repeats that count; a further pass over the input without the model is "
    "in no total. Hatched is emulated; a triangle: every repeat is suspect."
)


def phases(story: Story) -> Figure:
    """A bar a group: the median share of each phase in a run's total."""
    shown = [group for group in story.groups if group.estimate(total_seconds)]
    with style.sheet():
        height = min(60.0, 2.4 + 0.34 * len(shown))
        figure = style.frame(title(story), caption(story, NAME, NOTE), height)
        bars, pipeline = figure.subplots(1, 2, sharey=True, width_ratios=(4.2, 1))
        most = max((sum(slices(group).values()) for group in shown), default=1.0) or 1.0
        for row, group in enumerate(shown):
            _bar(bars, group, row, most)
            _total(bars, group, row, (story.basis(group), most))
            _pipeline(pipeline, group, row)
        _label(bars, story, shown, most)
        pipeline.set_xlabel("input pipeline\nalone, % of a\nsteady epoch")
        pipeline.margins(x=0.3)
        pipeline.grid(visible=False, axis="y")
        pipeline.tick_params(axis="y", left=False)
    return figure


def slices(group: Group) -> dict[str, float]:
    """The median seconds of each slice."""
    return {name: group.median(of) for name, (of, _) in SLICES.items()}


def shares(group: Group) -> dict[str, float]:
    """The part of the total that each slice takes, by the medians; they add up to 1."""
    seconds = slices(group)
    whole = sum(seconds.values()) or 1.0
    return {name: value / whole for name, value in seconds.items()}


def title(story: Story) -> str:
    """The finding: how much of the shortest and the longest job is training at all."""
    own = [g for g in story.own_groups if not g.emulated and g.estimate(total_seconds)]
    if not own:
        return "No measured run on this machine yet"
    trained = [(sum(shares(g)[name] for name in TRAINING), g) for g in own]
    (low, least), (high, most) = (edge(trained, key=lambda one: one[0]) for edge in (min, max))
    places = {story.label(group) for group in own}
    where = {id(g): f" on {story.label(g)}" if len(places) > 1 else "" for g in (least, most)}
    longest = f"Training is {high:.0%} of a run of {drawable(most.task)}{where[id(most)]}"
    if least is most:
        return longest
    return f"{longest}, and {low:.0%} of one of {drawable(least.task)}{where[id(least)]}"


def _bar(axes: Axes, group: Group, row: int, most: float) -> None:
    left = 0.0
    for name, seconds in slices(group).items():
        colour = SLICES[name][1]
        axes.barh(
            row,
            seconds,
            BAR,
            left=left,
            color=colour,
            edgecolor=style.PAPER,
            linewidth=0.6,
            hatch="////" if group.emulated else "",
        )
        if seconds >= INSIDE * most:
            axes.text(
                left + seconds / 2,
                row,
                f"{seconds:.3g}",
                ha="center",
                va="center",
                fontsize=8,
                color=style.INK,
                bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
            )
        left += seconds


def _total(axes: Axes, group: Group, row: int, drawn: tuple[str, float]) -> None:
    """The whole in seconds, behind a triangle where every repeat is suspect."""
    basis, most = drawn
    end = sum(slices(group).values())
    total = group.estimate(total_seconds)
    suspect = basis.startswith("suspect")
    if suspect:
        look = style.LOOKS[basis]
        axes.plot(
            end + 0.022 * most,
            row,
            marker=look.marker,
            color=style.INK,
            markerfacecolor=style.PAPER,
            markersize=5,
            linestyle="none",
        )
    if total is not None:
        spoken = seconds_spoken(total.middle)
        axes.text(
            end + (0.042 if suspect else 0.015) * most, row, spoken, va="center", fontsize=8.5
        )


def _pipeline(axes: Axes, group: Group, row: int) -> None:
    percents = group.values(_pipeline_percent)
    if percents:
        value = median(percents)
        axes.barh(
            row,
            value,
            BAR,
            color=style.GREEN,
            edgecolor=style.PAPER,
            hatch="////" if group.emulated else "",
        )
        axes.annotate(
            f"{value:.0f}",
            (value, row),
            (3, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )


def _pipeline_percent(record: Record) -> float | None:
    steady = steady_epoch_seconds(record)
    return 100 * record.pipeline.seconds / steady if record.pipeline and steady else None


def _label(axes: Axes, story: Story, shown: Sequence[Group], most: float) -> None:
    axes.set_yticks(range(len(shown)), [story.row(group) for group in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(0, 1.17 * most)
    axes.set_xlabel("seconds of a run, from start to graded")
    axes.grid(visible=False, axis="y")
    handles: list[Patch | Line2D] = [
        Patch(color=colour, label=name) for name, (_, colour) in SLICES.items()
    ]
    if any(story.basis(group).startswith("suspect") for group in shown):
        handles.append(style.dot("suspect", style.INK, "every repeat suspect"))
    style.legend_above(axes, handles, handlelength=1.2)
