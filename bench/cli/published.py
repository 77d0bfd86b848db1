"""`certbench published`: epoch times that other people measured, with their sources."""

from typing import TYPE_CHECKING

import rich_click as click

from bench.cli.options import as_json, format_option
from bench.errors import UsageError

if TYPE_CHECKING:
    from bench.verdict.published import Figure


@click.command("published")
@click.option(
    "--kind",
    metavar="K",
    help="List only models of this kind: dense, cnn, images, text or sequence.",
)
@click.option(
    "--on", "hardware", metavar="H", help="List only hardware with this in its name, such as T4."
)
@format_option
def published_command(kind: str | None, hardware: str | None, form: str) -> None:
    """List epoch times of Keras models that others published, fastest step first.

    They are what an estimate rests on. Each has its source, its date, and how its hardware is
    known.
    """
    from bench.verdict.published import KINDS, load

    if kind is not None and kind not in KINDS:
        raise UsageError(f"no kind of model is called {kind!r}; there are: {', '.join(KINDS)}")
    wanted = (hardware or "").lower()
    found = [
        figure
        for figure in load().figures.values()
        if kind in (None, figure.work) and wanted in figure.hardware.lower()
    ]
    if not found:
        names = sorted({figure.hardware for figure in load().figures.values()})
        raise UsageError(f"no figure of {hardware!r}; there are some of: {', '.join(names)}")
    found.sort(key=lambda figure: (figure.work, figure.ms_per_step))
    if form == "json":
        as_json([row(figure) for figure in found])
    else:
        _show(found)


def row(figure: "Figure") -> dict[str, object]:
    """A figure as data; the first epoch is null where it was not published."""
    return {
        "id": figure.id,
        "kind": figure.work,
        "hardware": figure.hardware,
        "hardware_known_by": figure.hardware_known_by,
        "model": figure.model,
        "dataset": figure.dataset,
        "examples": figure.examples,
        "batch": figure.batch,
        "steps": figure.steps,
        "ms_per_step": figure.ms_per_step,
        "epoch_seconds": figure.epoch_seconds,
        "first_epoch_seconds": figure.first,
        "framework": figure.framework,
        "date": figure.date,
        "confidence": figure.confidence,
        "source": figure.source,
        "link": figure.link,
    }


def _show(found: "list[Figure]") -> None:
    from bench.cli.tables import print_table

    rows = [
        {
            "kind": figure.work,
            "hardware": figure.hardware,
            "model": figure.model,
            "batch": figure.batch,
            "ms a step": figure.ms_per_step,
            "epoch s": figure.epoch_seconds,
            "date": figure.date[:7],
            "source": figure.origin,
        }
        for figure in found
    ]
    print_table(
        rows,
        f"{len(rows)} published epochs; --format json has all of each",
        "epoch s: a later epoch, as printed; source: the repository or page it was read from",
        droppable=("source", "date", "batch"),
    )
