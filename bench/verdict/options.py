"""Which options there are for a job: from records, prices, published speeds and assumptions.

Measured environments come first. A price becomes an option where somebody says how fast it is: the
user, or, where no accelerator was measured, `bench.verdict.speed`. What an emulated environment
measured is never anybody's speed unless the user says so.
"""

import re
from dataclasses import dataclass, field, replace
from math import sqrt

from bench.errors import UsageError
from bench.verdict.jobs import MODEL, TrainingJob, measured_option, price_of
from bench.verdict.model import Option, Origin, Timing, exact, measured, model_error, spread
from bench.verdict.prices import Free, Hourly, Owned, Price, Prices, Units
from bench.verdict.request import CATEGORY_KINDS, Request
from bench.verdict.speed import Speedup, Work, speed_of_place
from bench.verdict.statistics import Floats
from bench.verdict.table import Pool
from bench.verdict.work import input_seconds

FACTOR = re.compile(r"(\d+(?:\.\d+)?)x(?:-(\d+(?:\.\d+)?)x)?")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """All that options are made from."""

    job: TrainingJob
    prices: Prices
    request: Request = field(default_factory=Request)


def options_of(scenario: Scenario) -> tuple[Option, ...]:
    """All options of a job, this machine's first. Raises UsageError for names that are none."""
    job, request = scenario.job, scenario.request
    _check_names(scenario)
    found = {job.base.name: job.base}
    for pool in job.pools.values():
        if _counts(pool, scenario):
            option = measured_option(pool, job.pools[job.base.name], scenario.prices)
            found.setdefault(pool.environment, option)
    for name, text in request.assume.items():
        found[name] = _assumed(name, text, scenario)
    for name, price in scenario.prices.items():
        if name not in found and _asks_for(name, scenario):
            speed = speed_of_place(price, work_of(scenario))
            if speed is not None:
                found[name] = _unmeasured(name, speed, scenario)
    missing = [name for name in asked_names(scenario) if name not in found]
    if missing:
        raise UsageError(
            f"nobody says how fast {missing[0]} is: --assume {missing[0]}=9x, or measure it"
        )
    return tuple(_with_memory_obstacle(option, job) for option in found.values())


def work_of(scenario: Scenario) -> Work:
    """What the job is, as far as records or the request know."""
    job = scenario.job
    local = job.pools.get(job.base.name)
    return Work(
        kind=scenario.request.kind or CATEGORY_KINDS.get(job.category),
        epoch_seconds=float(job.base.timing.epoch[0]),
        steps=job.steps,
        processors=local.processors if local else 0,
        input_seconds=input_seconds(local) if local else None,
        strength=job.strength,
    )


def asked_names(scenario: Scenario) -> tuple[str, ...]:
    """The options that were asked for by name, or as the cheapest of a GPU."""
    request = scenario.request
    cheapest = [_cheapest(gpu, scenario.prices) for gpu in request.cheapest]
    return tuple(dict.fromkeys([*request.options, *cheapest]))


def _cheapest(gpu: str, prices: Prices) -> str:
    """The hourly price of that GPU that is lowest, never spot. Raises UsageError without one."""
    hourly = {n: p for n, p in prices.items() if isinstance(p, Hourly) and not p.spot}
    found = {n: p for n, p in hourly.items() if (p.gpu or "").lower() == gpu.lower()}
    if not found:
        known = ", ".join(sorted({p.gpu for p in hourly.values() if p.gpu}))
        raise UsageError(f"--cheapest {gpu}: no hourly price of it is known; there are: {known}")
    return min(found, key=lambda name: (found[name].amount, name))


def left_out(scenario: Scenario) -> tuple[str, ...]:
    """The usual options whose currency is not that of here, and has no stated rate to it."""
    currency = scenario.job.base.price.currency
    asked = asked_names(scenario) or scenario.request.assume
    foreign = [n for n, p in scenario.prices.items() if p.usual and p.currency != currency]
    return () if asked else tuple(foreign)


def session_start(price: Price, request: Request) -> float:
    """From asking for a session to the first steady epoch, until it is measured.

    A start of the job's own that was stated is paid on every machine.
    """
    wait = price.startup_seconds if request.session_start is None else request.session_start
    return wait + (request.own_start_seconds or 0.0)


def _counts(pool: Pool, scenario: Scenario) -> bool:
    """Whether a pool is an option of its own: measured, complete and asked for."""
    names = asked_names(scenario)
    usable = not (pool.emulated or pool.rounds[MODEL].dropna().empty)
    return usable and (pool.environment in names or not names)


def _asks_for(name: str, scenario: Scenario) -> bool:
    """Whether the speed of a place that was not measured is used.

    By itself only where no cloud was measured or assumed and the task is none of the user's; where
    he says its kind or `--published`, for his own too. Never beside an accelerator that was
    measured, unless the place is named.
    """
    request, job, price = scenario.request, scenario.job, scenario.prices[name]
    names = asked_names(scenario)
    local = job.pools.get(job.base.name)
    if local is not None and local.gpu:  # the speeds are those over a processor
        return False
    if name in names:
        return True
    if any(pool.gpu and not pool.emulated for pool in job.pools.values()):
        return False
    same_currency = price.currency == job.base.price.currency
    if isinstance(price, Owned) or not same_currency or names or _of_catalogue(price):
        return False
    clouds = any(pool.rented for pool in job.pools.values())
    silent = not (clouds or request.assume)
    wanted = request.kind is not None or not job.user_task
    return request.published or (silent and price.usual and wanted)


def _of_catalogue(price: Price) -> bool:
    """Whether a catalogue lists it, or it is spot: an option only where it is asked for."""
    return isinstance(price, Hourly) and (price.spot or price.instance is not None)


def _assumed(name: str, text: str, scenario: Scenario) -> Option:
    """An option whose speed the user states: so many times the local one, or an environment's."""
    job = scenario.job
    if (pool := job.pools.get(text) or job.elsewhere.get(text)) is not None:
        return _like(name, text, pool, scenario)
    factors = _factors(name, text, job)
    origin = Origin(
        what="epoch", basis="assumed", text=f"{text} as fast as {job.base.name}, by you"
    )
    return _scaled(name, factors, origin, scenario)


def _like(name: str, place: str, pool: Pool, scenario: Scenario) -> Option:
    """An option as fast as an environment with records; what is rented pays a session's start."""
    price, timing = price_of(name, scenario.prices), measured(pool)
    kind = "emulated there" if pool.emulated else "measured there"
    origins = [Origin(what="epoch", basis="assumed", text=f"as {place}, {kind}; by you")]
    if isinstance(price, Owned) or pool.rented:
        origins.append(Origin(what="start", basis="assumed", text=f"as {place}; by you"))
    else:
        start, origin = _session(price, scenario)
        timing = replace(timing, start=start)
        origins.append(origin)
    return Option(
        name=name,
        price=price,
        timing=timing,
        origins=tuple(origins),
        model_error=model_error(pool),
        suspects=tuple(sorted(pool.suspects)),
    )


def _session(price: Price, scenario: Scenario) -> tuple[Floats, Origin]:
    """The start of a rented machine until one is measured, and that it is assumed."""
    seconds = session_start(price, scenario.request)
    text = f"{seconds:g} s from asking for a session to a steady epoch"
    return exact(seconds), Origin(what="start", basis="assumed", text=text)


def _factors(name: str, text: str, job: TrainingJob) -> tuple[float, float, float]:
    found = FACTOR.fullmatch(text)
    low, high = (float(found[1]), float(found[2] or found[1])) if found else (0.0, 0.0)
    if not 0 < low <= high < 1e6:
        places = (*job.pools, *job.elsewhere)
        known = f" or one of {', '.join(places)}" if places else ""
        raise UsageError(f"--assume {name}={text}: say {name}=9x or {name}=4x-12x{known}")
    return low, sqrt(low * high), high


def _unmeasured(name: str, speed: Speedup, scenario: Scenario) -> Option:
    origin = Origin(what="epoch", basis=speed.basis, text=speed.rests_on)
    return _scaled(name, (speed.low, speed.middle, speed.high), origin, scenario)


def _scaled(
    name: str, factors: tuple[float, float, float], origin: Origin, scenario: Scenario
) -> Option:
    """An epoch so many times as fast as the local one; what is rented pays a session's start."""
    price, local = price_of(name, scenario.prices), scenario.job.base.timing
    low, middle, high = factors
    base = scenario.job.base
    start, started = (
        (local.start, Origin(what="start", basis="assumed", text=f"as {base.name}"))
        if isinstance(price, Owned)
        else _session(price, scenario)
    )
    # the same published range moves all options together, whatever they are called
    times = exact(low) if low == high else spread(low, high, f"{low} {high}", middle)
    timing = Timing(start=start, epoch=local.epoch / times, rounds=local.rounds, ranged=low != high)
    return Option(
        name=name,
        price=price,
        timing=timing,
        origins=(origin, started),
        model_error=base.model_error,
        suspects=base.suspects,
    )


def _with_memory_obstacle(option: Option, job: TrainingJob) -> Option:
    """Colab's memory, as an emulated environment found it, binds where Colab was not measured."""
    is_colab = isinstance(option.price, Units | Free) and option.name not in job.pools
    if job.memory_obstacle is None or not is_colab:
        return option
    return replace(option, obstacle=option.obstacle or job.memory_obstacle)


def _check_names(scenario: Scenario) -> None:
    job, prices, request = scenario.job, scenario.prices, scenario.request
    here = {job.base.name, job.base.price.name} & request.assume.keys()
    if here:
        raise UsageError(
            f"--assume {min(here)}: that is here, and the others are compared with it; name another"
        )
    for name in (*asked_names(scenario), *request.assume):
        if name not in prices and name not in job.pools and name != job.base.name:
            raise UsageError(f"no option is called {name!r}: `certbench prices` lists them")
        if name in job.pools and job.pools[name].emulated and name not in request.assume:
            raise UsageError(
                f"{name} is emulated, its speed is your own processor's: name a real one, "
                f"or say --assume colab-cpu={name}"
            )
