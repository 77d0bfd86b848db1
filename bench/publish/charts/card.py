"""The card that other sites show for a link to the page: the finding in large type, 1200 x 630."""

import io
import textwrap

from matplotlib.figure import Figure

from bench.evidence.strangers import drawable
from bench.publish.charts import answer, style
from bench.publish.machines import facts
from bench.publish.story import Story

WIDTH, HEIGHT, DPI = 1200, 630, 100
LETTERS, LINES_MOST = 38, 5


def card(story: Story) -> Figure:
    """The title of the answer's chart and the machine that it is for."""
    lines = answer.lines_of(story.answer) if story.answer else ()
    finding = textwrap.wrap(answer.title(story.answer, lines), LETTERS)
    [here] = [machine for machine in story.machines if machine.id == story.here]
    with style.sheet():
        figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI)
        figure.text(0.05, 0.9, "Train here, or in the cloud?", fontsize=20, color=style.FAINT)
        figure.text(
            0.05,
            0.8,
            "\n".join(finding[:LINES_MOST]),
            fontsize=33,
            weight="bold",
            va="top",
            linespacing=1.35,
        )
        figure.text(0.05, 0.1, drawable(facts(here), 60), fontsize=17, color=style.FAINT)
        figure.text(
            0.95, 0.1, "Certbench", fontsize=20, weight="bold", ha="right", color=style.BLUE
        )
    return figure


def png(figure: Figure) -> bytes:
    """The card as a picture, exactly as large as it says."""
    out = io.BytesIO()
    with style.sheet():
        figure.savefig(out, format="png", dpi=DPI, metadata={"Software": style.MADE_BY})
    return out.getvalue()
