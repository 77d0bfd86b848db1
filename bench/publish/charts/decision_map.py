"""Job length against jobs a week: the cheapest option that can do it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from bench.evidence.strangers import drawable
from bench.publish.captions import caption
from bench.publish.charts import style
from bench.publish.charts.legend import option_colours
from bench.publish.story import Story
from bench.publish.tracks import basis, price_basis, spoken_basis
from bench.verdict.decision_map import NOBODY, DecisionMap, decision_map
from bench.verdict.report import JobReport

NAME = "decision-map"
EPOCHS = tuple(np.geomspace(1, 10_000, 13))
RUNS = tuple(np.geomspace(1, 300, 11))
Edges = tuple[list[float], list[float]]
CLOSE, NONE = "////", "xxxx"
NOTE = (
    "The cheapest option that can do the job, or this machine where what another saves is "
    "negligible over all jobs; ruled where another cannot be told from it, crossed where none can "
    "do it: over a session's cap or quota, or more hours than a week has. Light patterns: lines a "
    "published, dots an assumed, rings a stale speed or price."
)


def decision_chart(story: Story) -> Figure:
    """A panel a task, coloured by the cheapest option."""
    maps = {report.task: grid(report) for report in story.reports}
    colour, hatches = option_colours(story), _hatches(story)
    names = _names(list(maps.values()))
    paints = {name: Paint(colour[name], hatch) for name, hatch in hatches.items()}
    with style.sheet():
        height = 1.6 + 2.2 * -(-(len(maps) + 1) // 3)
        finding = title(maps, _kinds(story))
        figure = style.frame(finding, caption(story, NAME, _note(story.reports)), height)
        axes, rest = style.panels(figure, len(maps))
        for panel, (task, found) in zip(axes, maps.items(), strict=True):
            _panel(panel, found, paints)
            panel.set_title(drawable(task, style.PANEL_LETTERS))
        style.legend(rest, _handles(_kinds(story), names, paints), handleheight=1.5)
    return figure


def _note(reports: Sequence[JobReport]) -> str:
    months = f" Costs over {reports[0].workload.use.months:g} months." if reports else ""
    return NOTE + months


def grid(report: JobReport) -> DecisionMap:
    """The map of one task, finer than the verdict's table."""
    options = [answer.option for answer in report.result.outcomes]
    return decision_map(options, report.workload, EPOCHS, RUNS)


def _names(maps: Sequence[DecisionMap]) -> list[str]:
    """The options that are advised anywhere, the most frequent first."""
    counts = Counter(
        found.options[int(best)]
        for found in maps
        for best in found.advised.ravel()
        if best != NOBODY
    )
    return [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def title(maps: Mapping[str, DecisionMap], kinds: Mapping[str, str]) -> str:
    """The finding: which option to take in how much of the maps, and how much is unclear."""
    cells = sum(found.best.size for found in maps.values())
    names = _names(list(maps.values()))
    if not cells or not names:
        return "No option can do any of these jobs"
    clear = {
        name: sum(
            int(((found.advised == found.options.index(name)) & ~found.doubtful).sum())
            for found in maps.values()
            if name in found.options
        )
        for name in names
    }
    unclear = sum(int(found.doubtful.sum()) for found in maps.values())
    idle = sum(int(found.negligible.sum()) for found in maps.values())
    best = max(clear, key=lambda name: clear[name])
    why = f"; in {idle / cells:.0%} what another saves is negligible" if idle else ""
    return (
        f"{drawable(best, 24)}, {kinds[best]}, is the choice in {clear[best] / cells:.0%} of the "
        f"map{why}; {unclear / cells:.0%} is too close to call"
    )


@dataclass(frozen=True)
class Paint:
    """An option's colour, and the pattern of where its speed and its price come from."""

    colour: str
    hatch: str


def _hatches(story: Story) -> dict[str, str]:
    return {
        answer.option.name: _pattern(basis(answer.option), price_basis(answer.option, today))
        for today in [story.today]
        for report in story.reports
        for answer in report.result.outcomes
    }


def _pattern(speed: str, price: str) -> str:
    """Thinner than elsewhere: a cell is small, and both bases lie on it."""
    return "".join(style.LOOKS[kind].hatch[:2] for kind in dict.fromkeys((speed, price)))


def _panel(axes: Axes, found: DecisionMap, paints: Mapping[str, Paint]) -> None:
    edges = _edges(found.epochs), _edges(found.runs_per_week)
    advised = found.advised.T
    for place, name in enumerate(found.options):
        _paint(axes, edges, advised == place, paints[name])
    _hatch(axes, edges, found.doubtful.T & (advised != NOBODY), CLOSE)
    _hatch(axes, edges, advised == NOBODY, NONE)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("epochs")
    axes.set_ylabel("jobs a week")
    style.plain(axes.xaxis)
    style.plain(axes.yaxis)
    axes.minorticks_off()
    axes.grid(visible=False)


def _edges(middles: Sequence[float]) -> list[float]:
    """Cells around each point of a geometric scale."""
    half = np.sqrt(middles[1] / middles[0])
    return [middles[0] / half, *(middle * half for middle in middles)]


def _paint(axes: Axes, edges: Edges, cells: NDArray[np.bool_], paint: Paint) -> None:
    if cells.any():
        axes.pcolor(
            *edges,
            np.where(cells, 1.0, np.nan),
            hatch=paint.hatch,
            cmap=ListedColormap([paint.colour]),
            edgecolor=style.PAPER,
            linewidth=0.3,
        )


def _hatch(axes: Axes, edges: Edges, cells: NDArray[np.bool_], hatch: str) -> None:
    if cells.any():
        mesh = axes.pcolor(*edges, np.where(cells, 1.0, np.nan), hatch=hatch)
        mesh.set(facecolor="none", edgecolor=style.INK, linewidth=0)


def _kinds(story: Story) -> dict[str, str]:
    """Where each option's speed and price come from, in words."""
    return {
        answer.option.name: spoken_basis(answer.option, story.today)
        for report in story.reports
        for answer in report.result.outcomes
    }


def _handles(
    kinds: Mapping[str, str], names: Sequence[str], paints: Mapping[str, Paint]
) -> list[Patch]:
    options = [
        Patch(
            facecolor=paints[name].colour,
            edgecolor=style.PAPER,
            hatch=paints[name].hatch,
            label=f"{drawable(name, 24)}\n({kinds[name]})",
        )
        for name in names
    ]
    return [
        *options,
        Patch(facecolor="none", edgecolor=style.INK, hatch=CLOSE, label="too close to call"),
        Patch(facecolor="none", edgecolor=style.INK, hatch=NONE, label="no option can"),
    ]
