"""Prices of several currencies in one, at rates that the user states; none is looked up."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec

from bench.errors import UsageError
from bench.verdict.prices import Price, Prices

DOLLAR = "USD"
AMOUNTS = ("amount", "plan_amount", "resale", "tariff")


def converted(prices: Prices, currency: str, rates: Mapping[str, float], today: date) -> Prices:
    """All prices in `currency` where its rate and theirs are stated; the others stay as they are.

    `rates` holds what one unit of a currency is worth in US dollars. Raises UsageError for a
    currency that no price has.
    """
    known = {price.currency for price in prices.values()}
    strange = sorted(rates.keys() - known)
    if strange:
        raise UsageError(f"--rate {strange[0]}: no price is in it; there are: {_listed(known)}")
    worth = {DOLLAR: 1.0} | dict(rates)
    if currency not in worth:
        return prices
    return {
        name: _in(price, currency, worth[price.currency] / worth[currency], today)
        if price.currency in worth
        else price
        for name, price in prices.items()
    }


def _listed(currencies: set[str]) -> str:
    return ", ".join(sorted(currencies))


def _in(price: Price, currency: str, factor: float, today: date) -> Price:
    """The price in another currency, assumed from now on."""
    if price.currency == currency:
        return price
    fields = [name for name in AMOUNTS if hasattr(price, name)]
    amounts = {name: getattr(price, name) * Decimal(str(factor)) for name in fields}
    rate = f"1 {price.currency} = {factor:.4g} {currency}, by you, {today}"
    changes = {**amounts, "currency": currency, "assumed": True, "usual": price.usual}
    return msgspec.structs.replace(price, source=f"{price.source}; {rate}", **changes)
