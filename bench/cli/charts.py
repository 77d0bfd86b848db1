"""`certbench charts`: pictures of the records and of the verdict."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from bench.cli.gather import gather, name_option, named, skip_option, typed, with_option
from bench.cli.options import results_option
from bench.cli.prices import known_prices, prices_option
from bench.errors import UsageError
from bench.evidence.store import Store

if TYPE_CHECKING:
    from bench.publish.story import Story

FORMATS = ("svg", "png")


@click.command("charts")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the pictures there. Default: `charts` in the folder of the records.",
)
@click.option(
    "--only", multiple=True, metavar="NAME", help="Draw only this chart; may be repeated."
)
@click.option(
    "--format", "form", default="svg", show_default=True, help="Write svg, png, or svg,png."
)
@with_option
@name_option
@skip_option
@prices_option
@results_option
def charts_command(
    out: Path | None,
    only: tuple[str, ...],
    form: str,
    own: Path | None,
    results: Path,
    **sources: object,
) -> None:
    """Draw the charts: what was measured, and what follows for your machine and the cloud.

    Emulated, published, assumed, stale and suspect look different from measured. The names of the
    files are written to stdout. Same records and prices, same bytes of SVG.
    """
    from bench.publish.charts import style
    from bench.publish.charts.registry import CHARTS
    from bench.publish.folder import write_picture

    forms = _forms(form)
    wanted = _wanted(only, list(CHARTS))
    out = out or results / "charts"
    found = story(own, results, **sources)  # type: ignore[arg-type]
    writers = {"svg": style.svg, "png": style.png}
    for name in wanted:
        figure = CHARTS[name](found)
        for kind in forms:
            click.echo(write_picture(out, f"{name}.{kind}", writers[kind](figure)))


def story(
    own: Path | None, results: Path, places: Sequence[Path], names: Sequence[str], *, skip: bool
) -> "Story":
    """The story of all records of these places."""
    from bench.campaign.machine import this_machine
    from bench.publish.story import build_report

    called = named(names)
    records, refused = gather(Store(results), places, skip=skip)
    today = datetime.now(tz=UTC).date()
    words = typed(own, results, places, names, skip=skip)
    return build_report(
        records,
        this_machine().id,
        today,
        names=called,
        prices=known_prices(own),
        refused=refused,
        typed=words,
    )


def _forms(text: str) -> list[str]:
    forms = list(dict.fromkeys(text.split(",")))
    unknown = [form for form in forms if form not in FORMATS]
    if unknown:
        raise UsageError(f"--format {text}: say svg, png or svg,png")
    return forms


def _wanted(only: Sequence[str], known: Sequence[str]) -> list[str]:
    unknown = [name for name in only if name not in known]
    if unknown:
        raise UsageError(f"no chart is called {unknown[0]!r}; there are: {', '.join(known)}")
    return list(dict.fromkeys(only)) or list(known)
