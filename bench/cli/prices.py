"""`certbench prices`: what training costs where, by which source and of when."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from bench.cli.options import as_json, format_option, say
from bench.evidence.words import counted

if TYPE_CHECKING:
    from bench.verdict.prices import Price

prices_option = click.option(
    "--prices",
    "own",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Put your own prices (TOML) over those that come with certbench, by name.",
)


@click.command("prices")
@click.option(
    "--update",
    is_flag=True,
    help="Ask the network for today's prices of rented GPUs, and keep them beside the shipped.",
)
@prices_option
@format_option
def prices_command(
    update: bool,  # noqa: FBT001  click gives it by name
    own: Path | None,
    form: str,
) -> None:
    """List the prices that `decide` knows, each with its source and the date it was seen.

    Older than 180 days is marked stale. No currency is converted. With --update the cheapest
    machine of each provider for each GPU comes from a live catalogue; `decide --cheapest T4` takes
    the cheapest of all that is not spot.
    """
    from bench.verdict.prices import is_stale

    if update:
        _update()
    prices = list(known_prices(own).values())
    today = datetime.now(tz=UTC).date()
    if form == "json":
        import msgspec

        as_json([{**msgspec.to_builtins(p), "stale": is_stale(p, today)} for p in prices])
        return
    _show(prices, today)


def known_prices(own: Path | None) -> "dict[str, Price]":
    """The shipped prices, those of the catalogue that was read last, and one's own over them."""
    from bench.verdict.catalogue import read_catalogue
    from bench.verdict.prices import load_prices

    return load_prices(own, read_catalogue(catalogue_file()))


def catalogue_file() -> Path:
    """Where the catalogue's prices stay; `CERTBENCH_CATALOGUE` overrides."""
    import platformdirs

    named = os.environ.get("CERTBENCH_CATALOGUE")
    return Path(named) if named else Path(platformdirs.user_data_dir("certbench"), "catalogue.json")


def _update() -> None:
    """Read the catalogue and keep what fits; what was kept before stays where that fails."""
    from bench.errors import PriceError
    from bench.verdict.catalogue import kept, write_catalogue
    from bench.verdict.catalogue_gpuhunt import read_offers

    reading = read_offers()
    found = kept(reading.offers, datetime.now(tz=UTC).date(), reading.source)
    if not found:
        raise PriceError(
            f"the catalogue of {', '.join(reading.providers)} has no machine with a GPU of ours: "
            "prices stay as they are; try again later"
        )
    write_catalogue(catalogue_file(), found)
    spot = sum(price.spot for price in found.values())
    say(
        f"{counted(len(found), 'price')} of {', '.join(reading.providers)} in {catalogue_file()}, "
        f"{spot} of them spot."
    )
    if reading.silent:
        say(f"No answer from {', '.join(reading.silent)}.")


def _show(prices: "list[Price]", today: date) -> None:
    """A row a price; a source that many share is named once, below."""
    from bench.cli.tables import print_prose, print_table
    from bench.verdict.rows import price_row

    sources = list(dict.fromkeys(price.source for price in prices))
    print_table(
        [price_row(p, today) | {"source": f"[{sources.index(p.source) + 1}]"} for p in prices],
        "Prices as they were seen; override them with --prices my.toml",
        "an hour: units of a pack at their share of it, of what is owned the electricity alone; "
        "least: what is paid before anything is trained",
        droppable=("billing", "where", "what is paid", "basis"),
    )
    for number, source in enumerate(sources, start=1):
        print_prose(f"[{number}] {source}")
