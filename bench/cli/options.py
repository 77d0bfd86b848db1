"""Options that several commands share, spelled and explained once."""

from contextlib import suppress
from pathlib import Path

import rich_click as click

from bench.evidence.strangers import printable

results_option = click.option(
    "--results",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    metavar="DIR",
    help="Folder of the records (in its subfolder `runs`).",
)

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="For people, or for programs.",
)


def say(line: str) -> None:
    """Messages go to stderr; stdout belongs to data. A terminal that was closed hears none."""
    with suppress(OSError):
        click.echo(printable(line), err=True)


def as_json(value: object) -> None:
    """Write data to stdout as indented JSON."""
    import json

    click.echo(json.dumps(value, indent=2, allow_nan=False, ensure_ascii=True))
