"""Job length against jobs a week: the cheapest option that can do it."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from bench.publish.captions import caption
from bench.publish.charts import style
from bench.publish.story import Story
from bench.publish.tracks import spoken_footing
from bench.publish.words import drawable
from bench.verdict.decision_map import NOBODY, DecisionMap, decision_map
from bench.verdict.report import JobReport

NAME = "decision-map"
EPOCHS = tuple(np.geomspace(1, 10_000, 13))
RUNS = tuple(np.geomspace(1, 300, 11))
NOTE = (
    "The cheapest option that can do the job; ruled where another cannot be told from it, crossed "
    "where none can do it: over a session's cap or quota, or more hours than a week has."
)


def decision_chart(story: Story) -> Figure:
    """A panel a task, coloured by the cheapest option."""
    maps = {report.task: grid(report) for report in story.reports}
    names = _names(list(maps.values()))
    colour = style.colours(names)
    with style.sheet():
        height = 1.6 + 2.2 * -(-(len(maps) + 1) // 3)
        finding = title(maps, _kinds(story))
        figure = style.frame(finding, caption(story, NAME, _note(story.reports)), height)
        axes, rest = style.panels(figure, len(maps))
        for panel, (task, found) in zip(axes, maps.items(), strict=True):
            _panel(panel, found, colour)
            panel.set_title(drawable(task))
        rest.legend(handles=_handles(story, names, colour), loc="center left", handleheight=1.3)
    return figure


def _note(reports: Sequence[JobReport]) -> str:
    months = f" Costs over {reports[0].question.use.months:g} months." if reports else ""
    return NOTE + months


def grid(report: JobReport) -> DecisionMap:
    """The map of one task, finer than the verdict's table."""
    options = [answer.option for answer in report.job.answers]
    return decision_map(options, report.question, EPOCHS, RUNS)


def _names(maps: Sequence[DecisionMap]) -> list[str]:
    """The options that are cheapest anywhere, the most frequent first."""
    counts = Counter(
        found.options[int(best)] for found in maps for best in found.best.ravel() if best != NOBODY
    )
    return [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def title(maps: Mapping[str, DecisionMap], kinds: Mapping[str, str]) -> str:
    """The finding: which option is cheapest in how much of the maps, and how much is unclear."""
    cells = sum(found.best.size for found in maps.values())
    names = _names(list(maps.values()))
    if not cells or not names:
        return "No option can do any of these jobs"
    clear = {
        name: sum(
            int(((found.best == found.options.index(name)) & ~found.close).sum())
            for found in maps.values()
            if name in found.options
        )
        for name in names
    }
    unclear = sum(int(found.close.sum()) for found in maps.values())
    best = max(clear, key=lambda name: clear[name])
    return (
        f"{drawable(best, 24)} ({kinds[best]}) is clearly the cheapest in "
        f"{clear[best] / cells:.0%} of the map; {unclear / cells:.0%} is too close to call"
    )


def _panel(axes: Axes, found: DecisionMap, colour: dict[str, str]) -> None:
    x, y = _edges(found.epochs), _edges(found.runs_per_week)
    used = [name for name in found.options if name in colour]
    place = {found.options.index(name): i for i, name in enumerate(used)}
    cells = np.array([[place.get(int(best), np.nan) for best in row] for row in found.best]).T
    paint = ListedColormap([colour[name] for name in used])
    if used:
        axes.pcolormesh(
            x, y, cells, cmap=paint, vmin=-0.5, vmax=len(used) - 0.5,
            edgecolors=style.PAPER, linewidth=0.3,
        )  # fmt: skip
    _hatch(axes, (x, y), found.close.T & (found.best.T != NOBODY), "////")
    _hatch(axes, (x, y), found.best.T == NOBODY, "xxxx")
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


def _hatch(
    axes: Axes, edges: tuple[list[float], list[float]], cells: NDArray[np.bool_], hatch: str
) -> None:
    if cells.any():
        mesh = axes.pcolor(*edges, np.where(cells, 1.0, np.nan), hatch=hatch)
        mesh.set(facecolor="none", edgecolor=style.INK, linewidth=0)


def _kinds(story: Story) -> dict[str, str]:
    """Where each option's speed and price come from, in words."""
    return {
        answer.option.name: spoken_footing(answer.option, story.today)
        for report in story.reports
        for answer in report.job.answers
    }


def _handles(story: Story, names: Sequence[str], colour: dict[str, str]) -> list[Patch]:
    kinds = _kinds(story)
    options = [
        Patch(facecolor=colour[name], label=f"{drawable(name, 24)} \n({kinds[name]})")
        for name in names
    ]
    return [
        *options,
        Patch(facecolor="none", edgecolor=style.INK, hatch="////", label="too close to call"),
        Patch(facecolor="none", edgecolor=style.INK, hatch="xxxx", label="no option can"),
    ]
