"""One job. For each option its seconds and dollars, and the winner of each.

The map asks the same functions for many jobs at once, so a cell cannot disagree with the workload.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.errors import UsageError
from bench.verdict.model import Option, Timing, clearly_less, job_seconds, joint, summary
from bench.verdict.money import HOUR, Use, job_cost
from bench.verdict.request import NEGLIGIBLE_A_MONTH, WEEK_HOURS, check_number
from bench.verdict.statistics import ENOUGH_ROUNDS, Estimate, Floats


@dataclass(frozen=True, kw_only=True)
class Workload:
    """The job and how it is used. `restarts`: a session may end, checkpoints carry the job on.

    `idle_seconds` is how long a rented session lives on unused after each job, `machines` how
    many may be rented at once, `negligible` the sum a month of a difference that decides nothing.
    """

    epochs: float
    use: Use
    deadline_seconds: float | None = None
    restarts: bool = False
    memory_gib: float | None = None
    gpu_memory_gib: float | None = None
    idle_seconds: float = 0.0
    machines: float = 1
    negligible: float = NEGLIGIBLE_A_MONTH

    @property
    def spread_over_weeks(self) -> bool:
        """Whether a long job may wait for another week: restarts, and no stated jobs a week."""
        return self.restarts and not self.use.stated


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One option's seconds and cost of this job; `why` says why it is out of the running."""

    option: Option
    seconds: Estimate
    cost: Estimate
    why: str | None


@dataclass(frozen=True, kw_only=True)
class Winner:
    """The best option, or None where none can do it.

    `tied` are those that cannot be told from it: with any, it is too close to call.
    """

    name: str | None
    tied: tuple[str, ...] = ()
    preliminary: bool = False


@dataclass(frozen=True, kw_only=True)
class JobResult:
    """The answers in the order of the options, and who wins in time and in money.

    For all jobs together, over the first option, which is here: `saving` is what the cheapest
    saves, `most_saving` what any other saves at the most. None where here cannot do the job.
    """

    outcomes: tuple[Outcome, ...]
    fastest: Winner
    cheapest: Winner
    currency: str
    saving: float | None
    most_saving: float | None
    negligible_sum: float

    @property
    def negligible(self) -> bool:
        """Whether no other place saves more than the negligible sum."""
        return self.most_saving is not None and self.most_saving <= self.negligible_sum

    @property
    def advised(self) -> Winner:
        """The cheapest, or here where what any other saves is negligible."""
        return Winner(name=self.outcomes[0].option.name) if self.negligible else self.cheapest


def job_result(options: Sequence[Option], workload: Workload) -> JobResult:
    """Outcome for one job. Raises UsageError for a question or options that make no sense."""
    check(options, workload)
    seconds = {o.name: seconds_of(o, workload.epochs, workload) for o in options}
    costs = {o.name: _cost(o, seconds[o.name], workload) for o in options}
    whys = {o.name: obstacle(o, seconds[o.name], workload) for o in options}
    until = {o.name: elapsed(o, seconds[o.name], workload) for o in options}
    able = [option for option in options if whys[option.name] is None]
    here = costs[options[0].name] if options[0] in able else None
    cheapest = pick(able, costs)
    return JobResult(
        outcomes=tuple(
            Outcome(
                option=o,
                seconds=summary(until[o.name], o.timing),
                cost=summary(costs[o.name], o.timing),
                why=whys[o.name],
            )
            for o in options
        ),
        fastest=pick(able, until),
        cheapest=cheapest,
        currency=options[0].price.currency,
        saving=None
        if here is None or cheapest.name is None
        else float(here[0] - costs[cheapest.name][0]) * workload.use.jobs,
        negligible_sum=negligible_sum(workload),
        most_saving=None if here is None else _most_saving(here, able, costs, workload.use.jobs),
    )


def _most_saving(
    here: Floats, able: Sequence[Option], costs: Mapping[str, Floats], jobs: float
) -> float:
    """What going elsewhere saves at the most, over all jobs: the greatest cost here less the least.

    Ends of all resamples and no interval: the map asks the same of its bands.
    """
    least = min(float(costs[option.name].min()) for option in able)
    return (float(here.max()) - least) * jobs


def check(options: Sequence[Option], workload: Workload) -> None:
    """Raise UsageError for options that cannot be compared and jobs that cannot be."""
    if not options:
        raise UsageError("no option to decide between: name one with --option")
    names = [option.name for option in options]
    if len(set(names)) < len(names):
        raise UsageError(f"an option is named twice: {', '.join(names)}")
    currencies = sorted({option.price.currency for option in options})
    if len(currencies) > 1:
        raise UsageError(
            f"prices are in {' and '.join(currencies)} and none is converted: choose options of "
            "one currency, or set [local] in that of the others with --prices my.toml"
        )
    check_numbers(workload)


def check_numbers(workload: Workload) -> None:
    """Raise UsageError for numbers that are no job."""
    epochs = workload.epochs
    check_number("epochs", np.ceil(epochs) if epochs >= 1 else epochs, f"{epochs:g}")
    check_number("jobs_per_week", workload.use.runs_per_week)
    check_number("months", workload.use.months)
    check_number("deadline_seconds", workload.deadline_seconds)
    check_number("idle_seconds", workload.idle_seconds)


def negligible_sum(workload: Workload) -> float:
    """The negligible sum over all months; of a single job that of one month."""
    once = workload.use.runs_per_week is None
    return workload.negligible * (1.0 if once else workload.use.months)


def seconds_of(option: Option, epochs: Floats | float, workload: Workload) -> Floats:
    """Seconds in which the machine works on the job, cut into sessions where restarts are allowed.

    It is what is paid for, and what counts against a quota.
    """
    cap = option.price.session_hours
    cut = cap * HOUR if cap is not None and workload.restarts else None
    return job_seconds(option.timing, epochs, cut)


def elapsed(option: Option, seconds: Floats, workload: Workload) -> Floats:
    """Seconds until a job of so many is done: a quota spreads a long one over weeks."""
    quota = option.price.hours_per_week
    if quota is None or not workload.spread_over_weeks:
        return seconds
    full = np.maximum(np.ceil(seconds / (quota * HOUR)) - 1, 0.0)
    return np.asarray(seconds + full * (WEEK_HOURS - quota) * HOUR)


def billed(option: Option, seconds: Floats, workload: Workload) -> Floats:
    """Seconds that count against money and quota: of a rented session also those left idle.

    Nobody waits for them, and an idle limit ends them.
    """
    if not option.rented:
        return seconds
    limit = option.price.idle_minutes
    most = np.inf if limit is None else limit * 60
    return seconds + min(workload.idle_seconds, most)


def _cost(option: Option, seconds: Floats, workload: Workload) -> Floats:
    use = workload.use
    return job_cost(option.price, billed(option, seconds, workload), use.jobs, use.weeks)


@dataclass(frozen=True, kw_only=True)
class _Load:
    """Seconds of an option's jobs at so many runs a week; both are arrays that broadcast."""

    option: Option
    workload: Workload
    seconds: Floats
    runs: Floats

    @property
    def hours_a_week(self) -> Floats:
        """Hours that count against a quota in a week; a single job is one a week."""
        seconds = billed(self.option, self.seconds, self.workload)
        return np.asarray(seconds / HOUR * self.runs)


def _over_session(load: _Load) -> Floats:
    cap = load.option.price.session_hours
    free = cap is None or load.workload.restarts
    return np.asarray(load.seconds > (np.inf if free or cap is None else cap * HOUR))


def _misses_deadline(load: _Load) -> Floats:
    until = elapsed(load.option, load.seconds, load.workload)
    return np.asarray(until > (load.workload.deadline_seconds or np.inf))


def _over_quota(load: _Load) -> Floats:
    """Over what a week has of it, where the jobs cannot wait for another week's."""
    if load.workload.spread_over_weeks:
        return np.zeros(np.shape(load.hours_a_week), dtype=bool)
    return np.asarray(load.hours_a_week > (load.option.price.hours_per_week or np.inf))


def _over_week(load: _Load) -> Floats:
    if load.workload.use.runs_per_week is None or load.workload.spread_over_weeks:
        return np.zeros(np.shape(load.hours_a_week), dtype=bool)
    machines = load.workload.machines if load.option.rented else 1
    return np.asarray(load.hours_a_week > WEEK_HOURS * machines)


LIMITS: Mapping[str, Callable[[_Load], Floats]] = {
    "over the session cap (say --restarts if checkpoints carry it on)": _over_session,
    "not one epoch fits into a session": lambda load: ~np.isfinite(load.seconds),
    "misses the deadline": _misses_deadline,
    "over the weekly quota": _over_quota,
    "more hours than a week has": _over_week,
}


def obstacle(option: Option, seconds: Floats, workload: Workload) -> str | None:
    """Why the option cannot do the job, by its middle; None where it can."""
    if memory := short_of_memory(option, workload):
        return memory
    runs = np.asarray(workload.use.runs_per_week or 1.0)
    load = _Load(option=option, workload=workload, seconds=np.asarray(seconds[0]), runs=runs)
    return next((why for why, over in LIMITS.items() if over(load)), None)


def cannot(option: Option, seconds: Floats, workload: Workload, runs: Floats) -> NDArray[np.bool_]:
    """Where it cannot do jobs of so many seconds so many times a week; both broadcast."""
    asked = replace(workload, use=Use(runs_per_week=1.0, months=workload.use.months))
    load = _Load(option=option, workload=asked, seconds=seconds, runs=runs)
    shape = np.broadcast_shapes(np.shape(seconds), np.shape(runs))
    out = np.full(shape, short_of_memory(option, workload) is not None)
    for over in LIMITS.values():
        out |= over(load)
    return out


def short_of_memory(option: Option, workload: Workload) -> str | None:
    """Why it cannot run there at all, however long it takes."""
    if option.obstacle is not None:
        return option.obstacle
    for what, needs, has in (
        ("memory", workload.memory_gib, option.price.memory_gib),
        ("GPU memory", workload.gpu_memory_gib, option.price.gpu_memory_gib),
    ):
        if has is not None and needs is not None and needs > has:
            return f"needs {needs:.1f} GiB of {what}, has {has:g}"
    return None


def pick(options: Sequence[Option], samples: Mapping[str, Floats]) -> Winner:
    """The option with the least middle, and those that are not clearly more."""
    if not options:
        return Winner(name=None)
    best = min(options, key=lambda option: float(samples[option.name][0]))
    others = [option for option in options if option is not best]
    pairs: list[tuple[Option, Timing]] = [(o, joint((best.timing, o.timing))) for o in others]
    tied = [
        o.name
        for o, weakest in pairs
        if not clearly_less(samples[best.name], samples[o.name], weakest)
    ]
    return Winner(
        name=best.name,
        tied=tuple(tied),
        preliminary=any(weakest.rounds < ENOUGH_ROUNDS for _, weakest in pairs),
    )
