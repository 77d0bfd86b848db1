"""What a cause is, and the words and commands that several causes share."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.evidence.words import duration_spoken, nouned
from bench.verdict.causes.limits import limit
from bench.verdict.epoch_work import Work, usable_processors
from bench.verdict.tried import Trial, settings


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One cause. `says` is a sentence for people, `advice` what to change, `command` what to type.

    `seconds_an_epoch` is the most that an epoch loses by it; None where no epoch was measured.
    `measured` says what the thing to try has brought where it was tried; `symptom` that something
    else is the cause more often than not.
    """

    finding: str
    says: str
    evidence: str
    seconds_an_epoch: float | None
    advice: str
    command: str
    measured: tuple[str, ...] = ()
    symptom: bool = False

    @property
    def size(self) -> str:
        """The most that it costs of an epoch; empty where no epoch was measured."""
        seconds = self.seconds_an_epoch
        return "" if seconds is None else f"at most {duration_spoken(seconds)} an epoch"


MANY = 2
FEW, MANY_STEPS = 16, 16
BOUND = 0.7  # the input alone takes so much of the training that nothing else needs a reason
Tried = Sequence[Trial]
Rule = Callable[[Work, Tried], Finding | None]


def run(work: Work, *more: str, environment: str | None = None) -> str:
    """The command that measures this job again as the same variant, safe to paste."""
    task, place = work.last.task, environment or work.last.environment.name
    what = {"task": ("--task", task.name), "script": ("--script", f"./{task.name}.py")}
    words = what.get(task.source, ("--task", f"./{task.name}.py"))
    given = {word.partition("=")[0] for word in more}
    kept = [
        word
        for name, value in settings(work.last)
        if name not in given
        for word in ("--vary", f"{name}={value}")
    ]
    return shlex.join(["certbench", "run", *words, "--env", place, *kept, *more])


def batch_sizes(work: Work) -> list[int]:
    """Batch sizes to try: this one, four and sixteen times as large, as far as the data go.

    Where how many steps an epoch has is not known, a batch of a few may well be all the data.
    """
    now, steps = work.last.task.batch_size, work.last.task.steps
    if not now:
        return []
    most = now * (steps or (1 if now < FEW else MANY_STEPS))
    return [size for size in (now, 4 * now, 16 * now) if size <= most]


def of_other_places(tried: Tried) -> tuple[str, ...]:
    """What other environments brought."""
    return tuple(trial.text for trial in tried if not trial.knobs)


def input_share(work: Work) -> float:
    """The input alone over the training of a steady epoch; 0 where it is not known."""
    return work.input / work.train if work.input and work.train else 0.0


def idle_processors(work: Work) -> float:
    """How many of the processors that others left free were idle; 0 where most were in use.

    0 also where there is one processor, or where what was in use is not known.
    """
    seen = work.last.seen
    if work.accelerated or seen is None or usable_processors(seen) < MANY:
        return 0.0
    if work.in_use is None or not work.processors:
        return 0.0
    idle = share_in_use(work) <= limit("processors-in-use")
    return work.processors - work.in_use if idle else 0.0


def share_in_use(work: Work) -> float:
    """Of the processors that others left free, the share that it used."""
    return min(1.0, (work.in_use or 0.0) / (work.processors or 1.0))


def in_use_spoken(work: Work) -> str:
    """Processors in use, as part of a sentence."""
    if work.in_use is None or work.processors is None:
        return "how many processors it used is not known"
    in_use = min(work.in_use, work.processors)  # of what others left free, so never more
    return f"{in_use:.2g} of {nouned(f'{work.processors:.2g}', 'processor')} in use"
