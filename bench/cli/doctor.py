"""`certbench doctor`: before the hour is spent."""

from dataclasses import asdict
from pathlib import Path

import rich_click as click

from bench.cli.options import as_json, format_option, results_option
from bench.errors import NotReadyError

SIGNS = {"ok": "ok", "warn": "warn", "fail": "FAIL"}


@click.command("doctor")
@click.option("--env", "names", multiple=True, default=["cpu"], show_default=True, metavar="E")
@results_option
@format_option
def doctor_command(names: tuple[str, ...], results: Path, form: str) -> None:
    """Look at engine, image, disk, memory, GPU, clock, power and load, and say what to do.

    `run` does the fast part of this by itself. Exit code 12 where something would stop a run.
    """
    from bench.campaign.doctor import examine, worst
    from bench.campaign.environments import environment

    found = {name: examine(environment(name), results) for name in names}
    if form == "json":
        as_json({name: [asdict(check) for check in checks] for name, checks in found.items()})
    else:
        for name, checks in found.items():
            click.echo(name)
            for check in checks:
                advice = f" → {check.advice}" if check.advice else ""
                click.echo(f"  {SIGNS[check.level]:5} {check.name}: {check.text}{advice}")
    if worst(check for checks in found.values() for check in checks) == "fail":
        raise NotReadyError("not ready: see the lines with FAIL")
