"""The live line: what of a running campaign fits into so many columns, what matters most first.

Pure: a view in, a text out. It never wraps and never cuts a word: whole parts go, the least first.
Times in it are those of the moment it was drawn; nothing here reads a clock.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from bench.evidence.strangers import printable
from bench.evidence.words import about_seconds, counted, figure

BAR_CELLS = 8
LEVELS = "▁▂▃▄▅▆▇█"
LOSSES = 8  # so many are drawn
GAP = "  "


@dataclass(frozen=True, kw_only=True)
class View:
    """What may be shown. `doing` is what a run does outside its epochs; "" in the midst of them.

    `losses` are those of its epochs so far, or `sampled` from them; `left_seconds` is for the rest
    of the campaign, None where nobody knows; `runs_left` counts this run too.
    """

    number: int
    runs: int
    round: int
    rounds: int
    task: str
    environment: str
    doing: str
    epoch: int
    epochs: int | None
    epoch_seconds: float | None
    losses: Sequence[float | None]
    score: int | None
    elapsed_seconds: float
    left_seconds: float | None
    runs_left: int


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of the line; of two that have no room the one of the greater `rank` goes."""

    text: str
    rank: int
    style: str = ""


def live_line(view: View, columns: int) -> Text:
    """The line for a terminal of so many columns; the last column stays empty."""
    parts = [part for part in _parts(view) if part.text]
    while len(parts) > 1 and _width(parts) > columns - 1:
        parts.remove(max(parts, key=lambda part: part.rank))
    line = Text(GAP).join([Text(part.text, style=part.style) for part in parts])
    line.truncate(columns - 1)
    return line


def _width(parts: Sequence[Part]) -> int:
    return Text(GAP.join(part.text for part in parts)).cell_len


def _parts(view: View) -> tuple[Part, ...]:
    """In the order in which they are read."""
    return (
        Part(text=f"[{view.number}/{view.runs}]", rank=5),
        Part(text=printable(view.task), rank=3, style="bold"),
        Part(text=f"in {printable(view.environment)}", rank=8),
        Part(text=f"round {view.round}/{view.rounds}", rank=10),
        Part(text=bar(view.epoch, view.epochs), rank=7, style="cyan"),
        Part(text=_epochs(view), rank=4),
        Part(text=view.doing, rank=2, style="italic"),
        Part(text=_pace(view.epoch_seconds), rank=0, style="bold"),
        Part(text=_loss(view.losses), rank=9),
        Part(text="" if view.score is None else f"score {view.score}", rank=11),
        Part(text=f"{clock(view.elapsed_seconds)} so far", rank=6),
        Part(text=left_spoken(view.left_seconds, view.runs_left), rank=1, style="bold"),
    )


def _epochs(view: View) -> str:
    of = f"/{view.epochs}" if view.epochs else ""
    return f"epoch {view.epoch}{of}" if view.epoch else ""


def _pace(seconds: float | None) -> str:
    return "" if seconds is None else f"{figure(seconds)} s/epoch"


def _loss(losses: Sequence[float | None]) -> str:
    drawn = sparkline(losses)
    newest = next((loss for loss in reversed(losses) if loss is not None), None)
    return f"loss {drawn} {figure(newest)}" if drawn else ""


def bar(done: int, of: int | None) -> str:
    """How much is done, in cells; nothing where the whole is not known."""
    if not of:
        return ""
    full = min(BAR_CELLS, round(BAR_CELLS * done / of))
    return "━" * full + "─" * (BAR_CELLS - full)


def sampled(values: Sequence[float | None]) -> list[float | None]:
    """So few of them that they can be drawn, evenly spaced, the first and the newest too."""
    if len(values) <= LOSSES:
        return list(values)
    return [values[round(i * (len(values) - 1) / (LOSSES - 1))] for i in range(LOSSES)]


def sparkline(values: Sequence[float | None]) -> str:
    """The values as columns, between the lowest and the highest of them."""
    shown = [v for v in values if v is not None and math.isfinite(v)]
    if len(shown) < 2:
        return ""
    low, high = min(shown), max(shown)
    span = high - low or 1.0
    return "".join(LEVELS[round((len(LEVELS) - 1) * (v - low) / span)] for v in shown)


def clock(seconds: float) -> str:
    """`0:07`, `12:03`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def left_spoken(seconds: float | None, runs: int) -> str:
    """The time that is left, or where nobody knows the runs."""
    if seconds is None:
        return f"{counted(runs, 'run')} left"
    return f"~{about_seconds(max(1.0, round(seconds)))} left"
