"""`certbench export` and `certbench import`: records on their way between machines."""

import contextlib
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from bench.cli.options import results_option, say
from bench.errors import RecordError, UsageError
from bench.evidence.store import Store
from bench.evidence.strangers import printable
from bench.evidence.words import counted

if TYPE_CHECKING:
    from bench.evidence.record import Machine, Record

PLAIN = re.compile(r"[A-Za-z0-9:_-]+")

_out = click.Path(dir_okay=False, path_type=Path)
_file = click.Path(dir_okay=False, exists=True, path_type=Path)


@click.command("export")
@click.argument("out", metavar="OUT.zip", type=_out)
@click.option("--env", "environment", metavar="E", help="Pack only records of this environment.")
@click.option("--campaign", metavar="ID", help="Pack only records of this campaign.")
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
    say(f"{counted(len(export_records(store, out, wanted)), 'record')} in {out}")


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_file)
@results_option
def import_command(files: tuple[Path, ...], results: Path) -> None:
    """Take in records from zips that `certbench export` made, or from single `.json` records.

    Everything is checked before anything is written. Records that are here already are recognised;
    one that is here with other bytes is refused by name, and then nothing is imported.
    """
    from bench.evidence.transfer import import_records

    store = Store(results)
    imported = import_records(files, store)
    say(f"{counted(len(imported.added), 'record')} imported, {len(imported.known)} already here")
    places = _places(imported.records)
    for machine, names in places.items():
        say(printable(f"of {_described(machine)}: {', '.join(names)}"))
    with_results = "" if results == Path("results") else f" --results {shlex.quote(str(results))}"
    for command in ("show --all", *_comparisons(places, store)):
        say(f"next: `certbench {command}{with_results}`")


def _places(records: Sequence["Record"]) -> dict["Machine", list[str]]:
    """The environments of each machine."""
    found: dict[Machine, set[str]] = {}
    for record in records:
        found.setdefault(record.machine, set()).add(record.environment.name)
    return {machine: sorted(names) for machine, names in found.items()}


def _described(machine: "Machine") -> str:
    parts = (machine.processor, counted(machine.processors, "processor"), *machine.gpus)
    return f"machine {machine.id} ({', '.join(parts)})"


def _comparisons(places: Mapping["Machine", Sequence[str]], store: Store) -> list[str]:
    """For each machine a command that compares it: with this machine, or two environments of it.

    Names come from strangers and are typed into a shell: only plain ones are said.
    """
    from bench.campaign.machine import this_machine

    here = this_machine().id
    own = _environments_of(here, store)
    commands = []
    for machine, names in places.items():
        theirs = [f"{machine.id}:{name}" for name in names]
        sides = [own[0], theirs[-1]] if own and machine.id != here else theirs[:2]
        if len(sides) == 2 and all(PLAIN.fullmatch(side) for side in sides):
            commands.append(f"compare {' '.join(sides)}")
    return commands


def _environments_of(machine: str, store: Store) -> list[str]:
    """Those that a machine has records of, measured ones first; none where one is damaged."""
    with contextlib.suppress(RecordError):
        found = (r for r in store.load_all() if r.machine.id == machine)
        places = sorted({(r.environment.emulated, r.environment.name) for r in found})
        return [name for _, name in places]
    return []
