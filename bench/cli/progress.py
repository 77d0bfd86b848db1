"""What a user sees while a campaign runs: a live line in a terminal, and one line for each run.

The host has to be quiet while a run is timed, so no thread and no timer draws here. The line is
drawn when an event came: at the start of each phase, and of epochs at most once a second. The time
to go is worked out between runs.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console

from bench.campaign.estimate import campaign_seconds
from bench.campaign.plan import Run
from bench.cli.live import View, left_spoken, live_line, sampled
from bench.cli.options import say
from bench.contract.events import (
    Built,
    Described,
    Epoch,
    Event,
    Handshake,
    Noticed,
    Phase,
    Scored,
    Seen,
    Staged,
    Stepped,
    Wrote,
)
from bench.contract.facts import EpochFacts
from bench.evidence.derive import total_seconds
from bench.evidence.record import Record
from bench.evidence.strangers import brief

REDRAW_SECONDS = 1.0
CLEAR_LINE = "\r\x1b[2K"
FRAMEWORKS = {"tensorflow": "TensorFlow", "jax": "JAX"}


@dataclass(kw_only=True)
class _Running:
    """The run that is under way. The time to go with all of it, and without it; None: unknown."""

    run: Run
    begun: float
    left_with: float | None
    left_without: float | None
    doing: str = "starting"
    epochs: int | None = None
    newest: EpochFacts | None = None
    losses: list[float | None] = field(default_factory=list)
    left_behind: str = ""

    def left(self, now: float) -> float | None:
        """What was worked out when it began, less what has passed; at least the runs after it."""
        if self.left_with is None or self.left_without is None:
            return None
        return max(self.left_with - (now - self.begun), self.left_without)


class Progress:
    """A `Listener` that shows what a run does, its epochs, its loss, and the time to go."""

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
        self._noticed: set[str] = set()
        self._number = 0
        self._started, self._drawn = time.monotonic(), 0.0
        self._console = Console(stderr=True, highlight=False)
        self._live = sys.stderr.isatty() and not self._console.is_dumb_terminal

    def begins(self, run: Run) -> None:
        """Name the run, and work out the time to go."""
        self._number += 1
        left = self._to_go(self._number - 1), self._to_go(self._number)
        self._running = _Running(
            run=run, begun=time.monotonic(), left_with=left[0], left_without=left[1]
        )
        self._draw()

    def on_event(self, event: Event) -> None:
        """Keep what was said. A new phase is drawn at once: the next word may be minutes away."""
        now = self._running
        match event:
            case Epoch():
                now.newest = event.epoch
                now.losses.append(event.epoch.loss)
                now.doing = ""
                if time.monotonic() - self._drawn >= REDRAW_SECONDS:
                    self._draw()
                return
            case Described():
                now.epochs = event.epochs
                framework = FRAMEWORKS.get(str(now.run.variant["backend"]), "the framework")
                doing = f"importing {framework}"
            case Phase():
                doing = AFTER.get(event.name, now.doing)
            case Stepped():
                doing = _under_way(event)
            case _:
                self._of_script(event)
                doing = DOING.get(type(event), now.doing)
        if doing != now.doing:
            now.doing = doing
            self._draw()

    def _of_script(self, event: Event) -> None:
        """What a script alone says: its fits one by one, what is hardly meant, what it wrote."""
        now = self._running
        match event:
            case Staged() if event.stage.index or now.epochs is None:
                wanted = event.stage.epochs_wanted
                now.epochs = (now.epochs or 0) + min(wanted, self._most or wanted)
            case Noticed():
                self._notice(event)
            case Wrote():
                now.left_behind = _left_behind(event)
            case _:
                pass

    def _notice(self, event: Noticed) -> None:
        """Said once, and at once: the run may never end for it."""
        where = "" if event.line is None else f"line {event.line}: "
        text = f"warn: {self._running.run.task} {where}{event.text}"
        if text not in self._noticed:
            self._noticed.add(text)
            self._clear()
            say(text)

    def ends(self, record: Record) -> None:
        """Leave one line for the run."""
        self._known.append(record)
        run, left = self._running.run, len(self._runs) - self._number
        then = f" · {left_spoken(self._to_go(self._number), left)}" if left else ""
        self._clear()
        say(
            f"[{self._number}/{len(self._runs)}] round {run.round}/{self._runs[-1].round} · "
            f"{run.task} in {run.environment}: {outcome(record)}{then}",
            sign=record.status,
        )
        if self._running.left_behind:
            say(self._running.left_behind)

    def _to_go(self, done: int) -> float | None:
        left = self._runs[done:]
        return campaign_seconds(left, self._known, self._machine) if left else 0.0

    def _draw(self) -> None:
        if not self._live:
            return
        self._drawn = time.monotonic()
        self._clear()
        self._console.print(live_line(self._view(), self._console.width), end="")

    def _clear(self) -> None:
        if self._live:
            sys.stderr.write(CLEAR_LINE)
            sys.stderr.flush()

    def _view(self) -> View:
        now, at = self._running, time.monotonic()
        return View(
            number=self._number,
            runs=len(self._runs),
            round=now.run.round,
            rounds=self._runs[-1].round,
            task=now.run.task,
            environment=now.run.environment,
            doing=now.doing,
            epoch=now.newest.index + 1 if now.newest else 0,
            epochs=now.epochs,
            epoch_seconds=_seconds(now.newest) if now.newest else None,
            losses=sampled(now.losses),
            score=now.newest.score if now.newest else None,
            elapsed_seconds=at - self._started,
            left_seconds=now.left(at),
            runs_left=len(self._runs) - self._number + 1,
        )


def _seconds(epoch: EpochFacts) -> float:
    return epoch.train_seconds + epoch.validation_seconds


def outcome(record: Record) -> str:
    """How a run ended, in words."""
    total = total_seconds(record)
    graded = record.result and record.result.score is not None
    score = f"score {record.result.score}" if record.result and graded else "no score"
    seconds = "cut short" if total is None else f"{total:.1f} s"
    why = "" if record.status == "ok" else f" ({', '.join(record.reasons)}: {record.detail})"
    return f"{record.status}, {score}, {seconds}{why}"


TRACING = "first epoch, tracing too"
DOING: dict[type[Event], str] = {
    Handshake: "checking the data",
    Seen: "loading the data",
    Built: TRACING,
    Staged: TRACING,
    Scored: "reading the input alone",
}
AFTER = {"data": "building the model", "fit": "grading"}  # what follows the end of a phase


def _under_way(event: Stepped) -> str:
    steps = f"{event.step:,}" + (f" of {event.steps:,}" if event.steps else "")
    return f"epoch {event.epoch + 1}: step {steps}"


def _left_behind(event: Wrote) -> str:
    """What a script wrote, and what became of it."""
    more = event.count - len(event.files)
    names = ", ".join(map(brief, event.files)) + (f" and {more} more" if more else "")
    size = f"{event.size_bytes / 1e6:.1f} MB"
    if event.kept:
        return f"kept what it wrote: {names} ({size})"
    return f"lost with its working folder: {names} ({size}); --keep DIR saves what a script writes"
