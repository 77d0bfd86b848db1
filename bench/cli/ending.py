"""What a campaign says for its end: the answer, one table, and what to type next.

After its first round it says in one line what follows so far. Between two runs nothing is timed;
nothing here happens while one is.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path

from bench.campaign.plan import Run
from bench.campaign.runner import Job, Listener
from bench.cli.options import say
from bench.contract.events import Event
from bench.errors import PriceError
from bench.evidence.record import Record
from bench.evidence.variants import called
from bench.evidence.words import counted

ENOUGH_ROUNDS = 6  # from so many on there is an interval: docs/method.md
DEFAULT_RESULTS = Path("results")


class Provisional:
    """A `Listener` that hands all on, and says what follows from the first of several rounds."""

    def __init__(self, listener: Listener, job: Job) -> None:
        """`listener` is told everything first."""
        self._listener, self._job = listener, job
        self._records: list[Record] = []
        rounds = [run.round for run in job.runs]
        self._left = rounds.count(rounds[0]) if len(set(rounds)) > 1 else 0

    def begins(self, run: Run) -> None:
        """Hand it on."""
        self._listener.begins(run)

    def on_event(self, event: Event) -> None:
        """Hand it on, and nothing else: a run is being timed."""
        self._listener.on_event(event)

    def ends(self, record: Record) -> None:
        """Hand it on; the last of the first round brings an answer."""
        self._listener.ends(record)
        self._records.append(record)
        if len(self._records) == self._left:
            lines = lines_of(self._job, (*self._job.before, *self._records))
            say(f"Provisional, after round {record.round}: {lines[0]}")


def show_ending(job: Job, records: Sequence[Record], results: Path) -> None:
    """Print the answer, the campaign's table, and the next steps. `records` are the campaign's."""
    from bench.cli.show import print_summary
    from bench.cli.tables import print_prose, print_steps
    from bench.evidence.summaries import targets

    for line in lines_of(job, records):
        print_prose(line)
    print_summary(records)
    for line in targets(records):
        print_prose(line)
    print_steps("next:", next_steps(records, results))


def lines_of(job: Job, records: Sequence[Record]) -> list[str]:
    """The answer for the campaign's tasks, as `certbench decide` gives it; or why there is none."""
    from bench.cli.prices import known_prices
    from bench.verdict.answer_lines import answer_or_why
    from bench.verdict.request import Request

    tasks = {called(record) for record in records}
    earlier = [r for r in job.known if called(r) in tasks and r.campaign.id != job.campaign.id]
    try:
        prices = known_prices(None)
    except PriceError as error:  # a damaged catalogue is no reason to end a campaign
        return [f"No answer yet: {error}."]
    return answer_or_why((*earlier, *records), job.machine.id, prices, Request())


def next_steps(records: Sequence[Record], results: Path) -> list[tuple[str, str]]:
    """Commands to type next, each with what it does."""
    there = () if results == DEFAULT_RESULTS else ("--results", str(results))
    rounds = len({record.round for record in records if record.status == "ok"})
    steps = [
        ("certbench decide --epoch-seconds S --epochs N", "the answer for a job of your own"),
        (_typed("decide", "--details", *there), "each option in time and money, and the sources"),
        (_typed("explain", *there), "why an epoch takes so long, and what to try"),
        (_typed("show", *there), "where the seconds go, and how noisy they are"),
    ]
    if 0 < rounds < ENOUGH_ROUNDS:
        more = ("run", "--resume", "--repeats", str(ENOUGH_ROUNDS), *there)
        why = f"surer: an interval in place of the range of {counted(rounds, 'round')}"
        steps.insert(1, (_typed(*more), why))
    return steps


def _typed(*words: str) -> str:
    return shlex.join(("certbench", *words))
