"""What training costs where: typed entries of prices.toml, and of a user's own file over it.

A price is never a bare number: it has a currency, a billing model, a region or tier, a source and
the date it was seen. Decimal here and on show; `bench.verdict.money` calculates in float64.
"""

import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from bench.errors import PriceError
from bench.evidence.words import counted, nouned

SHIPPED = Path(__file__).with_name("prices.toml")
ASSUMED_UNIT_SECONDS = 60.0
LEAST_UNIT_SECONDS = 0.001
LIMITS = (
    "session_hours",
    "idle_minutes",
    "hours_per_week",
    "memory_gib",
    "gpu_memory_gib",
)
STALE_AFTER = timedelta(days=180)
Raw = dict[str, Any]


class _Price(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every price says. Limits of None do not bind.

    `startup_seconds` is the assumed time from asking for a session to the first steady epoch; a
    measured start replaces it. `assumed` marks an entry that nobody published, `usual` one that is
    an option where none was named.
    """

    name: str
    amount: Decimal
    currency: str
    billing: str
    region: str
    source: str
    seen: date
    assumed: bool = False
    usual: bool = False
    startup_seconds: float = 120.0
    gpu: str | None = None
    gpu_memory_gib: float | None = None
    memory_gib: float | None = None
    session_hours: float | None = None
    idle_minutes: float | None = None
    hours_per_week: float | None = None


class Hourly(_Price, frozen=True, tag="hourly"):
    """`amount` an hour in whole units of `unit_seconds`, for `minimum_seconds` at least.

    Where no unit is stated a minute is assumed, and the price says so. What comes from a catalogue
    says which `instance` of which `provider` it is, with how many `processors`. `spot` is what may
    be taken away at any time: an option only where it is named.
    """

    unit_seconds: float | None = None
    minimum_seconds: float = 0.0
    provider: str | None = None
    instance: str | None = None
    processors: int | None = None
    spot: bool = False


class Units(_Price, frozen=True, tag="units"):
    """Whole packs of `pack_units` for `amount`, which expire; a plan's units come every month."""

    pack_units: float
    units_per_hour: float
    expiry_days: float
    plan_amount: Decimal = Decimal(0)
    plan_units: float = 0.0


class Owned(_Price, frozen=True, tag="owned"):
    """Bought for `amount`; `tariff` is the price of a kilowatt-hour.

    `share` is the part of the purchase that training must carry, `months` the life of the purchase
    where no other is asked for. For training alone it idles `idle_hours_per_week` at `watts_idle`.
    """

    watts_load: float
    tariff: Decimal
    resale: Decimal = Decimal(0)
    months: float = 36.0
    share: float = 1.0
    already_owned: bool = False
    watts_idle: float = 0.0
    idle_hours_per_week: float = 0.0


class Monthly(_Price, frozen=True, tag="monthly"):
    """`amount` for every month begun, however much it is used: a rented machine at a flat price."""


class Free(_Price, frozen=True, tag="free"):
    """Costs nothing, up to `hours_per_week`, without any guarantee."""


Price = Hourly | Units | Owned | Monthly | Free
Prices = Mapping[str, Price]


def load_prices(own: Path | None = None, catalogue: Prices | None = None) -> dict[str, Price]:
    """The shipped prices, those of a catalogue beside them, and `own` over both by name.

    An entry of `own` may state only what differs, but always its own source and date. A name that
    is shipped stays what was shipped. Raises PriceError.
    """
    entries = _read(SHIPPED)
    for name, price in (catalogue or {}).items():
        entries.setdefault(name, to_raw(price))
    for name, changes in (_read(own) if own else {}).items():
        entries[name] = _override(name, entries.get(name), changes)
    return {name: typed_price(name, raw) for name, raw in entries.items()}


def is_stale(price: Price, today: date) -> bool:
    """Whether it was seen more than 180 days ago."""
    return today - price.seen > STALE_AFTER


def rent_spoken(price: Price, seconds: float | None) -> str:
    """What so many seconds of a rented machine take; of an unknown time the rate alone."""
    rate = spoken(price)
    if seconds is None or not isinstance(price, Units):
        return f"rented: {rate}"
    units = price.units_per_hour * seconds / 3600
    share = float(price.amount) * units / price.pack_units
    needed = nouned(f"{units:.2g}", "unit")
    return (
        f"rented: about {needed}, {share:.2g} {price.currency} of a pack, and what the machine's "
        f"own start takes ({rate})"
    )


def spoken(price: Price) -> str:
    """The amount with its unit."""
    money = f"{price.amount} {price.currency}"
    match price:
        case Hourly():
            spot = "spot, may be taken away; " if price.spot else ""
            return f"{money} an hour, {spot}{_billing_unit(price)}"
        case Units():
            plan = f", plan {price.plan_amount} a month" if price.plan_amount else ""
            rate = f"{counted(price.pack_units, 'unit')}, {price.units_per_hour:g} an hour"
            return f"{money} for {rate}{plan}"
        case Owned():
            energy = f"{price.watts_load:g} W at {price.tariff} a kWh"
            return energy if price.already_owned else f"{money} once, {energy}"
        case Monthly():
            return f"{money} a month, flat"
        case Free():
            most = price.hours_per_week
            return "free" if most is None else f"free, {counted(most, 'hour')} a week at most"


def _billing_unit(price: Hourly) -> str:
    if price.unit_seconds is None:
        return f"in units of {ASSUMED_UNIT_SECONDS:g} s (assumed)"
    least = f", at least {price.minimum_seconds:g} s" if price.minimum_seconds else ""
    return f"in units of {price.unit_seconds:g} s{least}"


def _read(path: Path) -> dict[str, Raw]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise PriceError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PriceError(f"{path} is no TOML: {error}") from error
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise PriceError(f"{path}: {name} stands outside a table; write [NAME] above it")
    return tables


def _override(name: str, shipped: Raw | None, changes: Raw) -> Raw:
    missing = [field for field in ("source", "seen") if field not in changes]
    if missing:
        raise PriceError(f"price {name}: {' and '.join(missing)} missing; say whose and of when")
    if shipped is None or changes.get("kind", shipped["kind"]) != shipped["kind"]:
        return changes
    return shipped | changes


def to_raw(price: Price) -> Raw:
    """The fields of an entry without its name, as a file has them."""
    raw: Raw = msgspec.to_builtins(price, builtin_types=(Decimal, date))
    return {field: value for field, value in raw.items() if field != "name"}


def typed_price(name: str, raw: Raw) -> Price:
    """The typed entry. Raises PriceError, one line that names the entry and the field."""
    try:
        price: Price = msgspec.convert({**raw, "name": name}, Price)
    except msgspec.ValidationError as error:
        raise PriceError(f"price {name}: {_plain(error)}") from error
    for good, complaint in RULES:
        if not good(price):
            raise PriceError(f"price {name}: {complaint}")
    return price


def _plain(error: msgspec.ValidationError) -> str:
    text = str(error).replace("Object", "it").replace(" - at `$.", "; see `")
    return text.replace(
        "missing required field `kind`", "has no kind: hourly, units, owned, monthly or free"
    )


def _numbers(price: Price) -> list[float]:
    values = [getattr(price, name) for name in price.__struct_fields__]
    numbers = [v for v in values if isinstance(v, int | float | Decimal)]
    return [float(number) for number in numbers]


def _purchase_holds(price: Price) -> bool:
    if not isinstance(price, Owned):
        return True
    return price.resale <= price.amount and (price.already_owned or price.amount > 0)


RULES: tuple[tuple[Callable[[Price], bool], str], ...] = (
    (lambda p: all(0 <= n < 1e15 for n in _numbers(p)), "amounts are finite and never negative"),
    (lambda p: len(p.currency) == 3 and p.currency.isupper(), "currency is a code like USD or EUR"),
    (
        lambda p: all(text.strip() for text in (p.billing, p.region, p.source)),
        "billing, region and source say something",
    ),
    (
        lambda p: (
            not isinstance(p, Hourly)
            or (p.amount > 0 and (p.unit_seconds is None or p.unit_seconds >= LEAST_UNIT_SECONDS))
        ),
        "amount is more than 0, and unit_seconds a thousandth or more",
    ),
    (
        lambda p: all(getattr(p, limit) != 0 for limit in LIMITS),
        "a limit of 0 would rule out every job: leave it out where there is none",
    ),
    (
        lambda p: p.seen <= datetime.now(tz=UTC).date(),
        "seen is a day that has not come yet",
    ),
    (
        lambda p: (
            not isinstance(p, Units)
            or min(float(p.amount), p.pack_units, p.units_per_hour, p.expiry_days) > 0
        ),
        "amount, pack_units, units_per_hour and expiry_days are more than 0",
    ),
    (
        lambda p: not isinstance(p, Monthly) or p.amount > 0,
        "amount, for a month, is more than 0",
    ),
    (_purchase_holds, "a purchase costs more than 0 and more than its resale, or is already_owned"),
    (
        lambda p: not isinstance(p, Owned) or (0 <= p.share <= 1 and p.months > 0),
        "share is 0 to 1 and months more than 0",
    ),
    (
        lambda p: not isinstance(p, Free) or bool(p.hours_per_week and not p.amount),
        "what is free has amount = 0 and hours_per_week: without a limit it would always win",
    ),
)
