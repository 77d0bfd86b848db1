"""`certbench show`: records as a table or as rows of JSON."""

from collections.abc import Sequence
from pathlib import Path

import rich_click as click

from bench.cli.options import as_json, format_option, results_option, say
from bench.evidence.record import Record


@click.command("show")
@results_option
@format_option
@click.option("--campaign", metavar="ID", help="Another campaign than this machine's newest.")
@click.option("--all", "everything", is_flag=True, help="Every record, of every machine.")
def show_command(results: Path, form: str, campaign: str | None, everything: bool) -> None:  # noqa: FBT001
    """Show records: by default this machine's newest campaign.

    The table has a line a task and environment, the JSON a row a record.
    """
    from bench.campaign.machine import this_machine
    from bench.evidence.select import select
    from bench.evidence.store import Store

    chosen = select(
        Store(results).load_all(), this_machine().id, campaign=campaign, everything=everything
    )
    say(chosen.sentence)
    show_records(chosen.records, form)


def show_records(records: Sequence[Record], form: str) -> None:
    """Print records in the form asked for."""
    from bench.cli.tables import print_table
    from bench.evidence.rows import by_task_and_environment, rows
    from bench.evidence.trust import unreadable

    if absent := unreadable(records):
        say(f"Not readable there, so absent: {', '.join(absent)}.")
    if form == "json":
        as_json(rows(records))
        return
    print_table(
        by_task_and_environment(records),
        "Seconds and scores by task and environment",
        "Medians. epoch: steady, validation included; spread: of that, (largest - smallest) / "
        "median; first: first epoch; start: environment, imports, data, model; total: to the grade",
    )
