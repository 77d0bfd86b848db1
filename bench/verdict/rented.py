"""What a rented machine's own records say of its price: the plan, the rate and the session."""

import msgspec
import numpy as np

from bench.errors import UsageError
from bench.evidence.words import counted, listed
from bench.verdict.model import Origin
from bench.verdict.prices import Price, Prices, Units
from bench.verdict.table import SESSION, Pool

# what a plan is called in the notebook, and in the name of its price
PLANS = {"free": "free", "Pro": "pro", "Pro+": "pro-plus"}
AS_YOU_GO = "pay as you go"
WAITS = dict(zip(SESSION, ("the machine", "installing", "its data"), strict=True))


def rented_at(pool: Pool, prices: Prices) -> tuple[Price, tuple[Origin, ...]]:
    """The price of the plan that the records name, at the rate they measured, with both origins.

    Raises UsageError where no such price is known.
    """
    price, named = _of_plan(pool, prices)
    rates = pool.rounds["units_per_hour"].dropna()
    if not isinstance(price, Units) or rates.empty:
        return price, (_waited(pool), *named)
    rate = float(rates.median())
    typed = pool.rounds["balance_before"].dropna().empty
    behind = "typed from the panel of Colab" if typed else counted(len(rates), "record")
    paid = Origin(
        what="units an hour",
        basis="assumed" if typed else "measured",
        text=f"{rate:g}, {behind}",
    )
    packs = price.source.partition(";")[0]  # whose the rate was does not matter any more
    price = msgspec.structs.replace(
        price, units_per_hour=rate, source=f"{packs}; units an hour by the records"
    )
    return price, (_waited(pool), paid, *named)


def _of_plan(pool: Pool, prices: Prices) -> tuple[Price, tuple[Origin, ...]]:
    """The price of the records' plan, else that of packs, with a word where they name another."""
    family, _, machine = pool.environment.partition("-")
    planned = f"{family}-{PLANS.get(pool.plan, '')}-{machine}"
    if planned in prices:
        return prices[planned], ()
    if pool.environment not in prices:
        raise UsageError(f"no price is called {pool.environment!r}: give one with --prices my.toml")
    if pool.plan in ("", AS_YOU_GO):
        return prices[pool.environment], ()
    text = f"pay as you go, no price is known for {pool.plan!r} there"
    return prices[pool.environment], (Origin(what="plan", basis="assumed", text=text),)


def _waited(pool: Pool) -> Origin:
    """The seconds before the run, which the start holds, and what of them nobody measured."""
    seconds = {name: float(np.median(pool.rounds[name].dropna())) for name in _known(pool)}
    told = [f"{value:.0f} s for {WAITS[name]}" for name, value in seconds.items()]
    unknown = tuple(what for name, what in WAITS.items() if name not in seconds)
    missing = [f"the wait for {listed(unknown)} was not measured"] if unknown else []
    return Origin(what="session", basis="measured", text=", ".join([*told, *missing]))


def _known(pool: Pool) -> list[str]:
    return [name for name in SESSION if not pool.rounds[name].dropna().empty]
