"""`certbench show`: records as a table or as rows of JSON."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import rich_click as click

from bench.cli.options import as_json, format_option, results_option, say
from bench.evidence.record import Record


@click.command("show")
@results_option
@format_option
@click.option("--campaign", metavar="ID", help="Show another campaign than this machine's newest.")
@click.option("--all", "everything", is_flag=True, help="Show every record, of every machine.")
def show_command(results: Path, form: str, campaign: str | None, everything: bool) -> None:  # noqa: FBT001
    """Show records: by default this machine's newest campaign.

    The table has a line a task and environment, the JSON a row a record.
    """
    from bench.campaign.machine import this_machine
    from bench.evidence.select import select
    from bench.evidence.store import Store

    chosen = select(
        Store(results).load_all(),
        this_machine().id,
        campaign=campaign,
        everything=everything,
        folder=results,
    )
    say(chosen.sentence)
    show_records(chosen.records, form)


def show_records(records: Sequence[Record], form: str) -> None:
    """Print records in the form asked for."""
    from bench.evidence.absent import unreadable
    from bench.evidence.rows import rows

    _say_absent(unreadable(records))
    if form == "json":
        as_json(rows(records))
    else:
        _show(records)


def print_summary(records: Sequence[Record]) -> None:
    """Print the table of a campaign: a row a task and environment."""
    from bench.cli.tables import print_table
    from bench.evidence.summaries import by_task_and_environment

    print_table(
        by_task_and_environment(records),
        "Seconds and scores by task and environment",
        "Medians. epoch: steady, validation included; noise: half of its 95 % interval; first: "
        "first epoch; total: from the start of the environment to the grade",
        droppable=("first s", "held out", "marks"),
    )


def _show(records: Sequence[Record]) -> None:
    from bench.cli.tables import print_prose, print_table
    from bench.evidence.summaries import phases, sentences

    print_summary(records)
    for sentence in sentences(records):
        print_prose(sentence)
    print_table(
        phases(records),
        "Where the seconds go",
        "Medians in seconds. start: of the environment; first: epoch; train, val.: of a steady "
        "epoch; eval.: at the end; input: one pass over the data alone, in no total, read from "
        "memory (warm) or storage (cold)",
    )


def _say_absent(absent: Mapping[str, Sequence[str]]) -> None:
    """Tell what could not be read, once for all environments where it is the same."""
    places: dict[Sequence[str], list[str]] = {}
    for name, words in absent.items():
        places.setdefault(words, []).append(name)
    for words, names in places.items():
        say(f"Not readable in {', '.join(names)}, so absent: {', '.join(words)}.")
