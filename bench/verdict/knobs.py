"""Over a knob of a task: at which of its values the advice changes, in a sentence.

"fashion: STAY up to batch_size 128, RENT T4 from 512 on." And where the job as it is stays here at
each value, from which value on a longer one would not. Each value was trained and is a job of the
answer; this reads their advice and computes none.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import TypeVar

from bench.evidence.variants import PLAIN, number, parts
from bench.verdict.answer import Answer, JobAnswer
from bench.verdict.headline import long_spoken, worth_it
from bench.verdict.places import Crossing

What = TypeVar("What", str, bool)
Step = tuple[float, JobAnswer]  # a value of the knob, and the answer there


def knob_lines(answer: Answer) -> list[str]:
    """Lines for each task and knob of which several values were trained, all else calibrated."""
    tasks: dict[str, list[JobAnswer]] = {}
    for job in answer.jobs:
        if job.settings:
            tasks.setdefault(parts(job.task)[0], []).append(job)
    return [
        line
        for task, jobs in tasks.items()
        for knob in _numbers(jobs)
        if len(steps := _along(knob, jobs)) > 1
        for line in (_advice(task, knob, steps), *_lengths(task, knob, steps))
    ]


def _numbers(jobs: Sequence[JobAnswer]) -> list[str]:
    """The knobs that have several values, all of them numbers."""
    names = dict.fromkeys(name for job in jobs for name in job.settings)
    values = {name: {job.settings.get(name) for job in jobs} for name in names}
    return [
        name
        for name, found in values.items()
        if len(found) > 1 and all(isinstance(value, int | float) for value in found)
    ]


def _along(knob: str, jobs: Sequence[JobAnswer]) -> list[Step]:
    """The values of the knob in their order, of those jobs that vary nothing else."""
    steps = {
        float(job.settings[knob]): job
        for job in jobs
        if parts(job.task)[1].items() - {(knob, job.settings[knob])} == PLAIN.items()
    }
    return sorted(steps.items(), key=lambda step: step[0])


def _advice(task: str, knob: str, steps: Sequence[Step]) -> str:
    """STAY up to batch_size 128, RENT T4 from 512 on."""
    runs = _runs([(value, _advised(job)) for value, job in steps])
    if len(runs) == 1:
        ends = f"{number(steps[0][0])} to {number(steps[-1][0])}"
        return f"{task}: {runs[0][0]} at each {knob} that was tried, {ends}."
    first, *middle, last = runs
    said = [f"{first[0]} up to {knob} {number(first[1][-1])}"]
    said += [f"{what} at {', '.join(map(number, values))}" for what, values in middle]
    said += [f"{last[0]} from {number(last[1][0])} on"]
    return f"{task}: {', '.join(said)}."


def _advised(job: JobAnswer) -> str:
    """STAY, or RENT T4."""
    verb, place = job.advised.advice.upper(), job.advised.place
    if verb in {"STAY", "UNKNOWN"} or place is None:
        return verb
    return f"EITHER here or {place.name}" if verb == "EITHER" else f"{verb} {place.name}"


def _lengths(task: str, knob: str, steps: Sequence[Step]) -> list[str]:
    """Where a place is sooner for long jobs at some values, and at no length at the others."""
    lines = []
    for name in dict.fromkeys(place.name for _, job in steps for place in job.places[1:]):
        found = {value: _crossing(job, name) for value, job in steps}
        long_enough = {value: found[value] is not None for value, _ in steps}
        runs = _runs(list(long_enough.items()))
        if len(runs) == 2:  # it changes once, and lasts
            (_, before), (sooner, after) = runs
            at = (
                f"from {knob} {number(after[0])} on"
                if sooner
                else f"up to {knob} {number(before[-1])}"
            )
            minutes = [c for c in found.values() if c is not None]
            lengths = sorted(minutes, key=lambda crossing: crossing.minutes)
            span = dict.fromkeys(map(long_spoken, (lengths[0], lengths[-1])))
            lines.append(
                f"{task}: {name} is sooner {at}, for a job of more than {' to '.join(span)} here; "
                "else at no length."
            )
    return lines


def _crossing(job: JobAnswer, name: str) -> Crossing | None:
    """From which length on that place is sooner; None where it is at none, or is not there."""
    place = next((place for place in job.places[1:] if place.name == name), None)
    crossing = place.crossing if place and place.why_not is None else None
    return crossing if crossing and worth_it(crossing) else None


def _runs(steps: Sequence[tuple[float, What]]) -> list[tuple[What, list[float]]]:
    """What is the same for several values in a row, once, with those values."""
    by_what = groupby(steps, key=lambda step: step[1])
    return [(what, [value for value, _ in run]) for what, run in by_what]
