"""The command line: parse, call one function, show. The only importer of click.

What is heavy (Docker, pandas, matplotlib) is imported inside the commands, so that help starts at
once.
"""

import signal
import sys
from collections.abc import Callable
from typing import NoReturn

import rich_click as click

from bench import __version__
from bench.cli.archive import export_command, import_command
from bench.cli.build import build_command, clean_command, data_command
from bench.cli.charts import charts_command
from bench.cli.compare import compare_command
from bench.cli.decide import decide_command
from bench.cli.doctor import doctor_command
from bench.cli.estimate import estimate_command
from bench.cli.explain import explain_command
from bench.cli.fleet import fleet_command
from bench.cli.lists import environments_command, tasks_command
from bench.cli.options import say
from bench.cli.prices import prices_command
from bench.cli.publish import publish_command
from bench.cli.published import published_command
from bench.cli.run import run_command
from bench.cli.show import show_command
from bench.cli.streams import ReaderLeftError, take_streams
from bench.cli.trying import try_command
from bench.errors import CertbenchError, Interrupted
from bench.evidence.strangers import brief

DOCUMENTS = "https://github.com/certbench/certbench/tree/main/docs"
EPILOG = (
    f"Each command explains itself: certbench run --help. Documents, exit codes too: {DOCUMENTS}"
)

GROUPS = {
    "Start": (
        doctor_command,
        tasks_command,
        environments_command,
        build_command,
        data_command,
        run_command,
        try_command,
    ),
    "Look": (
        decide_command,
        show_command,
        compare_command,
        explain_command,
        charts_command,
        estimate_command,
        prices_command,
        published_command,
    ),
    "Share": (publish_command, export_command, import_command, fleet_command),
    "Tidy up": (clean_command,),
}


@click.group(epilog=EPILOG)
@click.version_option(__version__, prog_name="certbench")
@click.rich_config(
    help_config=click.RichHelpConfiguration(
        commands_before_options=True,
        command_groups={
            "*": [
                {"name": name, "commands": [str(command.name) for command in commands]}
                for name, commands in GROUPS.items()
            ]
        },
    )
)
def certbench() -> None:
    """Should I train this on my own machine or in the cloud? Answered with measurements.

    Start with `certbench run --env cpu`: it ends with the answer. `certbench decide` answers again,
    also for a job of your own.
    """


for command in (command for commands in GROUPS.values() for command in commands):
    certbench.add_command(command)


MESSAGE_MOST = 2000  # no error of ours is longer; what it quotes may be
STOPS = ("SIGINT", "SIGTERM", "SIGHUP")  # the last: a terminal was closed; Windows has none


def main() -> NoReturn:
    """Run the command; every known error is one line and its own exit code."""
    _on_stops(_stop)
    take_streams()
    try:
        code = certbench(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _fail(Interrupted("stopped"))
    except ReaderLeftError as error:
        sys.exit(error.exit_code)
    except CertbenchError as error:
        _fail(error)
    sys.exit(code or 0)


def _stop(*_: object) -> NoReturn:
    """The first signal stops in good order; further ones must not disturb the cleaning up."""
    _on_stops(signal.SIG_IGN)
    raise KeyboardInterrupt


def _on_stops(action: Callable[..., NoReturn] | signal.Handlers) -> None:
    """Set what the signals that stop do; the closed terminal that `nohup` ignores stays ignored."""
    for name in (name for name in STOPS if hasattr(signal, name)):
        stop = getattr(signal, name)
        if name != "SIGHUP" or signal.getsignal(stop) != signal.SIG_IGN:
            signal.signal(stop, action)


def _fail(error: CertbenchError) -> NoReturn:
    say(f"certbench: {brief(error, MESSAGE_MOST)}")
    sys.exit(error.exit_code)
