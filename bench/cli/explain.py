"""`certbench explain`: why a job is as slow as it is, and what to try."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from bench.cli.options import as_json, format_option, results_option

if TYPE_CHECKING:
    from bench.verdict.causes.finding import Finding
    from bench.verdict.explain import Explained


@click.command("explain")
@click.option("--task", metavar="T", help="Explain one task of the records. Default: each of them.")
@click.option(
    "--env", "environment", metavar="E", help="Explain one environment. Default: each of them."
)
@results_option
@format_option
def explain_command(task: str | None, environment: str | None, results: Path, form: str) -> None:
    """Say why a job is as slow as it is, and what to try.

    From records alone: this machine's or, where it has none, those of the newest. Each finding has
    its evidence, the most that it costs of an epoch, and a command; where that was tried already,
    what it brought.
    """
    from bench.campaign.machine import this_machine
    from bench.evidence.select import no_records
    from bench.evidence.store import Store
    from bench.verdict.explain import as_rows, explain
    from bench.verdict.table import home

    records = Store(results).load_all()
    if not records:
        raise no_records(results)
    machine = home(records, this_machine().id)
    found = explain(records, machine, task=task, environment=environment)
    if form == "json":
        as_json(as_rows(found))
    else:
        _show(found)


def _show(found: Sequence["Explained"]) -> None:
    from bench.cli.tables import print_items

    for number, one in enumerate(found):
        title = f"{one.title}: {one.sentence}."
        print_items("\n" * (number > 0) + title, [_item(finding) for finding in one.findings])


def _item(finding: "Finding") -> tuple[str, tuple[str, ...]]:
    """What was found with its size; below it evidence, what was measured, and what to try."""
    from bench.evidence.words import sentence

    cost = f" ({finding.size})" if finding.size else ""
    measured = (f"Measured {text}." for text in finding.measured)
    lines = (sentence(finding.evidence), *measured, f"To try: {finding.advice}.")
    return f"{finding.says}{cost}", (*lines, f"  {finding.command}")
