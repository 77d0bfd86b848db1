"""Tables in the terminal. Text from records is escaped: it may come from strangers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH = 140
SHORT = 22  # a cell up to this length stays on one line


def print_table(rows: Sequence[Mapping[str, object]], title: str, caption: str = "") -> None:
    """Print rows with the same keys as a table on stdout; piped, it is WIDTH columns wide.

    Where the terminal is too narrow, cells lie closer and break between their words.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=False)
    if not console.is_terminal:
        console = Console(width=WIDTH)
    columns = [_column(rows, name) for name in (rows[0] if rows else ())]
    roomy = sum(column.least for column in columns) + 3 * len(columns) + 1 <= console.width
    table = Table(
        title=title,
        caption=caption or None,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        padding=(0, 1 if roomy else 0),
        show_edge=roomy,
    )
    table.caption_justify = "left"
    widths = _narrow(columns, console.width - len(columns) + 1)
    for column, width in zip(columns, widths, strict=True):
        table.add_column(
            column.heading,
            justify="right" if column.numeric else "left",
            no_wrap=roomy and column.short,
            min_width=column.least if roomy else None,
            width=None if roomy else width,
        )
    for row in rows:
        table.add_row(*(cell(value) for value in row.values()))
    console.print(table)


@dataclass(frozen=True, kw_only=True)
class _Column:
    """How wide a column is: its widest cell, and its longest word."""

    heading: str
    numeric: bool
    widest: int
    word: int

    @property
    def short(self) -> bool:
        return self.widest <= SHORT

    @property
    def least(self) -> int:
        """As narrow as it may be where there is room: a short one stays on one line."""
        return self.widest if self.short else self.word


def _narrow(columns: Sequence[_Column], room: int) -> list[int | None]:
    """A width each that fits, taken first from the widest; None where words would have to break."""
    widths = [column.widest for column in columns]
    while sum(widths) > room:
        slack = [width if width > c.word else 0 for width, c in zip(widths, columns, strict=True)]
        if not any(slack):
            return [None] * len(columns)
        widths[slack.index(max(slack))] -= 1
    return list(widths)


def _column(rows: Sequence[Mapping[str, object]], name: str) -> _Column:
    heading, cells = name.replace("_", " "), [cell(row[name]) for row in rows]
    return _Column(
        heading=heading,
        numeric=all(isinstance(row[name], int | float | None) for row in rows),
        widest=max(map(len, [heading, *cells])),
        word=max(len(word) for text in (heading, *cells) for word in text.split() or [""]),
    )


def cell(value: object) -> str:
    """A value as a cell: absent is a dash, figures have three digits, control characters go."""
    from rich.markup import escape

    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
    if isinstance(value, list | tuple):
        return escape(", ".join(printable(str(item)) for item in value)) or "–"
    return escape(printable(str(value)))


def printable(text: str) -> str:
    """The text without what would move the cursor, change colours or reverse reading order."""
    return "".join(char if char.isprintable() else "�" for char in text)
