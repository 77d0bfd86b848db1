"""`certbench prices`: what training costs where, by which source and of when."""

from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from bench.cli.options import as_json, format_option

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
    from bench.cli.tables import print_table
    from bench.verdict.prices import is_stale, load_prices, spoken

    prices = load_prices(own).values()
    today = datetime.now(tz=UTC).date()
    if form == "json":
        import msgspec

        as_json([{**msgspec.to_builtins(p), "stale": is_stale(p, today)} for p in prices])
        return
    rows = [
        {
            "option": price.name,
            "price": spoken(price),
            "region or tier": price.region,
            "seen": f"{price.seen}{', stale' if is_stale(price, today) else ''}",
            "source": price.source,
        }
        for price in prices
    ]
    print_table(rows, "Prices as they were seen; override them with --prices my.toml")
