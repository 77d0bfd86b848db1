"""Numbers as people say them: counts with their nouns, durations, money, figures of a table.

The only home of such wording, for terminal, page, charts and errors. Knows nothing of what the
numbers are of. Strangers' text is made harmless in `strangers.py`.
"""

import math
from collections.abc import Sequence
from datetime import datetime

NEVER = "never"
ABSENT = "–"
SIBILANTS = ("s", "x", "tch", "sh")


def counted(number: float, noun: str) -> str:
    """`1 record`, `2 records`, `1,500 processes`, `0.5 hours`."""
    whole = number == round(number)
    return nouned(f"{number:,.0f}" if whole else f"{number:,g}", noun)


def nouned(said: str, noun: str) -> str:
    """A number as it is said, with its noun: only a bare 1 is singular."""
    return f"{said} {noun if said == '1' else plural(noun)}"


def plural(noun: str) -> str:
    """Several of a noun, whose last word bends as regular ones do."""
    if noun.endswith(SIBILANTS):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def place_called(environment: str, *, emulated: bool) -> str:
    """An environment's name; one that stands for other hardware says so wherever it is shown."""
    return f"{environment} (emulated)" if emulated else environment


def sentence(text: str) -> str:
    """The text with a capital and a full stop; `cpu` and the like keep their case further in."""
    return f"{text[:1].upper()}{text[1:]}."


def listed(names: Sequence[str]) -> str:
    """One name or several, as in a sentence."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def between(low: str, high: str) -> str:
    """Two ends, or the one that both are."""
    return low if low == high else f"{low} to {high}"


def significant(number: float, digits: int) -> str:
    """A number with so many digits, never with an exponent where it is large."""
    value = float(f"{number:.{digits}g}")
    return f"{value:,.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:g}"


def about(number: float) -> str:
    """A number with two digits."""
    return significant(number, 2)


def number_spoken(number: float) -> str:
    """A crossing: 0 is always, infinite is never."""
    if not math.isfinite(number):
        return NEVER
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def figure(value: float | None, digits: int = 3) -> str:
    """A number of a table, absent is a dash."""
    if value is None:
        return ABSENT
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{digits}g}"


def figures(values: Sequence[float | None]) -> list[str]:
    """`figure` of each, without a call for the common case: a page may hold a million."""
    return [
        f"{value:.3g}" if value is not None and -100 < value < 100 else figure(value)
        for value in values
    ]


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


def about_seconds(seconds: float) -> str:
    """A duration with two digits."""
    return seconds_spoken(seconds, 2)


def duration_spoken(seconds: float) -> str:
    """A duration that may be that of a step: below a second in milliseconds."""
    return f"{seconds * 1000:.3g} ms" if 0 < seconds < 1 else seconds_spoken(seconds)


def money_spoken(amount: float, currency: str) -> str:
    """An amount with its currency: cents where there are any, a few more digits below."""
    if not math.isfinite(amount):
        return ABSENT
    if 0 < abs(amount) < 0.001:
        return f"under 0.001 {currency}"
    if amount and abs(amount) < 0.1:
        return f"{amount:.2g} {currency}"
    return f"{amount:,.2f} {currency}"


def day(moment: str) -> str:
    """The date of a time in ISO form, or a dash where it is none."""
    try:
        return datetime.fromisoformat(moment).date().isoformat()
    except ValueError:
        return ABSENT
