"""What a figure shows, read from the figure and not from its pixels."""

from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.axis import Axis, Tick
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from bench.publish.charts import style

TOUCH = 1.0  # points that two neighbours may share


def texts(figure: Figure) -> list[str]:
    return [" ".join(text.get_text().split()) for text in _shown(figure)]


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Each pair of texts that lie on each other, and each text that leaves the picture."""
    with style.sheet():
        style.settle(figure)
        FigureCanvasAgg(figure).draw()
        boxes = [(text, text.get_window_extent()) for text in _shown(figure)]
    inside = figure.bbox.padded(TOUCH)
    wrong = [
        (a.get_text(), b.get_text())
        for (a, x), (b, y) in combinations(boxes, 2)
        if x.padded(-TOUCH).overlaps(y.padded(-TOUCH))
    ]
    return wrong + [
        (text.get_text(), "the edge")
        for text, box in boxes
        if not (inside.contains(box.x0, box.y0) and inside.contains(box.x1, box.y1))
    ]


def _shown(figure: Figure) -> list[Text]:
    """Every text that is drawn; of the labels of an axis only those within its limits."""
    found = figure.findobj(lambda artist: isinstance(artist, Text))
    hidden = {text for axes in figure.axes for text in _off(axes)}
    return [
        text
        for text in found
        if text.get_visible() and text.get_text().strip() and text not in hidden
    ]


def _off(axes: Axes) -> set[Text]:
    labels: set[Text] = set()
    for axis in (axes.xaxis, axes.yaxis):
        every = {t for tick in _ticks(axis) for t in (tick.label1, tick.label2)}
        drawn = {tick.label1 for tick in axis._update_ticks()} if axes.axison else set()
        shared = {t for t in drawn if not t.get_visible()}
        labels |= every - drawn | shared | (set() if axes.axison else {axis.label})
    return labels


def _ticks(axis: Axis) -> list[Tick]:
    return [*axis.majorTicks, *axis.minorTicks, *axis._update_ticks()]
