"""What a user sees while a campaign runs: a live line in a terminal, and one line for each run.

The live line is drawn when something happened, and at most once a second: the host has to be quiet
while a run is timed. The time to go is worked out between runs.
"""

import shutil
import sys
import time
from collections.abc import Callable, Sequence

from bench.campaign.estimate import campaign_seconds, spoken
from bench.campaign.plan import Run
from bench.cli.options import say
from bench.contract.events import Described, Epoch, Event
from bench.contract.facts import EpochFacts
from bench.evidence.derive import total_seconds
from bench.evidence.record import Record

REDRAW_SECONDS = 1.0
CLEAR_LINE = "\r\x1b[2K"


class Progress:
    """A `Listener` that shows round, task, environment, epoch, score so far and time to go."""

    def __init__(self, runs: Sequence[Run], known: Sequence[Record], machine: str) -> None:
        """`known` are earlier records, from which the time to go is estimated at first."""
        self._runs, self._machine = runs, machine
        self._known = list(known)
        self._begun = 0
        self._epochs: int | None = None
        self._place = self._left = ""
        self._drawn = 0.0

    def begins(self, run: Run) -> None:
        """Name the run."""
        self._begun += 1
        self._epochs = None
        self._left = self._to_go(self._begun - 1)
        self._place = (
            f"[{self._begun}/{len(self._runs)}] round {run.round}/{self._runs[-1].round} · "
            f"{run.task} · {run.environment}"
        )
        self._draw(lambda: f"starting · {self._left}", force=True)

    def hears(self, event: Event) -> None:
        """Count the epochs; nothing is worked out that is not drawn, as the run is being timed."""
        if isinstance(event, Described):
            self._epochs = event.epochs
        if isinstance(event, Epoch):
            self._draw(lambda: self._so_far(event.epoch))

    def ends(self, record: Record) -> None:
        """Leave one line for the run."""
        self._known.append(record)
        total = total_seconds(record)
        graded = record.result and record.result.score is not None
        score = f"score {record.result.score}" if record.result and graded else "no score"
        seconds = "cut short" if total is None else f"{total:.1f} s"
        why = "" if record.status == "ok" else f" ({', '.join(record.reasons)}: {record.detail})"
        self._draw(lambda: "", force=True)
        last = self._begun == len(self._runs)
        then = "" if last else f" · {self._to_go(self._begun)}"
        say(f"{self._place}: {record.status}, {score}, {seconds}{why}{then}")

    def _so_far(self, epoch: EpochFacts) -> str:
        of = f"/{self._epochs}" if self._epochs else ""
        score = "" if epoch.score is None else f" · score {epoch.score} so far"
        return f"epoch {epoch.index + 1}{of}{score} · {self._left}"

    def _to_go(self, done: int) -> str:
        left = self._runs[done:]
        seconds = campaign_seconds(left, self._known, self._machine)
        return f"{len(left)} runs to go" if seconds is None else f"{spoken(seconds)} to go"

    def _draw(self, worded: Callable[[], str], *, force: bool = False) -> None:
        if not sys.stderr.isatty():
            return
        if not force and time.monotonic() - self._drawn < REDRAW_SECONDS:
            return
        self._drawn = time.monotonic()
        text = worded()
        line = f"{self._place} · {text}" if text else ""
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write(CLEAR_LINE + line[:width])
        sys.stderr.flush()
