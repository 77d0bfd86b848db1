"""How every chart looks: one style sheet, one palette, one way to show where a number comes from.

The palette is that of Okabe and Ito, told apart by colour-blind readers; basis shows in shape
and hatching as well, so that charts survive being printed in grey.
"""

import io
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

INK, FAINT, GRID, PAPER = "#222222", "#5f5f5f", "#d5d5d5", "#ffffff"
BLUE, ORANGE, GREEN, RED = "#0072b2", "#c77c00", "#009e73", "#d55e00"
PURPLE, SKY, OLIVE, GREY = "#b0588a", "#56b4e9", "#8a7d00", "#777777"
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, RED, SKY, OLIVE, GREY)
# a place has its colour for ever, in every chart and on the page: here blue, the cloud orange
PLACES: Mapping[str, str] = {"T4": ORANGE, "H100": RED, "A100": PURPLE, "L4": OLIVE}
OTHER_PLACES = (SKY, GREEN, PURPLE, RED, OLIVE, GREY, ORANGE)
# what changes for a dark page; the palette holds on both papers
NIGHT: Mapping[str, str] = {INK: "#eeeeee", FAINT: "#b0b0b0", GRID: "#3d4148", PAPER: "#15181d"}

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.facecolor": PAPER,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.unicode_minus": False,
    "figure.facecolor": PAPER,
    "figure.titlesize": 12.0,
    "figure.titleweight": "bold",
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.8,
    "lines.markersize": 6.0,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "path",
    "svg.hashsalt": "certbench",
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}

MADE_BY = "certbench charts"  # stands in each file, which makes it ours to replace
WIDTH, DPI = 9.6, 110
TITLE_LETTERS, CAPTION_LETTERS = 92, 150
LEGEND_LETTERS, LEGEND_MOST = 36, 12
PANEL_LETTERS = 26
ACROSS_LETTERS = 104  # letters of a legend that lies in one line above a chart
NOTE_LINE = 0.115  # of a panel's height


@dataclass(frozen=True, kw_only=True)
class Look:
    """The shape that stands for a basis, whatever the colour."""

    marker: str
    line: Any  # a word or a pattern of dashes, as matplotlib takes it
    hatch: str
    filled: bool


LOOKS: Mapping[str, Look] = {
    "measured": Look(marker="o", line="-", hatch="", filled=True),
    "emulated": Look(marker="s", line="--", hatch="////", filled=False),
    "published": Look(marker="D", line="-.", hatch="\\\\\\\\", filled=False),
    "estimated": Look(marker="h", line=(0, (5, 1)), hatch="\\\\", filled=False),
    "assumed": Look(marker="P", line=":", hatch="....", filled=False),
    "stale": Look(marker="v", line=(0, (6, 1, 1, 1, 1, 1)), hatch="oo", filled=False),
    "suspect emulated": Look(marker="<", line="--", hatch="", filled=False),
    "suspect": Look(marker="^", line="-", hatch="", filled=False),
    "rejected": Look(marker="x", line="-", hatch="xxxx", filled=True),
}


@contextmanager
def sheet() -> Iterator[None]:
    """The style sheet, for as long as something is drawn or saved."""
    with mpl.rc_context({**mpl.rcParamsDefault, **STYLE}):
        yield


def frame(title: str, caption: str, height: float) -> Figure:
    """An empty figure with the finding above and its origin below."""
    space = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08, hspace=0.04, wspace=0.04)
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout=space)
    figure.suptitle(_wrapped(title, TITLE_LETTERS), x=0.01, ha="left")
    figure.supxlabel(
        _wrapped(caption, CAPTION_LETTERS), x=0.01, ha="left", fontsize=7.5, color=FAINT
    )
    return figure


def _wrapped(text: str, letters: int) -> str:
    """In lines, broken between words alone: a command has hyphens in it."""
    return textwrap.fill(text, letters, break_on_hyphens=False)


def panels(figure: Figure, count: int, across: int = 3) -> tuple[list[Axes], Axes]:
    """`count` axes in rows of `across`, and one more, empty, for the legend."""
    rows = -(-(count + 1) // across)
    grid = figure.subplots(rows, across, squeeze=False).ravel()
    for axes in grid[count:]:
        axes.set_axis_off()
    return list(grid[:count]), grid[-1]


def plain(axis: Axis, spoken: Callable[[float], str] = "{:,g}".format) -> None:
    """Numbers of a logarithmic axis as people say them, and none between them."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: spoken(value)))
    axis.set_minor_formatter(NullFormatter())


def few_ticks(axis: Axis, low: float, high: float) -> None:
    """Numbers at 1, 2 and 5 as well on a logarithmic axis that hardly has powers of ten."""
    if high / low < 50:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))


def headroom(axes: Axes, text: str) -> None:
    """Room above what is drawn on a logarithmic axis, for a note of these lines."""
    low, high = axes.get_ylim()
    free = min(0.5, NOTE_LINE * (text.count("\n") + 1) + 0.04)
    axes.set_ylim(low, low * (high / low) ** (1 / (1 - free)))


def length(axes: Axes, epochs: float) -> None:
    """The length of the task itself, seen on any ground."""
    axes.axvline(
        epochs,
        color=INK,
        linestyle=":",
        linewidth=1.6,
        zorder=4,
        path_effects=[withStroke(linewidth=3.2, foreground=PAPER)],
    )


def length_line() -> Line2D:
    """Its entry of a legend."""
    return Line2D([], [], color=INK, linestyle=":", linewidth=1.6, label="length of the task")


def note(axes: Axes, text: str, *, right: bool = False) -> None:
    """A few words in an upper corner, on paper, so that no line runs through them."""
    axes.text(
        0.97 if right else 0.03,
        0.96,
        text,
        transform=axes.transAxes,
        va="top",
        ha="right" if right else "left",
        fontsize=8.5,
        zorder=6,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5, "alpha": 0.9},
    )


def place_colours(names: Sequence[str]) -> dict[str, str]:
    """The colour that each place has for ever; one that is not listed gets the next free one."""
    unique = list(dict.fromkeys(names))
    known = {one: PLACES[one] for one in unique if one in PLACES}
    free = [one for one in OTHER_PLACES if one not in known.values()]
    others = [one for one in unique if one not in known]
    return {**known, **{one: free[i % len(free)] for i, one in enumerate(others)}}


def colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for each name, in their order; with more names than colours they repeat."""
    unique = dict.fromkeys(names)
    return {one: PALETTE[i % len(PALETTE)] for i, one in enumerate(unique)}


def dot(basis: str, colour: str, label: str) -> Line2D:
    """An entry of a legend for points."""
    look = LOOKS[basis]
    face = colour if look.filled else PAPER
    return Line2D(
        [],
        [],
        marker=look.marker,
        color=colour,
        markerfacecolor=face,
        linestyle="none",
        label=label,
    )


def stroke(basis: str, colour: str, points: int = 1) -> dict[str, Any]:
    """How a line of so many points is drawn; one of suspect numbers bears hollow triangles."""
    look = LOOKS[basis]
    drawn = {"color": colour, "linestyle": look.line}
    if not basis.startswith("suspect"):
        return drawn
    marks = {"marker": look.marker, "markerfacecolor": PAPER, "markersize": 4.5}
    return {**drawn, **marks, "markevery": (points // 16, max(1, points // 6))}


def line(basis: str, colour: str, label: str) -> Line2D:
    """An entry of a legend for lines."""
    return Line2D([], [], label=label, **{**stroke(basis, colour), "markevery": None})


def area(basis: str, colour: str, label: str) -> Patch:
    """An entry of a legend for areas."""
    return Patch(facecolor=colour, edgecolor=PAPER, hatch=LOOKS[basis].hatch, label=label)


def legend(axes: Axes, handles: Sequence[Artist], **more: Any) -> None:
    """A legend in place of a panel: long labels are broken, and of many the first are said."""
    shown = list(handles)
    if len(shown) > LEGEND_MOST:
        rest = len(shown) - LEGEND_MOST + 1
        shown = [*shown[: LEGEND_MOST - 1], Line2D([], [], linestyle="", label=f"and {rest} more")]
    axes.legend(shown, _labels(shown), loc="center left", **more)


def legend_above(
    axes: Axes, handles: Sequence[Artist], letters: int = ACROSS_LETTERS, **more: Any
) -> None:
    """A legend over a chart, in as many columns as there is room for in a line of `letters`."""
    shown = list(handles)[: 2 * LEGEND_MOST]
    labels = _labels(shown)
    longest = max((len(line) for label in labels for line in label.split("\n")), default=0)
    columns = max(1, min(4, letters // (longest + 6)))
    axes.legend(
        shown, labels, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns, borderpad=0, **more
    )


def _labels(handles: Sequence[Artist]) -> list[str]:
    """The labels of the handles, in lines that are not too long."""
    said = [str(handle.get_label()).split("\n") for handle in handles]
    return ["\n".join(textwrap.fill(one, LEGEND_LETTERS) for one in lines) for lines in said]


def settle(figure: Figure) -> None:
    """Lay the figure out once: each further time moves it a little, and so would each format."""
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        if figure.axes:
            engine.execute(figure)
        figure.set_layout_engine("none")


def svg(figure: Figure) -> bytes:
    """The figure as SVG: the same bytes for the same figure."""
    out = io.BytesIO()
    with sheet():
        settle(figure)
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": MADE_BY})
    return out.getvalue()


def png(figure: Figure) -> bytes:
    """The figure as PNG, 1,056 points wide."""
    out = io.BytesIO()
    with sheet():
        settle(figure)
        figure.savefig(out, format="png", dpi=DPI, metadata={"Software": MADE_BY})
    return out.getvalue()


def at_night(picture: bytes) -> bytes:
    """The same SVG for a dark page: ink and paper change, the palette stays."""
    text = picture.decode()
    for day, night in NIGHT.items():
        text = text.replace(day, night)
    return text.encode()
