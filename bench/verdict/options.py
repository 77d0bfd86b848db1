"""Which options there are for a job: from records, prices, published speeds and assumptions.

Measured environments come first. A price becomes an option where somebody says how fast it is: the
user, or, on request or where no cloud was measured, a published range. What an emulated
environment measured is never anybody's speed unless the user says so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bench.errors import UsageError
from bench.verdict.jobs import MODEL, TrainingJob, measured_option, price_of
from bench.verdict.model import Option, Origin, Timing, exact, measured, model_error, spread
from bench.verdict.prices import Free, Owned, Price, Prices, Units
from bench.verdict.published import Speed, over, speed_of
from bench.verdict.statistics import Floats
from bench.verdict.table import Pool

FACTOR = re.compile(r"(\d+(?:\.\d+)?)x(?:-(\d+(?:\.\d+)?)x)?")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the user asked for beside the job itself.

    `assume` maps an option's name to `9x`, `4x-12x` or the name of an environment with records, one
    of another machine as MACHINE:ENVIRONMENT.
    """

    names: tuple[str, ...] = ()
    assume: Mapping[str, str] = field(default_factory=dict)
    session_start: float | None = None
    published: bool = False
    local: str | None = None


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """All that options are made from."""

    job: TrainingJob
    prices: Prices
    speeds: tuple[Speed, ...] = ()
    wishes: Wishes = field(default_factory=Wishes)


def options_of(setting: Scenario) -> tuple[Option, ...]:
    """All options of a job, the local one first. Raises UsageError for names that are none."""
    job, wishes = setting.job, setting.wishes
    _check_names(setting)
    found = {job.base.name: job.base}
    for pool in job.pools.values():
        if _counts(pool, setting):
            option = measured_option(pool, job.pools[job.base.name], setting.prices)
            found.setdefault(pool.environment, option)
    for name, text in wishes.assume.items():
        found[name] = _assumed(name, text, setting)
    for name, price in setting.prices.items():
        speed = speed_of(setting.speeds, job.category, price.gpu)
        if speed and name not in found and _asks_for(name, setting):
            found[name] = _published(name, speed, setting)
    missing = [name for name in wishes.names if name not in found]
    if missing:
        raise UsageError(
            f"nobody says how fast {missing[0]} is: --assume {missing[0]}=9x, or measure it"
        )
    return tuple(_with_memory_obstacle(option, job) for option in found.values())


def left_out(setting: Scenario) -> tuple[str, ...]:
    """The usual options whose currency is not that of here: none is converted, so none is shown."""
    currency = setting.job.base.price.currency
    asked = setting.wishes.names or setting.wishes.assume
    foreign = [n for n, p in setting.prices.items() if p.usual and p.currency != currency]
    return () if asked else tuple(foreign)


def session_start(price: Price, wishes: Wishes) -> float:
    """From asking for a session to the first steady epoch, until it is measured."""
    return price.startup_seconds if wishes.session_start is None else wishes.session_start


def _counts(pool: Pool, setting: Scenario) -> bool:
    """Whether a pool is an option of its own: measured, complete and asked for."""
    names = setting.wishes.names
    usable = not (pool.emulated or pool.rounds[MODEL].dropna().empty)
    return usable and (pool.environment in names or not names)


def _asks_for(name: str, setting: Scenario) -> bool:
    """Whether a published speed is used: on request, or where no cloud was measured or assumed."""
    names, price = setting.wishes.names, setting.prices[name]
    clouds = any(pool.rented for pool in setting.job.pools.values())
    silent = not (clouds or names or setting.wishes.assume)
    same_currency = price.currency == setting.job.base.price.currency
    local = setting.job.pools.get(setting.job.base.name)
    if local is not None and local.gpu:  # they were published over a processor
        return False
    by_itself = ((silent and price.usual) or setting.wishes.published) and same_currency
    return name in names or (by_itself and not isinstance(price, Owned))


def _assumed(name: str, text: str, setting: Scenario) -> Option:
    """An option whose speed the user states: so many times the local one, or an environment's."""
    job = setting.job
    if (pool := job.pools.get(text) or job.elsewhere.get(text)) is not None:
        return _like(name, text, pool, setting)
    factors = _factors(name, text, job)
    origin = Origin(
        what="epoch", basis="assumed", text=f"{text} as fast as {job.base.name}, by you"
    )
    return _scaled(name, factors, origin, setting)


def _like(name: str, place: str, pool: Pool, setting: Scenario) -> Option:
    """An option as fast as an environment with records; what is rented pays a session's start."""
    price, timing = price_of(name, setting.prices), measured(pool)
    kind = "emulated there" if pool.emulated else "measured there"
    origins = [Origin(what="epoch", basis="assumed", text=f"as {place}, {kind}; by you")]
    if isinstance(price, Owned) or pool.rented:
        origins.append(Origin(what="start", basis="assumed", text=f"as {place}; by you"))
    else:
        start, origin = _session(price, setting)
        timing = replace(timing, start=start)
        origins.append(origin)
    return Option(
        name=name, price=price, timing=timing, origins=tuple(origins), model_error=model_error(pool),
        suspects=tuple(sorted(pool.suspects)),
    )  # fmt: skip


def _session(price: Price, setting: Scenario) -> tuple[Floats, Origin]:
    """The start of a rented machine until one is measured, and that it is assumed."""
    seconds = session_start(price, setting.wishes)
    text = f"{seconds:g} s from asking for a session to a steady epoch"
    return exact(seconds), Origin(what="start", basis="assumed", text=text)


def _factors(name: str, text: str, job: TrainingJob) -> tuple[float, float]:
    found = FACTOR.fullmatch(text)
    low, high = (float(found[1]), float(found[2] or found[1])) if found else (0.0, 0.0)
    if not 0 < low <= high < 1e6:
        places = (*job.pools, *job.elsewhere)
        known = f" or one of {', '.join(places)}" if places else ""
        raise UsageError(f"--assume {name}={text}: say {name}=9x or {name}=4x-12x{known}")
    return low, high


def _published(name: str, speed: Speed, setting: Scenario) -> Option:
    local = setting.job.pools.get(setting.job.base.name)
    processors = local.processors if local else 0
    low, high = over(speed, processors)
    text = f"{low:.3g}x to {high:.3g}x: {speed.source}, {speed.seen}"
    if (low, high) != (speed.low, speed.high):
        text += f"; wider, as {setting.job.base.name} has {processors} processors"
    origin = Origin(what="epoch", basis="published", text=text)
    return _scaled(name, (low, high), origin, setting)


def _scaled(name: str, factors: tuple[float, float], origin: Origin, setting: Scenario) -> Option:
    """An epoch so many times as fast as the local one; what is rented pays a session's start."""
    price, local = price_of(name, setting.prices), setting.job.base.timing
    low, high = factors
    base = setting.job.base
    start, started = (
        (local.start, Origin(what="start", basis="assumed", text=f"as {base.name}"))
        if isinstance(price, Owned)
        else _session(price, setting)
    )
    # the same published range moves all options together, whatever they are called
    times = exact(low) if low == high else spread(low, high, f"{low} {high}")
    timing = Timing(start=start, epoch=local.epoch / times, rounds=local.rounds, ranged=low != high)
    return Option(
        name=name, price=price, timing=timing, origins=(origin, started),
        model_error=base.model_error, suspects=base.suspects,
    )  # fmt: skip


def _with_memory_obstacle(option: Option, job: TrainingJob) -> Option:
    """Colab's memory, as an emulated environment found it, binds where Colab was not measured."""
    is_colab = isinstance(option.price, Units | Free) and option.name not in job.pools
    if job.memory_obstacle is None or not is_colab:
        return option
    return replace(option, obstacle=option.obstacle or job.memory_obstacle)


def _check_names(setting: Scenario) -> None:
    job, prices, wishes = setting.job, setting.prices, setting.wishes
    here = {job.base.name, job.base.price.name} & wishes.assume.keys()
    if here:
        raise UsageError(
            f"--assume {min(here)}: that is here, and the others are compared with it; name another"
        )
    for name in (*wishes.names, *wishes.assume):
        if name not in prices and name not in job.pools and name != job.base.name:
            raise UsageError(f"no option is called {name!r}: `certbench prices` lists them")
        if name in job.pools and job.pools[name].emulated and name not in wishes.assume:
            raise UsageError(
                f"{name} is emulated, its speed is your own processor's: name a real one, "
                f"or say --assume colab-cpu={name}"
            )
