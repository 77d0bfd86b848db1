"""Seconds, money and shares as people say them."""

import math

NEVER = "never"


def significant(number: float, digits: int) -> str:
    """A number with so many digits, never with an exponent where it is large."""
    value = float(f"{number:.{digits}g}")
    return f"{value:,.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:g}"


def seconds_spoken(seconds: float, digits: int = 3) -> str:
    """A duration in the unit that suits it."""
    steps = (
        (90, 1, "s"),
        (5400, 60, "min"),
        (172_800, 3600, "h"),
        (63_072_000, 86400, "days"),
    )
    for limit, unit, name in steps:
        if seconds < limit:
            return f"{significant(seconds / unit, digits)} {name}"
    if not math.isfinite(seconds):
        return NEVER
    return f"{significant(seconds / 31_536_000, digits)} years"


def duration_spoken(seconds: float) -> str:
    """A duration that may be that of a step: below a second in milliseconds."""
    return f"{seconds * 1000:.3g} ms" if 0 < seconds < 1 else seconds_spoken(seconds)


def money_spoken(amount: float, currency: str) -> str:
    """An amount with its currency: cents where there are any, a few more digits below."""
    if not math.isfinite(amount):
        return "–"
    if 0 < abs(amount) < 0.001:
        return f"under 0.001 {currency}"
    if amount and abs(amount) < 0.1:
        return f"{amount:.2g} {currency}"
    return f"{amount:,.2f} {currency}"


def number_spoken(number: float) -> str:
    """A crossing: 0 is always, infinite is never."""
    if not math.isfinite(number):
        return NEVER
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def between(low: str, high: str) -> str:
    """Two ends, or the one that both are."""
    return low if low == high else f"{low} to {high}"


def listed(names: tuple[str, ...]) -> str:
    """One name or several, as in a sentence."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
