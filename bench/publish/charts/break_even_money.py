"""Dollars against months and against hours a week, for the job that takes longest here."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.publish.captions import caption
from bench.publish.charts import style
from bench.publish.story import Story
from bench.publish.tracks import able, longest, price_footing, spoken_footing
from bench.publish.words import drawable
from bench.verdict.decide import WEEK_HOURS, billed
from bench.verdict.model import Option
from bench.verdict.money import HOUR, WEEKS_A_MONTH, job_cost
from bench.verdict.report import JobReport
from bench.verdict.statistics import Floats
from bench.verdict.words import money_spoken

NAME = "break-even-money"
HOURS_A_WEEK = 5.0
OPTIONS_MOST = 6
MONTHS = np.arange(1, 37)
HOURS = np.geomspace(0.5, WEEK_HOURS, 60)
NOTE = (
    "Every option does the same jobs, counted in hours of training on this machine, each in its "
    "own time. A machine that is owned already costs its electricity. Of rented options the "
    f"{OPTIONS_MOST - 1} cheapest are drawn; a line ends where a quota or the week does. "
    "No currency is converted."
)


def break_even_money(story: Story) -> Figure:
    """Two panels, a line an option; the lines are sums, packs and plans are their steps."""
    with style.sheet():
        if not story.reports:
            return style.frame("No job was measured here yet: no money to compare", "", 2)
        report = longest(story.reports)
        figure = style.frame(title(report, story.today), caption(story, NAME, NOTE), 4.9)
        left, right = figure.subplots(1, 2)
        chosen = options(report)
        colour = style.colours([option.name for option in chosen])
        for option in chosen:
            shape = style.LOOKS[price_footing(option, story.today)].line
            draw = {"color": colour[option.name], "linestyle": shape, "clip_on": False}
            left.plot(MONTHS, by_months(report, option), **draw)
            right.plot(HOURS, by_hours(report, option), **draw)
        _crossings(right, report, chosen)
        _label(left, right, report)
        handles = [
            style.line(
                price_footing(option, story.today), colour[option.name], _named(option, story)
            )
            for option in chosen
        ]
        figure.legend(handles=handles, loc="outside right center")
    return figure


def _named(option: Option, story: Story) -> str:
    return f"{drawable(option.name, 24)}\n({spoken_footing(option, story.today)})"


def options(report: JobReport) -> tuple[Option, ...]:
    """What is owned, and the cheapest of what is rented, at five hours a week."""
    found = [answer.option for answer in able(report)]
    rented = [o for o in found if o.rented]
    sums = {o.name: by_months(report, o)[11] for o in rented}
    rented.sort(key=lambda o: (np.nan_to_num(sums[o.name], nan=np.inf), o.name))
    return tuple([o for o in found if not o.rented] + rented[: OPTIONS_MOST - 1])


def total(report: JobReport, option: Option, hours: Floats, months: float) -> Floats:
    """What all jobs cost over `months`, at `hours` of local training a week; NaN over a quota.

    Every option does the same jobs, each in its own time.
    """
    answers = {answer.option.name: answer.seconds.middle for answer in report.job.answers}
    local, own = answers[report.job.answers[0].option.name], answers[option.name]
    weeks = months * WEEKS_A_MONTH
    jobs = np.asarray(hours * HOUR / local * weeks)
    paid = billed(option, np.asarray(own), report.question)
    cost = job_cost(option.price, paid, jobs, weeks) * jobs
    theirs = hours * paid / local
    quota = min(option.price.hours_per_week or WEEK_HOURS, WEEK_HOURS)
    return np.where(theirs <= quota + 1e-9, cost, np.nan)


def by_months(report: JobReport, option: Option) -> list[float]:
    """The sum after each month at five hours a week."""
    hours = np.array([HOURS_A_WEEK])
    return [float(total(report, option, hours, float(month))[0]) for month in MONTHS]


def by_hours(report: JobReport, option: Option) -> Floats:
    """The sum over the question's months for each number of hours a week."""
    return total(report, option, HOURS, report.question.use.months)


def title(report: JobReport, today: date) -> str:
    """The finding: what a year at five hours a week costs here and at the cheapest rented."""
    months, currency = report.question.use.months, report.job.currency
    hours = np.array([HOURS_A_WEEK])
    sums = {o.name: float(total(report, o, hours, months)[0]) for o in options(report)}
    known = {name: value for name, value in sums.items() if np.isfinite(value)}
    here, others = report.job.answers[0].option, [o for o in options(report) if o.name in known]
    rented = [option for option in others if option.rented]
    head = f"{drawable(report.task)}, {HOURS_A_WEEK:g} h a week for {months:g} months: "
    own = f"{money_spoken(sums.get(here.name, np.inf), currency)} here"
    if not rented:
        return f"{head}{own}; no rented machine has a speed to compare"
    best = min(rented, key=lambda option: known[option.name])
    there = money_spoken(known[best.name], currency)
    return f"{head}{own}, {there} on {drawable(best.name, 24)} ({spoken_footing(best, today)})"


def _crossings(axes: Axes, report: JobReport, chosen: Sequence[Option]) -> None:
    names = {option.name for option in chosen}
    for found in report.money:
        inside = HOURS[0] <= found.hours_per_week <= HOURS[-1]
        if {found.own, found.rent} <= names and inside:
            own = next(option for option in chosen if option.name == found.own)
            hours = np.array([found.hours_per_week])
            cost = float(total(report, own, hours, report.question.use.months)[0])
            axes.plot(found.hours_per_week, cost, marker="o", color=style.INK, zorder=5)
            axes.annotate(
                f"{found.hours_per_week:.3g} h a week", (found.hours_per_week, cost), (6, -12),
                textcoords="offset points", fontsize=8.5,
            )  # fmt: skip


def _label(left: Axes, right: Axes, report: JobReport) -> None:
    currency = report.job.currency
    left.set_xlabel(f"months, at {HOURS_A_WEEK:g} hours a week")
    left.set_ylabel(f"{currency} in all")
    left.set_xticks(range(0, 37, 6))
    right.set_xlabel(f"hours a week, for {report.question.use.months:g} months")
    right.set_xscale("log")
    right.set_xticks([0.5, 1, 3, 10, 30, 168], ["0.5", "1", "3", "10", "30", "168"])
    right.minorticks_off()
    right.set_yscale("symlog", linthresh=1)
    right.set_ylim(bottom=0)
    style.plain(right.yaxis)
    left.set_ylim(bottom=0)
    left.set_xlim(0, MONTHS[-1])
    right.set_xlim(HOURS[0], HOURS[-1])
