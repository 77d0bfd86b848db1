"""Strangers' text made harmless: it comes from records, files and programs of others.

Escaping is the template's work, and no markup that of the terminal's; here go what those leave in:
characters that are not seen, that turn the reading order, or that are far too many.
"""

from itertools import dropwhile

from bench.evidence.words import ABSENT, figure

GONE = "\N{REPLACEMENT CHARACTER}"
BRIEF = 200
NAME_MOST = 48
TEXT_MOST = 2000
DRAWABLE = 0x250  # the chart's font has every letter below; above, some are missing
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def printable(text: str) -> str:
    """The text without what would move the cursor, change colours or reverse reading order."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else GONE for char in text)


def brief(text: object, most: int = BRIEF) -> str:
    """What a stranger's file or program said, in one line: printable, and cut in its middle.

    The beginning says what it is about, and an error of the decoder ends with the place.
    """
    said = str(text)
    if len(said) > most:
        said = f"{said[: most // 2]} … {said[-most // 2 :]}"
    return printable(" ".join(said.split()))


def clean(text: object, most: int = TEXT_MOST) -> str:
    """The text, printable, cut to `most` characters."""
    cut = printable(str(text)[: most + 1])
    return cut if len(cut) <= most else f"{cut[: most - 1]}…"


def name(text: object) -> str:
    """A name of something: one short line."""
    return clean(text, NAME_MOST)


def drawable(text: object, most: int = NAME_MOST) -> str:
    """Text for a chart, in letters that its font has."""
    return "".join(
        char if ord(char) < DRAWABLE or char in "–…×→·" else "?" for char in clean(text, most)
    )


def table_cell(value: object) -> str:
    """A value as a cell of a table: absent is a dash, figures have three digits."""
    if value is None:
        return ABSENT
    if isinstance(value, float):
        return figure(value)
    if isinstance(value, list | tuple):
        return ", ".join(printable(str(item)) for item in value) or ABSENT
    return printable(str(value))


def csv_cell(value: object) -> str:
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
