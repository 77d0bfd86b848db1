"""All details of one job: every option, crossing, tipping point and the map."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.verdict.crossing import (
    RequiredSpeedup,
    TimeCrossing,
    required_speedup,
    time_crossing,
)
from bench.verdict.decide import JobResult, Workload, job_result
from bench.verdict.decision_map import DecisionMap, decision_map
from bench.verdict.model import Option
from bench.verdict.money import HOUR, Use
from bench.verdict.options import Scenario, options_of
from bench.verdict.owning import MoneyCrossing, money_crossing
from bench.verdict.prices import Owned, Price
from bench.verdict.request import DEFAULT_JOBS_PER_WEEK, DEFAULT_MONTHS, WEEK_HOURS
from bench.verdict.sensitivity import TippingPoint, sensitivity

DEFAULT_SESSION_START = 120.0
MAP_RUNS = (1.0, 3.0, 10.0, 30.0, 100.0)
MAP_LENGTHS = (1.0, 10.0, 100.0, 1000.0, 10_000.0)
NEEDED_LENGTHS = (1.0, 5.0, 20.0, 100.0, 1000.0, 10_000.0)


@dataclass(frozen=True, kw_only=True)
class JobReport:
    """Every detail of one job; `session_start` is that of `required_speedups`, in seconds."""

    task: str
    workload: Workload
    session_start: float
    result: JobResult
    times: tuple[TimeCrossing, ...]
    money: tuple[MoneyCrossing, ...]
    required_speedups: tuple[RequiredSpeedup, ...]
    tipping_points: tuple[TippingPoint, ...]
    map: DecisionMap


def job_report(scenario: Scenario, workload: Workload) -> JobReport:
    """Every detail of one job."""
    options = options_of(scenario)
    local, others = options[0], options[1:]
    start = scenario.request.session_start
    start = _default_start(others) if start is None else start
    return JobReport(
        task=scenario.job.name,
        workload=workload,
        session_start=start,
        result=job_result(options, workload),
        times=tuple(time_crossing(local, other) for other in others),
        money=_money(options, workload),
        required_speedups=_needed(local, start, workload.epochs),
        tipping_points=sensitivity(options, workload),
        map=decision_map(options, workload, MAP_LENGTHS, MAP_RUNS),
    )


def workload_of(scenario: Scenario) -> Workload:
    """The job and its use as they were asked for, with the defaults that depend on its options."""
    request, job = scenario.request, scenario.job
    epochs = float(job.epochs or 1) if request.epochs is None else request.epochs
    options = options_of(scenario)
    timing = options[0].timing
    hours = float(timing.start[0] + epochs * timing.epoch[0]) / HOUR
    return Workload(
        epochs=epochs,
        use=_use(scenario, hours, [option.price for option in options]),
        deadline_seconds=request.deadline_seconds,
        restarts=request.restarts,
        memory_gib=job.memory_gib,
        gpu_memory_gib=job.gpu_memory_gib,
        idle_seconds=request.idle_seconds,
        machines=request.machines,
        negligible=request.negligible,
    )


def _use(scenario: Scenario, hours: float, prices: Sequence[Price]) -> Use:
    """As often as was said; else five jobs a week, or as many as a week here can hold."""
    request = scenario.request
    runs, stated = request.jobs_per_week, True
    if request.hours_per_week is not None:
        runs = request.hours_per_week / hours
    elif runs is None:
        runs, stated = min(DEFAULT_JOBS_PER_WEEK, WEEK_HOURS / hours * (1 - 1e-9)), False
    return Use(runs_per_week=runs, months=horizon(prices, request.months), stated=stated)


def horizon(options: Sequence[Price], months: float | None) -> float:
    """Months to add costs up over: as asked, else the longest life of a purchase, else 12."""
    if months is not None:
        return months
    lives = [p.months for p in options if isinstance(p, Owned) and not p.already_owned]
    return max(lives, default=DEFAULT_MONTHS)


def _default_start(others: Sequence[Option]) -> float:
    """The shortest session start among the rented options, else the stated default."""
    starts = [float(o.timing.start[0]) for o in others if o.rented]
    return min(starts, default=DEFAULT_SESSION_START)


def _needed(local: Option, start: float, epochs: float) -> tuple[RequiredSpeedup, ...]:
    lengths = sorted({*NEEDED_LENGTHS, epochs})
    return tuple(required_speedup(local, start, n) for n in lengths)


def _money(options: Sequence[Option], workload: Workload) -> tuple[MoneyCrossing, ...]:
    """Each machine that may be bought against this one and each that may be rented."""
    here = options[0]
    return tuple(
        money_crossing(own, other, here, workload)
        for own in options
        if isinstance(own.price, Owned) and not own.price.already_owned
        for other in options
        if other.rented or other is here
    )
