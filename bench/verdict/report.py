"""All questions about one job, answered together, and the sentence that comes first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bench.verdict.crossing import RequiredSpeedup, TimeCrossing, required_speedup, time_crossing
from bench.verdict.decide import CENT, JobResult, Winner, Workload, job_result
from bench.verdict.decision_map import DecisionMap, decision_map
from bench.verdict.model import Option
from bench.verdict.money import Use
from bench.verdict.options import Scenario, left_out, options_of
from bench.verdict.owning import MoneyCrossing, money_crossing
from bench.verdict.prices import Hourly, Owned, Price
from bench.verdict.sensitivity import TippingPoint, sensitivity
from bench.verdict.statistics import ENOUGH_ROUNDS
from bench.verdict.words import listed, money_spoken, seconds_spoken

DEFAULT_MONTHS = 12.0
DEFAULT_SESSION_START = 120.0
MAP_RUNS = (1.0, 3.0, 10.0, 30.0, 100.0)
MAP_LENGTHS = (1.0, 10.0, 100.0, 1000.0, 10_000.0)
NEEDED_LENGTHS = (1.0, 5.0, 20.0, 100.0, 1000.0, 10_000.0)


@dataclass(frozen=True, kw_only=True)
class JobReport:
    """Every answer for one job; `cautions` are in `verdict`, the first line; `mind` is the next."""

    task: str
    verdict: str
    cautions: tuple[str, ...]
    mind: tuple[str, ...]
    workload: Workload
    session_start: float
    result: JobResult
    times: tuple[TimeCrossing, ...]
    money: tuple[MoneyCrossing, ...]
    required_speedups: tuple[RequiredSpeedup, ...]
    tipping_points: tuple[TippingPoint, ...]
    map: DecisionMap


def job_report(setting: Scenario, workload: Workload) -> JobReport:
    """Answer questions 1 to 6, 8 and 9 for one job."""
    options = options_of(setting)
    local, others = options[0], options[1:]
    job = job_result(options, workload)
    start = setting.wishes.session_start
    start = _default_start(others) if start is None else start
    needed = _needed(local, start, workload.epochs)
    said = cautions(options, workload)
    return JobReport(
        task=setting.job.name,
        verdict=cautioned(_verdict(setting.job.name, job, workload, needed), said),
        cautions=said,
        mind=_mind(options, left_out(setting)),
        workload=workload,
        session_start=start,
        result=job,
        times=tuple(time_crossing(local, other) for other in others),
        money=_money(options, workload),
        required_speedups=needed,
        tipping_points=sensitivity(options, workload),
        map=decision_map(options, workload, MAP_LENGTHS, MAP_RUNS),
    )


def horizon(options: Sequence[Price], months: float | None) -> float:
    """Months to add costs up over: as asked, else the longest life of a purchase, else 12."""
    if months is not None:
        return months
    lives = [p.months for p in options if isinstance(p, Owned) and not p.already_owned]
    return max(lives, default=DEFAULT_MONTHS)


def use_of(setting: Scenario, runs_per_week: float | None, months: float | None) -> Use:
    """The use with its months, which depend on what may be bought."""
    prices = [option.price for option in options_of(setting)]
    return Use(runs_per_week=runs_per_week, months=horizon(prices, months))


def _default_start(others: Sequence[Option]) -> float:
    """The shortest session start among the rented options, else the stated default."""
    starts = [float(o.timing.start[0]) for o in others if o.rented]
    return min(starts, default=DEFAULT_SESSION_START)


def _needed(local: Option, start: float, epochs: float) -> tuple[RequiredSpeedup, ...]:
    lengths = sorted({*NEEDED_LENGTHS, epochs})
    return tuple(required_speedup(local, start, n) for n in lengths)


def _money(options: Sequence[Option], workload: Workload) -> tuple[MoneyCrossing, ...]:
    """Each machine that may be bought against each that may be rented."""
    return tuple(
        money_crossing(own, rent, workload)
        for own in options
        if isinstance(own.price, Owned) and not own.price.already_owned
        for rent in options
        if rent.rented
    )


def _verdict(
    task: str, job: JobResult, workload: Workload, needed: Sequence[RequiredSpeedup]
) -> str:
    """The first line without its cautions: what to do, and how sure that is."""
    text = f"{task}, {workload.epochs:g} epochs: {_advice(job, workload)}"
    if len(job.outcomes) == 1:
        [here] = [n for n in needed if n.epochs == workload.epochs]
        text += f" A cloud machine would save time {_from(here)}."
    return text


def cautioned(text: str, said: Sequence[str]) -> str:
    """A first line with its cautions before the full stop."""
    return f"{text.removesuffix('.')} ({'; '.join(said)})." if said else text


def _advice(job: JobResult, workload: Workload) -> str:
    seconds = {a.option.name: seconds_spoken(a.seconds.middle) for a in job.outcomes}
    costs = {a.option.name: money_spoken(a.cost.middle, job.currency) for a in job.outcomes}
    fast, cheap = job.fastest, job.cheapest
    if fast.name is None or cheap.name is None:
        return (
            f"no option can do it ({'; '.join(f'{a.option.name}: {a.why}' for a in job.outcomes)})."
        )
    both = f"{seconds[fast.name]}, {costs[fast.name]}"
    if len(job.outcomes) == 1:
        return f"nothing but {fast.name} is known ({both})."
    here = fast.name == job.outcomes[0].option.name and not job.pays
    clear = fast.name == cheap.name and not cheap.tied
    if not fast.tied and (clear or here):
        money = "the cheapest" if clear else "nothing saves a cent"
        return f"train on {fast.name}, the fastest and {money} ({both})."
    in_money = _side("money", cheap, costs) if job.pays else "in money nothing saves a cent"
    return f"{_side('time', fast, seconds)}; {in_money}{_saved(job, workload)}."


def _saved(job: JobResult, workload: Workload) -> str:
    """What all jobs together save over here, where it is a cent."""
    if job.saving is None or job.saving < CENT or job.cheapest.tied:
        return ""
    amount = money_spoken(job.saving, job.currency)
    often = workload.use.runs_per_week is not None
    return f", {amount} less than here{f' in {workload.use.months:g} months' if often else ''}"


def _side(what: str, pick: Winner, values: dict[str, str]) -> str:
    assert pick.name is not None
    if pick.tied:
        return f"in {what} too close to call between {listed((pick.name, *pick.tied))}"
    return f"in {what} {pick.name} wins ({values[pick.name]})"


def _from(needed: RequiredSpeedup) -> str:
    if np.isinf(needed.middle):
        return "at no speed, its start alone takes longer"
    return f"from {needed.middle:.3g} times as fast an epoch on"


def cautions(options: Sequence[Option], workload: Workload) -> tuple[str, ...]:
    """What belongs into the first line: which numbers were not measured, and preliminary ones."""
    said = list(_footing(options, workload))
    if any(option.timing.rounds < ENOUGH_ROUNDS for option in options):
        said.append("preliminary: fewer than 6 rounds")
    return tuple(said)


def _footing(options: Sequence[Option], workload: Workload) -> Iterator[str]:
    """Which numbers were not measured."""
    kinds = {origin.basis for option in options for origin in option.origins}
    named = tuple(kind for kind in ("published", "assumed") if kind in kinds)
    yield f"has {listed(named)} numbers in it" if named else "all times measured"
    guessed = tuple(o.name for o in options if o.price.assumed or _guessed_unit(o.price))
    if guessed and "assumed" not in kinds:
        yield f"the price of {listed(guessed)} is assumed"
    if workload.idle_seconds and any(option.rented for option in options):
        yield "the idle minutes are assumed"


def _guessed_unit(price: Price) -> bool:
    return isinstance(price, Hourly) and price.unit_seconds is None


def _mind(options: Sequence[Option], foreign: Sequence[str]) -> tuple[str, ...]:
    """What else to know before believing: suspect repeats, rough estimates, what is left out."""
    said = []
    marks = tuple(sorted({mark for option in options for mark in option.suspects}))
    if marks:
        said.append(f"repeats are suspect ({listed(marks)})")
    said += [
        f"the estimate for {o.name} is rough, {abs(o.model_error):.0%} {'over' if o.model_error > 0 else 'under'} "
        "the total that was measured"
        for o in options
        if not o.fits and _is_measured(o)
    ]
    if foreign:
        said.append(f"{listed(tuple(foreign))} left out: another currency, and none is converted")
    return tuple(said)


def _is_measured(option: Option) -> bool:
    return any(o.basis == "measured" and "epoch" in o.what for o in option.origins)
