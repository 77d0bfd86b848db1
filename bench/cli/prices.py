"""`certbench prices`: what training costs where, by which source and of when."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from bench.cli.options import as_json, format_option

if TYPE_CHECKING:
    from bench.verdict.prices import Price

prices_option = click.option(
    "--prices",
    "own",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Your own prices (TOML), by name over those that come with certbench.",
)


@click.command("prices")
@prices_option
@format_option
def prices_command(own: Path | None, form: str) -> None:
    """List the prices that `decide` knows, each with its source and the date it was seen.

    Older than 180 days is marked stale. No currency is converted.
    """
    from bench.verdict.prices import is_stale, load_prices

    prices = list(load_prices(own).values())
    today = datetime.now(tz=UTC).date()
    if form == "json":
        import msgspec

        as_json([{**msgspec.to_builtins(p), "stale": is_stale(p, today)} for p in prices])
        return
    _show(prices, today)


def _show(prices: "list[Price]", today: date) -> None:
    """Two lines a price; a source that many share is named once, below."""
    from bench.cli.tables import print_blocks
    from bench.verdict.prices import is_stale, spoken

    sources = list(dict.fromkeys(price.source for price in prices))
    blocks = []
    for price in prices:
        stale = ", stale" if is_stale(price, today) else ""
        number = sources.index(price.source) + 1
        detail = f"{price.region}; seen {price.seen}{stale} [{number}]"
        blocks.append((price.name, spoken(price), detail))
    notes = [f"[{number}] {source}" for number, source in enumerate(sources, start=1)]
    print_blocks(blocks, "Prices as they were seen; override them with --prices my.toml", notes)
