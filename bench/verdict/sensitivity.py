"""Sensitivity: which input, moved by 20 % either way, turns the verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import msgspec

from bench.verdict.decide import JobResult, Winner, Workload, job_result
from bench.verdict.model import Option
from bench.verdict.money import Use
from bench.verdict.prices import Free, Hourly, Monthly, Owned, Price, Units
from bench.verdict.request import MOST_EPOCHS

MOVES = (0.8, 1.2)
# which figures of a price decide, by kind; those that are not stated or 0 are not moved
LIMITS = ("session_hours", "hours_per_week")
FIGURES: dict[type[Price], tuple[str, ...]] = {
    Hourly: ("amount", "minimum_seconds", *LIMITS),
    Units: ("amount", "units_per_hour", "plan_amount", "plan_units", "expiry_days", *LIMITS),
    Owned: (
        "amount",
        "resale",
        "share",
        "tariff",
        "watts_load",
        "watts_idle",
        "idle_hours_per_week",
    ),
    Monthly: ("amount", *LIMITS),
    Free: LIMITS,
}


@dataclass(frozen=True, kw_only=True)
class TippingPoint:
    """An input whose move by `factor` gives another verdict, and which."""

    what: str
    factor: float
    fastest: Winner
    cheapest: Winner


Variation = tuple[str, Sequence[Option], Workload]


def sensitivity(options: Sequence[Option], workload: Workload) -> tuple[TippingPoint, ...]:
    """Every input that turns the verdict; none is the best news."""
    before = _names(job_result(options, workload))
    tipping_points = []
    for factor in MOVES:
        for what, moved, asked in _moves(options, workload, factor):
            after = job_result(moved, asked)
            if _names(after) != before:
                turn = TippingPoint(
                    what=what, factor=factor, fastest=after.fastest, cheapest=after.advised
                )
                tipping_points.append(turn)
    return tuple(sorted(tipping_points, key=lambda turn: (turn.what, turn.factor)))


def _names(job: JobResult) -> tuple[object, ...]:
    """What counts as the verdict: each winner, if there is one."""
    return tuple(None if pick.tied else pick.name for pick in (job.fastest, job.advised))


def _moves(options: Sequence[Option], workload: Workload, factor: float) -> Iterator[Variation]:
    if 1 <= workload.epochs * factor <= MOST_EPOCHS:
        yield "epochs", options, replace(workload, epochs=workload.epochs * factor)
    use = workload.use
    if use.runs_per_week is not None:
        often = Use(runs_per_week=use.runs_per_week * factor, months=use.months)
        yield "runs a week", options, replace(workload, use=often)
        longer = Use(runs_per_week=use.runs_per_week, months=use.months * factor)
        yield "months", options, replace(workload, use=longer)
    for name in ("deadline_seconds", "idle_seconds"):
        if value := getattr(workload, name):
            what = name.removesuffix("_seconds")
            yield what, options, replace(workload, **{name: value * factor})
    for place, option in enumerate(options):
        for what, moved in _moved(option, factor):
            changed = [*options[:place], moved, *options[place + 1 :]]
            yield f"{option.name}: {what}", changed, workload


def _moved(option: Option, factor: float) -> Iterator[tuple[str, Option]]:
    for name in ("epoch", "start"):
        samples = getattr(option.timing, name) * factor
        yield f"{name} seconds", replace(option, timing=replace(option.timing, **{name: samples}))
    for name in FIGURES[type(option.price)]:
        value = getattr(option.price, name)
        if value:
            more = value * (Decimal(str(factor)) if isinstance(value, Decimal) else factor)
            price = msgspec.structs.replace(option.price, **{name: more})
            yield name.replace("_", " "), replace(option, price=price)
