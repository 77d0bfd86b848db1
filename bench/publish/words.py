"""Text from records, made fit to be shown: it may come from strangers.

Escaping is the template's work; here go what escaping leaves in: characters that are not seen,
that turn the reading order, or that are far too many.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import dropwhile

GONE = "�"
NAME_MOST = 48
TEXT_MOST = 2000
DRAWABLE = 0x250  # the chart's font has every letter below; above, some are missing
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def clean(text: object, most: int = TEXT_MOST) -> str:
    """The text without control and bidi characters, cut to `most` characters."""
    cut = str(text)[: most + 1]
    if not cut.isprintable():
        cut = "".join(char if char.isprintable() else GONE for char in cut)
    return cut if len(cut) <= most else f"{cut[: most - 1]}…"


def name(text: object) -> str:
    """A name of something: one short line."""
    return clean(text, NAME_MOST)


def drawable(text: object, most: int = NAME_MOST) -> str:
    """Text for a chart, in letters that its font has."""
    return "".join(
        char if ord(char) < DRAWABLE or char in "–…×→·" else "?" for char in clean(text, most)
    )


def cell(value: object) -> str:
    """A value as a cell of a CSV file that no spreadsheet takes for a formula.

    Numbers stay numbers; text that begins like a formula gets an apostrophe in front.
    """
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return repr(value)
    text, raw = clean(value), str(value)[:TEXT_MOST]
    begun = "".join(dropwhile(lambda char: char.isspace() or not char.isprintable(), raw))
    return f"'{text}" if raw.startswith(FORMULA) or begun.startswith(FORMULA) else text


def figure(value: float | None, digits: int = 3) -> str:
    """A number for reading, absent is a dash."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{digits}g}"


def figures(values: Sequence[float | None]) -> list[str]:
    """`figure` of each, without a call for the common case: a page may hold a million."""
    return [
        f"{value:.3g}" if value is not None and -100 < value < 100 else figure(value)
        for value in values
    ]


def day(moment: str) -> str:
    """The date of a time in ISO form, or a dash where it is none."""
    try:
        return datetime.fromisoformat(moment).date().isoformat()
    except ValueError:
        return "–"
