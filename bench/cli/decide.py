"""`certbench decide`: here or in the cloud, in time and in money."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from bench.cli.options import as_json, asked_as, format_option, results_option, say
from bench.cli.prices import known_prices, prices_option
from bench.errors import UsageError
from bench.verdict.published import KINDS
from bench.verdict.request import EXPECTED, Request, check_number

if TYPE_CHECKING:
    from bench.evidence.record import Record
    from bench.verdict.answer import Answer

DURATION = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|d)")
UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Number(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """A number with a point; what else was typed is refused in one line with what is expected."""

    name = "number"

    def __init__(self, field: str) -> None:
        """`field` is the number's name in the request."""
        self.field = field

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number. Raises UsageError."""
        try:
            number = float(str(value))
        except ValueError:
            expected = EXPECTED[self.field]
            point = ", with a point and no comma" if "," in str(value) else ""
            raise UsageError(f"{expected.flag} is {value}: {expected.text}{point}") from None
        check_number(self.field, number, str(value))
        return number


class Duration(click.ParamType):  # type: ignore[type-arg]
    """A number with its unit, in seconds: 90s, 30m, 5h, 2d."""

    name = "duration"

    def __init__(self, flag: str) -> None:
        """`flag` is the option's own name, for the message."""
        self.flag = flag

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The seconds. Raises UsageError for a number without its unit."""
        found = DURATION.fullmatch(str(value))
        if not found:
            raise UsageError(f"{self.flag} {value}: say a number and its unit, 90s, 30m, 5h or 2d")
        return float(found[1]) * UNIT_SECONDS[found[2]]


def _rates(texts: tuple[str, ...]) -> dict[str, float]:
    pairs = _pairs("--rate", texts, "CURRENCY=DOLLARS, for example EUR=1.08")
    return {name: Number("rate").convert(text, None, None) for name, text in pairs.items()}


def _pairs(flag: str, texts: tuple[str, ...], like: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise UsageError(f"{flag} {text}: say {like}")
        if name in found:
            raise UsageError(f"{flag} names {name} (an option twice): which of the two is it?")
        found[name] = value
    return found


OF_MANY: Mapping[str, Callable[[tuple[str, ...]], object]] = {
    "options": lambda texts: tuple(dict.fromkeys(texts)),
    "assume": lambda texts: _pairs("--assume", texts, "NAME=9x, for example colab-t4=9x"),
    "rates": _rates,
}


@click.command("decide")
@click.option(
    "--task", metavar="T", help="Answer for one task of the records. Default: for each of them."
)
@click.option(
    "--epochs",
    type=Number("epochs"),
    metavar="N",
    help="Answer for a job of so many epochs. Default: as many as the task has.",
)
@click.option(
    "--epoch-seconds",
    type=Number("epoch_seconds"),
    metavar="S",
    help="Answer for your own job, never run here: its seconds an epoch on this machine.",
)
@click.option(
    "--own-start-seconds",
    type=Number("own_start_seconds"),
    metavar="S",
    help="Say how long your own job takes to start, wherever it runs: imports, data, building.",
)
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    help="Say what model your own job is; where nothing is said, it may be any.",
)
@click.option(
    "--runs-per-week",
    "jobs_per_week",
    type=Number("jobs_per_week"),
    metavar="R",
    help="Say how many jobs a week you run. Default: 5, or as many as fit into a week.",
)
@click.option(
    "--hours-per-week",
    type=Number("hours_per_week"),
    metavar="H",
    help="Say how many hours a week this machine trains, in place of jobs a week.",
)
@click.option(
    "--months", type=Number("months"), metavar="M", help="Add up costs over so many months."
)
@click.option(
    "--machines",
    type=Number("machines"),
    metavar="N",
    help="Rent up to so many machines at once. Default: 1.",
)
@click.option(
    "--negligible",
    type=Number("negligible"),
    metavar="SUM",
    help="Let a difference of so much a month decide nothing. Default: 1.",
)
@click.option(
    "--hour-worth",
    type=Number("hour_worth"),
    metavar="SUM",
    help="Say what an hour less of waiting is worth to you; without it time goes before money.",
)
@click.option(
    "--deadline",
    "deadline_seconds",
    type=Duration("--deadline"),
    metavar="5h",
    help="Leave out places where a job does not end in time: 90s, 30m, 5h, 2d.",
)
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME",
    help="Compare this machine with these prices only, and with what is assumed.",
)
@click.option(
    "--cheapest",
    multiple=True,
    metavar="GPU",
    help="Add the cheapest hourly price of this GPU as an option.",
)
@click.option(
    "--assume", multiple=True, metavar="NAME=9x", help="Or NAME=4x-12x, or NAME=[MACHINE:]ENV."
)
@click.option(
    "--rate",
    "rates",
    multiple=True,
    metavar="EUR=1.08",
    help="Say what one unit of a currency is worth in US dollars, so that prices meet.",
)
@click.option(
    "--session-start",
    type=Duration("--session-start"),
    metavar="2m",
    help="Say how long you wait for a rented machine.",
)
@click.option(
    "--idle",
    "idle_seconds",
    type=Duration("--idle"),
    metavar="10m",
    help="Pay a rented session for so long after each job.",
)
@click.option("--published", is_flag=True, help="Use published speeds for your own task too.")
@click.option("--restarts", is_flag=True, help="Checkpoints carry a job over caps and quotas.")
@click.option(
    "--local", metavar="E", help="Say which environment stands for this machine. Default: cpu."
)
@click.option(
    "--attempts",
    type=Number("attempts"),
    metavar="N",
    help="Try each task so often on an exam day. Default: 2.",
)
@click.option(
    "--thinking",
    "thinking_minutes",
    type=Number("thinking_minutes"),
    metavar="MINUTES",
    help="Think so many minutes for each attempt on an exam day. Default: 10.",
)
@click.option("--sources", is_flag=True, help="Say where each number comes from.")
@click.option(
    "--details", is_flag=True, help="Show every option, crossing and tipping point, and the map."
)
@click.option("--campaign", metavar="ID", help="Use only the records of this campaign.")
@prices_option
@results_option
@format_option
@asked_as(Request, OF_MANY)
def decide_command(  # noqa: PLR0913, PLR0917  what shows the answer stands beside what is asked
    request: Request,
    own: Path | None,
    results: Path,
    form: str,
    campaign: str | None,
    sources: bool,  # noqa: FBT001  click gives it by name
    details: bool,  # noqa: FBT001
) -> None:
    """Decide between this machine and the cloud, from records and dated prices.

    The first line is the advice: STAY, RENT, BUY, EITHER, or UNKNOWN with what to do next. Then
    from how long a job on another place is sooner, and what to be cautious of.
    """
    from bench.cli.verdict_text import show_answer
    from bench.verdict.answer import answer
    from bench.verdict.data import as_data

    found = answer(_records(results, campaign), _here(), known_prices(own), request)
    _say_whose(found)
    if form == "json":
        as_json(as_data(found))
    else:
        show_answer(found, sources=sources, details=details)


def _here() -> str:
    from bench.campaign.machine import this_machine

    return this_machine().id


def _records(results: Path, campaign: str | None) -> "tuple[Record, ...]":
    from bench.evidence.store import Store
    from bench.verdict.table import of_campaign

    return of_campaign(Store(results).load_all(), campaign)


def _say_whose(found: "Answer") -> None:
    if found.machine != _here():
        say(f"This machine has no records: those of {found.machine} are used.")
