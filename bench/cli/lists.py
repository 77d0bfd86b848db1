"""`certbench tasks` and `certbench environments`: what there is to choose from."""

from dataclasses import asdict

import rich_click as click

import tasks
from bench.cli.options import as_json, format_option
from bench.cli.tables import print_table


@click.command("tasks")
@format_option
def tasks_command(form: str) -> None:
    """List the training tasks, in the order of the exam's categories."""
    rows = []
    for name in tasks.names():
        task = tasks.named(name)
        rows.append(
            {
                "task": name,
                "category": task.category,
                "title": task.title,
                "epochs": task.epochs,
                "batch_size": task.batch_size,
                "metric": task.metric,
                "thresholds": list(task.thresholds),
            }
        )
    _show(rows, form, "Five tasks, one an exam category; the thresholds earn score 1 to 5")


@click.command("environments")
@format_option
def environments_command(form: str) -> None:
    """List the environments: what is started, with which limits, measured or emulated."""
    from bench.campaign.environments import ENVIRONMENTS

    rows = [
        asdict(entry) | {"footing": "emulated" if entry.emulated else "measured"}
        for entry in ENVIRONMENTS
    ]
    if form == "table":
        rows = [
            {
                "environment": row["name"],
                "engine": row["engine"],
                "footing": row["footing"],
                "processors": row["processors"] or "all",
                "memory": f"{row['memory_bytes'] / 2**30:.1f} GiB"
                if row["memory_bytes"]
                else "all",
                "what it is": row["title"],
            }
            for row in rows
        ]
    _show(rows, form, "Emulated is never passed off as measured")


def _show(rows: list[dict[str, object]], form: str, title: str) -> None:
    if form == "json":
        as_json(rows)
    else:
        print_table(rows, title)
