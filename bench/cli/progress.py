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
from bench.contract.events import Described, Epoch, Event, Noticed, Staged, Stepped, Wrote
from bench.contract.facts import EpochFacts
from bench.evidence.derive import total_seconds
from bench.evidence.record import Record
from bench.evidence.words import brief

REDRAW_SECONDS = 1.0
CLEAR_LINE = "\r\x1b[2K"


class Progress:
    """A `Listener` that shows round, task, environment, epoch, score so far and time to go."""

    def __init__(
        self,
        runs: Sequence[Run],
        known: Sequence[Record],
        machine: str,
        epochs: int | None = None,
    ) -> None:
        """`known` are earlier records, from which the time to go is estimated at first.

        `epochs` are the most of each fit of a script.
        """
        self._runs, self._machine = runs, machine
        self._known = list(known)
        self._most = epochs
        self._begun = 0
        self._task = ""
        self._epochs: int | None = None
        self._place = self._left = ""
        self._to_say: list[str] = []
        self._said: set[str] = set()
        self._drawn = 0.0

    def begins(self, run: Run) -> None:
        """Name the run."""
        self._begun += 1
        self._epochs = None
        self._to_say = []
        self._left = self._to_go(self._begun - 1)
        self._task = run.task
        self._place = (
            f"[{self._begun}/{len(self._runs)}] round {run.round}/{self._runs[-1].round} · "
            f"{run.task} · {run.environment}"
        )
        self._draw(lambda: f"starting · {self._left}", force=True)

    def on_event(self, event: Event) -> None:
        """Count the epochs; nothing is worked out that is not drawn, as the run is being timed."""
        match event:
            case Described():
                self._epochs = event.epochs
            case Staged() if event.stage.index or self._epochs is None:
                wanted = event.stage.epochs_wanted
                self._epochs = (self._epochs or 0) + min(wanted, self._most or wanted)
            case Epoch():
                self._draw(lambda: self._so_far(event.epoch))
            case Stepped():
                self._draw(lambda: self._under_way(event))
            case Noticed():
                self._notice(event)
            case Wrote():
                self._to_say.append(_left_behind(event))
            case _:
                pass

    def _notice(self, event: Noticed) -> None:
        """Said once, and at once: the run may never end for it."""
        where = "" if event.line is None else f"line {event.line}: "
        text = f"warn: {self._task} {where}{event.text}"
        if text not in self._said:
            self._said.add(text)
            self._draw(lambda: "", force=True)
            say(text)

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
        for text in self._to_say:
            say(text)

    def _so_far(self, epoch: EpochFacts) -> str:
        of = f"/{self._epochs}" if self._epochs else ""
        score = "" if epoch.score is None else f" · score {epoch.score} so far"
        return f"epoch {epoch.index + 1}{of}{score} · {self._left}"

    def _under_way(self, event: Stepped) -> str:
        of = f"/{self._epochs}" if self._epochs else ""
        steps = f"{event.step:,}" + (f" of {event.steps:,}" if event.steps else "")
        return f"epoch {event.epoch + 1}{of} · step {steps} · {self._left}"

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


def _left_behind(event: Wrote) -> str:
    """What a script wrote, and what became of it."""
    more = event.count - len(event.files)
    names = ", ".join(map(brief, event.files)) + (f" and {more} more" if more else "")
    size = f"{event.size_bytes / 1e6:.1f} MB"
    if event.kept:
        return f"kept what it wrote: {names} ({size})"
    return f"lost with its working folder: {names} ({size}); --keep DIR saves what a script writes"
