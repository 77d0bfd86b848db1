"""The answer's tables, a row each: the terminal prints the very rows that the page shows.

Names are cut to a line here; what else a stranger may have written is made harmless where it is
shown. A column's name is its heading. Missing is None.
"""

import math
from collections.abc import Callable, Sequence
from datetime import date

from bench.evidence.strangers import name
from bench.evidence.words import between, money_spoken, seconds_spoken
from bench.verdict.decide import Outcome, Winner
from bench.verdict.model import interval_of
from bench.verdict.money import hourly_amount, least_spend
from bench.verdict.prices import Price, Units, is_stale, spoken
from bench.verdict.report import JobReport
from bench.verdict.sentences import cheapest, rented_from, times_spoken
from bench.verdict.statistics import Estimate

Row = dict[str, object]


def task_row(report: JobReport) -> Row:
    """A task: its time here, who wins in time and in money, and what a cloud must do."""
    here = report.result.outcomes[0]
    rough = "" if here.option.fits else ", rough"
    return {
        "task": name(report.task),
        "epochs": report.workload.epochs,
        "time here": with_ends(here.seconds, seconds_spoken) + rough,
        "interval": interval_of(here.option.timing),
        "fastest": winner_spoken(report.result.fastest),
        "cheapest": winner_spoken(cheapest(report)),
        "rented is faster": rented_from(report),
    }


def option_rows(report: JobReport) -> list[Row]:
    """An option of one job: its time and money, what they rest on, and what speaks against it."""
    return [_option_row(outcome, report.result.currency) for outcome in report.result.outcomes]


def _option_row(outcome: Outcome, currency: str) -> Row:
    option = outcome.option
    rough = "" if option.fits else "rough: the time model misses its total"
    pack = "buys whole packs" if isinstance(option.price, Units) else ""
    return {
        "option": name(option.name),
        "time": with_ends(outcome.seconds, seconds_spoken),
        "money a job": with_ends(outcome.cost, lambda amount: money_spoken(amount, currency)),
        "interval": interval_of(option.timing),
        "speed": ", ".join(dict.fromkeys(origin.basis for origin in option.origins)),
        "price": _price_basis(option.price),
        "but": outcome.why or ", ".join(filter(None, (rough, pack))) or None,
    }


def with_ends(found: Estimate, spoken_as: Callable[[float], str]) -> str:
    """A middle with its bounds; alone where they read the same."""
    middle, low, high = map(spoken_as, (found.middle, found.low, found.high))
    return middle if middle == low == high else f"{middle} ({between(low, high)})"


def winner_spoken(found: Winner) -> str:
    """A winner, or those it cannot be told from."""
    if found.name is None:
        return "none can"
    if found.tied:
        return f"too close: {', '.join(map(name, (found.name, *found.tied)))}"
    return f"{name(found.name)}{' (preliminary)' if found.preliminary else ''}"


def tipping_lines(report: JobReport) -> list[str]:
    """Which input, moved by a fifth, changes who wins."""
    lines = [
        f"20 % {'more' if point.factor > 1 else 'less'} {point.what} tips it: fastest "
        f"{winner_spoken(point.fastest)}, cheapest {winner_spoken(point.cheapest)}."
        for point in report.tipping_points
    ]
    return lines or ["No input, moved by 20 %, tips it."]


def speedup_rows(report: JobReport) -> list[Row]:
    """By length of the job: how many times as fast an epoch elsewhere has to be."""
    return [
        {
            "epochs": needed.epochs,
            "saves time": times_spoken(needed.middle),
            "range": between(_factor(needed.low), _factor(needed.high)),
        }
        for needed in report.required_speedups
    ]


def _factor(factor: float) -> str:
    return "no speed" if math.isinf(factor) else f"{factor:.3g}"


def map_rows(report: JobReport) -> list[Row]:
    """By length of the job and jobs a week: the option that is advised; `?` is too close."""
    grid = report.map
    return [
        {"epochs": epochs}
        | {
            f"{runs:g} a week": _map_cell(int(grid.advised[i, j]), grid.options)
            + (" ?" if grid.doubtful[i, j] else "")
            for j, runs in enumerate(grid.runs_per_week)
        }
        for i, epochs in enumerate(grid.epochs)
    ]


def _map_cell(advised: int, options: Sequence[str]) -> str:
    return name(options[advised]) if advised >= 0 else "none can"


def origin_lines(reports: Sequence[JobReport], today: date) -> list[str]:
    """Where each number comes from: a line a source, with all that it speaks of."""
    owners: dict[str, dict[str, None]] = {}
    for report in reports:
        task = f" ({name(report.task)})" if len(reports) > 1 else ""
        for option in (outcome.option for outcome in report.result.outcomes):
            for origin in option.origins:
                own = task if origin.basis == "measured" else ""
                text = f"{origin.what} {origin.basis}, {origin.text}"
                owners.setdefault(text, {})[name(option.name) + own] = None
            owners.setdefault(_price_line(option.price, today), {})[name(option.name)] = None
    return [f"{', '.join(names)}: {text}." for text, names in owners.items()]


def _price_line(price: Price, today: date) -> str:
    seen = f"seen {price.seen}{_stale(price, today)}"
    return f"price {_price_basis(price)}, {spoken(price)}; {price.source}; {seen}"


def _price_basis(price: Price) -> str:
    return "assumed" if price.assumed else "published"


def _stale(price: Price, today: date) -> str:
    return ", stale" if is_stale(price, today) else ""


def price_row(price: Price, today: date) -> Row:
    """A price by name: what an hour comes to, the least that is paid at once, and whose it is.

    An hour is None of a flat price; a unit of a pack counts at its share of the pack, and of what
    is owned the electricity alone.
    """
    return {
        "name": name(price.name),
        "GPU": price.gpu,
        "an hour": hourly_amount(price),
        "least": round(least_spend(price), 2),
        "in": price.currency,
        "what is paid": spoken(price),
        "billing": price.billing,
        "where": price.region,
        "basis": _price_basis(price),
        "seen": f"{price.seen:%Y-%m}{_stale(price, today)}",
        "source": price.source,
    }
