"""`certbench export` and `certbench import`: records on their way between machines."""

from pathlib import Path

import rich_click as click

from bench.cli.options import results_option, say
from bench.errors import UsageError
from bench.evidence.store import Store

_out = click.Path(dir_okay=False, path_type=Path)
_file = click.Path(dir_okay=False, exists=True, path_type=Path)


@click.command("export")
@click.argument("out", metavar="OUT.zip", type=_out)
@click.option("--env", "environment", metavar="E", help="Only records of this environment.")
@click.option("--campaign", metavar="ID", help="Only records of this campaign.")
@results_option
def export_command(out: Path, environment: str | None, campaign: str | None, results: Path) -> None:
    """Write records into one zip, byte for byte, with their hashes.

    `certbench import` reads it on another machine. A file that exists is never overwritten.
    """
    from bench.evidence.record import Record
    from bench.evidence.transfer import export_records

    def wanted(record: Record) -> bool:
        return environment in (None, record.environment.name) and campaign in (
            None,
            record.campaign.id,
        )

    store = Store(results)
    if not any(wanted(record) for record in store.load_all()):
        raise UsageError(f"no such records in {store.runs}: `certbench show --all` lists them")
    say(f"{len(export_records(store, out, wanted))} records in {out}")


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_file)
@results_option
def import_command(files: tuple[Path, ...], results: Path) -> None:
    """Take in records from zips that `certbench export` made, or from single `.json` records.

    Everything is checked before anything is written. Records that are here already are recognised;
    one that is here with other bytes is refused by name, and then nothing is imported.
    """
    from bench.evidence.transfer import import_records

    imported = import_records(files, Store(results))
    say(f"{len(imported.added)} records imported, {len(imported.known)} already here")
