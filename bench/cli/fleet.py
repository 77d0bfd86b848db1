"""`certbench fleet`: one campaign on many machines."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from bench.cli.options import results_option, say
from bench.errors import FleetError, RunsFailedError, UsageError

if TYPE_CHECKING:
    from bench.fleet.carry import Outcome
    from bench.fleet.machines import Entry

machines_option = click.option(
    "--machines",
    "listed",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("machines.toml"),
    show_default=True,
    metavar="FILE",
    help="The list of machines; see docs/fleet.md.",
)
only_option = click.option("--only", multiple=True, metavar="NAME", help="Only these machines.")
campaign_option = click.option(
    "--campaign", metavar="ID", required=True, help="As `fleet run` said at its start."
)


@click.group("fleet")
def fleet_command() -> None:
    """Run one campaign on many machines: here, and over OpenSSH's own `ssh`."""


@fleet_command.command("check")
@machines_option
@only_option
def check_command(listed: Path, only: tuple[str, ...]) -> None:
    """See whether each machine answers and runs this very program."""
    from bench.fleet.carry import check, on_each

    _told(on_each(_machines(listed, only), check), "answers, the same program")


@fleet_command.command("run")
@machines_option
@only_option
@click.option("--task", "tasks", multiple=True, metavar="T", help="A name. Default: all.")
@click.option("--repeats", type=click.IntRange(1, 99), default=3, show_default=True, metavar="N")
@click.option("--epochs", type=click.IntRange(1), help="For a trial; never pooled with full runs.")
@click.option("--resume", metavar="ID", help="Collect what is there, and run what is missing.")
@results_option
def fleet_run_command(
    listed: Path, only: tuple[str, ...], results: Path, resume: str | None, **options: Any
) -> None:
    """Train on every machine at once, and bring the records here.

    Each machine's part goes on when the link breaks or this command dies: --resume ID collects it.
    """
    from bench.campaign.setup import campaign_name, known_tasks
    from bench.evidence.store import Store
    from bench.fleet.carry import carried, on_each

    known_tasks(options["tasks"])
    store = Store(results)
    store.check_writable()
    campaign = resume or campaign_name()
    say(f"Campaign {campaign}; to go on with it: --resume {campaign}, with the same options")
    step = carried(campaign, _words(options), store, _progress)
    outcomes = on_each(_machines(listed, only), step)
    _told(outcomes, "its part has ended, its records are here")
    if cut := [outcome.name for outcome in outcomes if not outcome.ended]:
        raise RunsFailedError(f"not ended on {', '.join(cut)}: go on with --resume {campaign}")


@fleet_command.command("status")
@machines_option
@only_option
@campaign_option
def status_command(listed: Path, only: tuple[str, ...], campaign: str) -> None:
    """Say how a campaign stands on each machine."""
    _ask("follow", listed, only, campaign)


@fleet_command.command("stop")
@machines_option
@only_option
@campaign_option
def stop_command(listed: Path, only: tuple[str, ...], campaign: str) -> None:
    """Stop a campaign on each machine, in good order: the record of the running run is kept."""
    _ask("stop", listed, only, campaign)


@fleet_command.command("serve", hidden=True)
def serve_command() -> None:
    """Answer orders of a fleet on stdin and stdout."""
    from bench.fleet.agent import serve

    serve(sys.stdin.buffer, sys.stdout.buffer)


def _machines(listed: Path, only: tuple[str, ...]) -> "dict[str, Entry]":
    from bench.fleet.machines import load_machines

    if sys.platform == "win32":
        raise UsageError("a fleet is commanded from Linux or macOS: no such locks are on Windows")
    return load_machines(listed, only)


def _words(options: dict[str, Any]) -> tuple[str, ...]:
    epochs = ("--epochs", str(options["epochs"])) if options["epochs"] else ()
    tasks = (word for name in options["tasks"] for word in ("--task", name))
    return (*tasks, "--repeats", str(options["repeats"]), *epochs)


def _ask(verb: Any, listed: Path, only: tuple[str, ...], campaign: str) -> None:
    from bench.fleet.carry import on_each, once
    from bench.fleet.order import Order

    asked = Order(verb=verb, campaign=campaign)
    _told(on_each(_machines(listed, only), once(asked)), None)


def _progress(name: str, text: str) -> None:
    """What a machine's command said, each line under its name, as data of a stranger."""
    from bench.evidence.strangers import printable

    for line in filter(str.strip, text.splitlines()):
        say(f"{name}: {printable(line)}")


def _told(outcomes: "Iterable[Outcome]", well: str | None) -> None:
    """A line a machine; raises FleetError where one did not answer."""
    outcomes = list(outcomes)
    for outcome in outcomes:
        if outcome.answer is not None:
            click.echo(f"{outcome.name}: {(outcome.ended and well) or _stands(outcome, well)}")
    failed = [outcome for outcome in outcomes if outcome.error]
    for outcome in failed[1:]:
        say(f"certbench: {outcome.error}")
    if failed:
        raise FleetError(str(failed[0].error))


def _stands(outcome: "Outcome", well: str | None) -> str:
    assert outcome.answer is not None
    if outcome.answer.digest:
        return well or ""
    code = outcome.answer.exit_code
    return outcome.answer.state + ("" if code is None else f", exit code {code}")
