"""What a month costs at each option, and from how many hours a week another costs less.

For the job that takes longest here; the sums are those of `bench.verdict.spending`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.evidence.strangers import drawable
from bench.evidence.words import money_spoken, significant
from bench.publish.captions import caption
from bench.publish.charts import style
from bench.publish.charts.legend import option_colours
from bench.publish.story import Story
from bench.publish.tracks import able, longest, price_basis, speed_look, spoken_basis
from bench.verdict.model import Option
from bench.verdict.report import JobReport
from bench.verdict.request import WEEK_HOURS
from bench.verdict.spending import alone, spent
from bench.verdict.statistics import Floats

NAME = "cost"
HOURS_A_WEEK = 5.0
OPTIONS_MOST = 6
MONTHS = np.arange(1.0, 37.0)
HOURS = np.geomspace(0.5, WEEK_HOURS, 240)
HALVINGS = 40
NOTES_MOST = 3
BARS_MOST = 10
NOTE = "Each option does the same jobs, in its own time; dots: lines cross; triangles: suspect."


def cost(story: Story) -> Figure:
    """Labelled bars of a month, and below them all jobs' sums by hours a week, with crossings."""
    with style.sheet():
        if not story.reports:
            return style.frame("No job was measured here yet: no money to compare", "", 2)
        report = longest(story.reports)
        chosen = options(report)
        _, by_hours = panels_of(report)
        crossed = crossings(by_hours, chosen)
        bars = months_of(report)[:BARS_MOST]
        finding = title(report, story.today) + ("" if crossed else "; no two lines cross")
        height = 5.0 + 0.3 * len(bars)
        figure = style.frame(finding, caption(story, NAME, NOTE), height)
        upper, lower = figure.subplots(2, 1, height_ratios=(0.3 * len(bars) + 0.5, 3.4))
        colour = option_colours(story)
        _bars(upper, bars, colour, report)
        looks = {option.name: _look(story, report, option) for option in chosen}
        for option in chosen:
            draw = style.stroke(looks[option.name], colour[option.name], len(by_hours.places))
            shape = {"linestyle": style.LOOKS[price_basis(option, story.today)].line}
            sums = by_hours.sums(option)
            lower.plot(by_hours.places, sums, clip_on=False, **{**draw, **shape})
        _scale(lower, report)
        _across(lower, by_hours)
        _mark(lower, by_hours, crossed)
        handles = [
            style.line(looks[o.name], colour[o.name], _named(story, report, o)) for o in chosen
        ]
        for handle, option in zip(handles, chosen, strict=True):
            handle.set_linestyle(style.LOOKS[price_basis(option, story.today)].line)
        figure.legend(handles=handles, loc="outside right center")
    return figure


def months_of(report: JobReport) -> list[tuple[str, float, str | None]]:
    """Of each option what a month costs at the asked use, or why it cannot; the least first."""
    use = report.workload.use
    months = use.months if use.runs_per_week is not None else 1.0
    found = [
        (o.option.name, o.cost.middle * use.jobs / months, o.why) for o in report.result.outcomes
    ]
    return sorted(found, key=lambda bar: (bar[2] is not None, bar[1], bar[0]))


def _bars(
    axes: Axes,
    bars: Sequence[tuple[str, float, str | None]],
    colour: Mapping[str, str],
    report: JobReport,
) -> None:
    """A bar an option with its sum behind it; what cannot do the job says so in place of one."""
    most = max((sum_ for _, sum_, why in bars if why is None), default=1.0) or 1.0
    for row, (name, amount, why) in enumerate(bars):
        shown = 0.0 if why else amount
        axes.barh(row, shown, 0.7, color=colour.get(name, style.GREY))
        text = drawable(why, 60) if why else money_spoken(amount, report.result.currency)
        axes.text(shown + most * 0.01, row, text, va="center", fontsize=8.5)
    axes.set_yticks(range(len(bars)), [drawable(name, 24) for name, _, _ in bars])
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.set_xlim(0, most * 1.3)
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    axes.set_title("a month costs")


def _look(story: Story, report: JobReport, option: Option) -> str:
    """The line says where the price comes from, triangles on it that the speed is suspect."""
    suspect = speed_look(story, report, option) == "suspect"
    return "suspect" if suspect else price_basis(option, story.today)


def _named(story: Story, report: JobReport, option: Option) -> str:
    speed = speed_look(story, report, option)
    said = "measured, suspect" if speed == "suspect" else speed
    price = price_basis(option, story.today)
    return f"{drawable(option.name, 24)}\n(speed {said},\nprice {price})"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """What is drawn in one panel: sums at `places`; `cost` of an option at one of them."""

    places: Floats
    cost: Callable[[Option, float], float]
    label: str
    unit: str
    logarithmic: bool

    def sums(self, option: Option) -> Floats:
        """The line of an option; NaN where it cannot."""
        return np.array([self.cost(option, float(place)) for place in self.places])


def panels_of(report: JobReport) -> tuple[Panel, Panel]:
    """Over months at five hours a week, and over hours a week for the question's months."""
    months = report.workload.use.months

    def by_month(option: Option, month: float) -> float:
        return float(total(report, option, np.array([HOURS_A_WEEK]), month)[0])

    def by_hour(option: Option, hours: float) -> float:
        return float(total(report, option, np.array([hours]), months)[0])

    return (
        Panel(
            places=MONTHS,
            cost=by_month,
            unit="months",
            logarithmic=False,
            label=f"months, at {HOURS_A_WEEK:g} hours a week",
        ),
        Panel(
            places=HOURS,
            cost=by_hour,
            unit="h a week",
            logarithmic=True,
            label=f"hours of training a week on this machine; sums of {months:g} months",
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """Two lines cross at `place`, at `cost`; `less` costs less from there on."""

    less: str
    more: str
    place: float
    cost: float


def crossings(panel: Panel, chosen: Sequence[Option]) -> tuple[Crossing, ...]:
    """Every change of sign between two of the lines, found by halving."""
    return tuple(
        _between(panel, (one, other), place)
        for one, other in combinations(chosen, 2)
        for place in _changes(panel.sums(one) - panel.sums(other))
    )


def _changes(difference: Floats) -> list[int]:
    """Before which places the sign changes; lines that only touch do not cross."""
    known = [(i, sign) for i, sign in enumerate(np.sign(difference)) if sign in (-1, 1)]
    return [after for (_, a), (after, b) in pairwise(known) if a != b]


def _between(panel: Panel, pair: tuple[Option, Option], after: int) -> Crossing:
    one, other = pair
    low, high = float(panel.places[after - 1]), float(panel.places[after])
    leads = panel.cost(one, high) < panel.cost(other, high)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        won = (panel.cost(one, middle) < panel.cost(other, middle)) == leads
        low, high = (low, middle) if won else (middle, high)
    less, more = (one, other) if leads else (other, one)
    return Crossing(less=less.name, more=more.name, place=high, cost=panel.cost(less, high))


def options(report: JobReport) -> tuple[Option, ...]:
    """What is owned, and the cheapest of what is rented, at five hours a week."""
    found = [answer.option for answer in able(report)]
    rented = [o for o in found if o.rented]
    by_month, _ = panels_of(report)
    sums = {o.name: by_month.cost(o, 12.0) for o in rented}
    rented.sort(key=lambda o: (np.nan_to_num(sums[o.name], nan=np.inf), o.name))
    return tuple([o for o in found if not o.rented] + rented[: OPTIONS_MOST - 1])


def total(report: JobReport, option: Option, hours: Floats, months: float) -> Floats:
    """What all jobs cost over `months`, at `hours` of local training a week; NaN over a quota.

    Every option does the same jobs, each in its own time.
    """
    here = report.result.outcomes[0].option
    sums = spent(alone(option), alone(here), report.workload, hours, months)
    return np.where(np.isinf(sums), np.nan, sums)


def title(report: JobReport, today: date) -> str:
    """The finding: what a month of the asked jobs costs here and at the cheapest rented."""
    bars = {name: amount for name, amount, why in months_of(report) if why is None}
    currency, jobs = report.result.currency, report.workload.use.runs_per_week or 1.0
    here = report.result.outcomes[0].option
    rented = [o.option for o in report.result.outcomes if o.option.rented and o.option.name in bars]
    head = f"A month of {drawable(report.task, 24)} at {significant(jobs, 2)} jobs a week: "
    own = f"{money_spoken(bars.get(here.name, np.inf), currency)} here"
    if not rented:
        return f"{head}{own}; no rented machine has a speed to compare"
    best = min(rented, key=lambda option: bars[option.name])
    there = money_spoken(bars[best.name], currency)
    return f"{head}{own}, {there} on {drawable(best.name, 24)} ({spoken_basis(best, today)})"


def _mark(axes: Axes, panel: Panel, crossed: Sequence[Crossing]) -> None:
    """A dot each, and in words from where on which of two costs less at last."""
    for one in crossed:
        axes.plot(one.place, one.cost, "o", color=style.INK, markersize=5, zorder=5)
    last = {frozenset((one.less, one.more)): one for one in crossed}
    said = [
        f"{drawable(one.less, 14)} under {drawable(one.more, 14)} from {one.place:.3g} {panel.unit}"
        for one in list(last.values())[:NOTES_MOST]
    ]
    more = len(last) - len(said)
    if said:
        text = "\n".join([*said, f"and {more} more"] if more else said)
        low, high = axes.get_ylim()
        axes.set_ylim(low, high * 6 ** (text.count("\n") + 1))
        style.note(axes, text)


def _scale(axes: Axes, report: JobReport) -> None:
    """Logarithmic above 1, so that one dear option hides no other; 0 is a line above the axis."""
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylim(bottom=-0.25)
    axes.set_ylabel(f"{report.result.currency} in all, logarithmic above 1")
    highest = int(np.log10(max(1.0, axes.get_ylim()[1])))
    axes.set_yticks([0, *(10.0**power for power in range(highest + 1))])
    style.plain(axes.yaxis)


def _across(axes: Axes, panel: Panel) -> None:
    axes.set_xlabel(panel.label)
    if panel.logarithmic:
        axes.set_xscale("log")
        axes.set_xticks([0.5, 1, 3, 10, 30, 168], ["0.5", "1", "3", "10", "30", "168"])
        axes.minorticks_off()
        axes.set_xlim(panel.places[0], panel.places[-1])
    else:
        axes.set_xticks(range(0, 37, 6))
        axes.set_xlim(0, panel.places[-1])
