"""Tables in the terminal. Text from records is never markup: it may come from strangers.

A table that is wider than the terminal wraps its cells between words; where that does not do,
columns go, and a line below names them. Nothing is cut off in silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from bench.cli.options import SIGNS
from bench.evidence.strangers import printable, table_cell

LEAST = 2  # so many columns stay, however narrow the terminal
WORD_MOST = 24  # a longer word is broken, so that it takes no other column's place
PROSE = 100  # title and caption, piped, are wrapped here where the table is not wider
LINES = 2  # a cell of more is harder to read than a table without its column
LOOSE, TIGHT = 3, 2  # blanks between two columns


@dataclass(frozen=True, kw_only=True)
class _Column:
    """A column in words; `width` is where its cells are wrapped."""

    key: str
    heading: str
    cells: tuple[str, ...]
    numeric: bool
    width: int

    def wrapped(self, limit: int) -> int:
        """The width it takes where no line is longer than `limit`, or than its longest word."""
        texts = {self.heading, *self.cells}
        words = max((cell_len(word) for text in texts for word in text.split()), default=1)
        least = max(min(limit, self.width), min(words, WORD_MOST))
        return max(_longest_line(text, least) for text in texts)

    def in_lines(self, lines: int) -> int:
        """The least width at which no cell takes more lines."""
        limits = range(-(-self.width // lines), self.width)
        texts = (self.heading, *self.cells)
        fits = (n for n in limits if all(_lines(text, n) <= lines for text in texts))
        return self.wrapped(next(fits, self.width))


def print_table(
    rows: Sequence[Mapping[str, object]],
    title: str,
    caption: str = "",
    droppable: Sequence[str] = (),
) -> None:
    """Print rows with the same keys as a table on stdout; piped, it is as wide as it needs to be.

    On a terminal too narrow for it columns go, before a cell takes more than two lines: those of
    `droppable` in that order. Where those are not enough cells wrap further, then the last go.
    """
    from rich.console import Console
    from rich.text import Text

    console = Console()
    columns = [_column(key, rows) for key in (rows[0] if rows else ())]
    if not console.is_terminal:
        console = Console(width=max(PROSE, _taken(columns, LOOSE)))
    shown, gap = _fitted(columns, console.width, droppable)
    console.print(Text(printable(title), style="table.title"))
    console.print(_table(shown, gap))
    if caption:
        console.print(Text(printable(caption), style="table.caption"))
    left_out = [column.heading for column in columns if column.key not in {c.key for c in shown}]
    if left_out:
        console.print(Text(f"not shown at {console.width} columns: {', '.join(left_out)}"))


def print_blocks(
    blocks: Sequence[tuple[str, str, str]], title: str, notes: Sequence[str] = ()
) -> None:
    """Print name, sentence and detail of each in two lines, where columns would be too many."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=PROSE)
    console.print(Text(f"{printable(title)}\n", style="table.title"))
    for name, sentence, detail in blocks:
        console.print(Text.assemble((printable(name), "bold"), f": {printable(sentence)}"))
        console.print(Padding(Text(printable(detail)), (0, 0, 0, 4), expand=False))
    if notes:
        console.print(Text("\n" + "\n".join(map(printable, notes))))


def print_items(title: str, items: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Print a title and below it each item, its lines wrapped and indented under its heading.

    A line that begins with blanks is a command: it is never wrapped, so that it can be copied.
    """
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=PROSE)
    console.print(Text(_lines_kept(title), style="bold"))
    for heading, lines in items:
        console.print(Padding(Text(printable(f"- {heading}")), (0, 0, 0, 2), expand=False))
        for line in lines:
            if line.startswith(" "):
                console.print(Text(f"    {printable(line)}"), soft_wrap=True)
            else:
                console.print(Padding(Text(printable(line)), (0, 0, 0, 4), expand=False))


def print_signed(title: str, lines: Sequence[tuple[str, str]]) -> None:
    """Print a title and below it lines that begin with a sign (ok, warn, FAIL) in its colour."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console = Console()
    console.print(Text(printable(title), style="bold"), soft_wrap=not console.is_terminal)
    if not console.is_terminal:
        for sign, text in lines:
            console.print(Text(f"  {sign:4} {printable(text)}"), soft_wrap=True)
        return
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=4)
    grid.add_column()
    for sign, text in lines:
        grid.add_row(Text(sign, style=SIGNS.get(sign, "")), Text(printable(text)))
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))


def print_steps(title: str, steps: Sequence[tuple[str, str]]) -> None:
    """Print commands, each with what it does, beside it or where that is too wide below it.

    A command is never wrapped, so that it can be copied.
    """
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console()
    width = max(cell_len(command) for command, _ in steps)
    beside = width + 4 + max(cell_len(why) for _, why in steps)
    console.print(Text(title, style="bold"))
    for command, why in steps:
        typed = Text.assemble("  ", (printable(command), "cyan"))
        if not console.is_terminal or beside <= console.width:
            typed.pad_right(width + 2 - cell_len(typed.plain) + 2)
            console.print(typed + Text(printable(why)), soft_wrap=True)
        else:
            console.print(typed, soft_wrap=True)
            console.print(Padding(Text(printable(why)), (0, 0, 0, 6), expand=False))


def _lines_kept(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


def print_prose(text: str) -> None:
    """Print a sentence, wrapped between words on a terminal; piped it stays one line."""
    from rich.console import Console
    from rich.text import Text

    console = Console()
    console.print(Text(printable(text)), soft_wrap=not console.is_terminal)


def _column(key: str, rows: Sequence[Mapping[str, object]]) -> _Column:
    cells = tuple(table_cell(row[key]) for row in rows)
    heading = printable(key.replace("_", " "))
    numeric = all(isinstance(row[key], int | float | None) for row in rows)
    width = max(cell_len(text) for text in (heading, *cells))
    return _Column(key=key, heading=heading, cells=cells, numeric=numeric, width=width)


def _fitted(
    columns: Sequence[_Column], width: int, droppable: Sequence[str]
) -> tuple[list[_Column], int]:
    """The columns that there is room for, with their widths, and the blanks between two."""
    if _taken(columns, LOOSE) <= width:
        return list(columns), LOOSE
    for dropped in range(len(droppable) + 1 if droppable else 0):
        left = [column for column in columns if column.key not in droppable[:dropped]]
        halved = [replace(column, width=column.in_lines(LINES)) for column in left]
        if _taken(halved, TIGHT) <= width:
            return _widened(halved, left, width), TIGHT
    last = [column.key for column in reversed(columns[LEAST:]) if column.key not in droppable]
    going = [*droppable, *last]
    for dropped in range(len(going) + 1):
        left = [column for column in columns if column.key not in going[:dropped]]
        for limit in range(min(width, max(column.width for column in left)), 0, -1):
            tried = [replace(column, width=column.wrapped(limit)) for column in left]
            if _taken(tried, TIGHT) <= width:
                return tried, TIGHT
    return tried, TIGHT


def _widened(narrow: Sequence[_Column], wide: Sequence[_Column], width: int) -> list[_Column]:
    """The columns, each as wide as it likes as far as there is room, from the left."""
    found = list(narrow)
    for index, column in enumerate(wide):
        room = width - _taken(found, TIGHT)
        found[index] = replace(column, width=min(column.width, found[index].width + room))
    return found


def _taken(columns: Sequence[_Column], gap: int) -> int:
    """The width of a table, with a blank at both ends."""
    return sum(column.width for column in columns) + gap * (len(columns) - 1) + 2


def _lines(text: str, limit: int) -> int:
    """How many lines a text takes that is wrapped between words at `limit`."""
    lines, line = 1, 0
    for word in text.split(" "):
        size = cell_len(word)
        if line and line + 1 + size > limit:
            lines, line = lines + 1, size
        else:
            line += size + bool(line)
    return lines


def _longest_line(text: str, limit: int) -> int:
    """The longest line of a text that is wrapped between words at `limit`."""
    longest = line = 0
    for word in text.split(" "):
        size = cell_len(word)
        line = line + 1 + size if line and line + 1 + size <= limit else size
        longest = max(longest, min(line, limit))
    return longest


def _table(columns: Sequence[_Column], gap: int) -> object:
    """As rich draws it: a rule below the headings; between tall rows, a blank line."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    tall = any(cell_len(text) > 2 * column.width for column in columns for text in column.cells)
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=gap == TIGHT,
        leading=int(tall),
    )
    for column in columns:
        table.add_column(
            Text(column.heading),
            justify="right" if column.numeric else "left",
            width=column.width,
            overflow="fold",
        )
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(Text, row))
    return table
