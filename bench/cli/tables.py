"""Tables in the terminal. Text from records is escaped: it may come from strangers."""

from collections.abc import Mapping, Sequence

WIDTH = 140
SHORT = 22  # a cell up to this length stays on one line


def print_table(rows: Sequence[Mapping[str, object]], title: str, caption: str = "") -> None:
    """Print rows with the same keys as a table on stdout; piped, it is WIDTH columns wide."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=False)
    if not console.is_terminal:
        console = Console(width=WIDTH)
    table = Table(title=title, caption=caption or None, box=box.SIMPLE_HEAD, title_justify="left")
    table.caption_justify = "left"
    columns = list(rows[0]) if rows else []
    for column in columns:
        numeric = all(isinstance(row[column], int | float | None) for row in rows)
        short = all(len(cell(row[column])) <= SHORT for row in rows)
        heading = column.replace("_", " ")
        table.add_column(
            heading,
            justify="right" if numeric else "left",
            no_wrap=short,
            min_width=len(heading) if short else None,
        )
    for row in rows:
        table.add_row(*(cell(row[column]) for column in columns))
    console.print(table)


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
