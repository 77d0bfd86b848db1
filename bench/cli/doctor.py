"""`certbench doctor`: before the hour is spent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from bench.cli.options import as_json, format_option, results_option
from bench.errors import NotReadyError
from bench.evidence.words import counted

if TYPE_CHECKING:
    from bench.campaign.checks import Check

SIGNS = {"ok": "ok", "warn": "warn", "fail": "FAIL"}


@click.command("doctor")
@click.option(
    "--env",
    "names",
    multiple=True,
    default=["cpu"],
    show_default=True,
    metavar="E",
    help="Look at what this environment needs; may be repeated.",
)
@results_option
@format_option
def doctor_command(names: tuple[str, ...], results: Path, form: str) -> None:
    """Look at engine, image, disk, memory, GPU, clock, power and load, and say what to do.

    `run` does the fast part of this by itself. Exit code 12 where something would stop a run.
    """
    from bench.campaign.doctor import examine
    from bench.campaign.environments import environment

    found = {name: examine(environment(name), results) for name in names}
    if form == "json":
        as_json({name: [asdict(check) for check in checks] for name, checks in found.items()})
    else:
        for name, checks in found.items():
            show_checks(name, checks)
        _show_end(found)
    if causes := _failed(found):
        raise NotReadyError(f"not ready: {counted(len(causes), 'cause')} to mend")


def show_checks(name: str, checks: "Iterable[Check]") -> None:
    """Print what was looked at under its name; it may come from another machine."""
    from bench.cli.tables import print_signed

    print_signed(
        name,
        [
            (SIGNS[check.level], f"{check.name}: {check.text}" + _then(check.advice))
            for check in checks
        ],
    )


def _then(advice: str) -> str:
    return f" → {advice}" if advice else ""


def _show_end(found: "Mapping[str, Sequence[Check]]") -> None:
    """What to type next; where something would stop a run, one line a cause."""
    from bench.cli.tables import print_signed, print_steps

    if causes := _failed(found):
        print_signed("Not ready; what to do stands above:", [("FAIL", said) for said in causes])
        return
    warnings = sum(check.level == "warn" for checks in found.values() for check in checks)
    spoilt = f", with {counted(warnings, 'warning')}" if warnings else ""
    places = " ".join(f"--env {name}" for name in found)
    print_steps(
        f"Ready{spoilt}. Next:", [(f"certbench run {places}", "train, and answer at the end")]
    )


def _failed(found: "Mapping[str, Sequence[Check]]") -> list[str]:
    return [
        f"{name}, {check.name}: {check.text}"
        for name, checks in found.items()
        for check in checks
        if check.level == "fail"
    ]
