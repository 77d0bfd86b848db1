"""What the job was told to do: how it starts, how often it validates, and how its epochs go on."""

import shlex

from bench.evidence.words import counted, duration_spoken
from bench.verdict.causes.drift import drift
from bench.verdict.causes.finding import Finding, Rule, Tried, run
from bench.verdict.causes.limits import limit
from bench.verdict.epoch_work import Work

WORDS = {"session": "waiting for the session", "start": "starting the environment"}


def _start(work: Work, _: Tried) -> Finding | None:
    before, first, job = work.before, work.first_extra, work.job
    if before is None or first is None or not job or not work.epochs:
        return None
    share = (before + first) / job
    if share < limit("start-share"):
        return None
    by_first = first > before
    parts = sorted(work.parts_before.items(), key=lambda part: -part[1])[:2]
    said = " and ".join(f"{duration_spoken(s)} of {WORDS.get(n, n)}" for n, s in parts)
    return Finding(
        finding="first-epoch-dominates" if by_first else "start-dominates",
        says=f"What comes once is {share:.0%} of the whole job"
        + (", most of it the first epoch" if by_first else ""),
        evidence=f"{duration_spoken(before)} before the first epoch (most: {said}), "
        f"{duration_spoken(first)} that the first epoch takes longer, of "
        f"{duration_spoken(job)} for {counted(work.epochs, 'epoch')}",
        seconds_an_epoch=(before + first) / work.epochs,
        advice="several jobs in one process pay it once, and with more epochs it fades: compare "
        "places by the whole job",
        command=f"certbench decide --task {shlex.quote(work.last.task.name)} "
        f"--epochs {10 * work.epochs}",
    )


def _drift(work: Work, _: Tried) -> Finding | None:
    found = drift(work.pool.repeats)
    if found is None:
        return None
    return Finding(
        finding="slower-from-epoch-to-epoch",
        says=f"Epochs become slower, by {found.growth:.0%} from the first third to the last",
        evidence=f"in {found.count} of {counted(len(work.pool.repeats), 'run')}, from "
        f"{duration_spoken(found.before)} to {duration_spoken(found.after)}; "
        + ("; ".join(found.signs) or "no counter of clock, heat or memory says why"),
        seconds_an_epoch=found.after - found.before,
        advice="look for what grows: memory, a list that a callback keeps, heat",
        command=f"certbench doctor --env {shlex.quote(work.last.environment.name)}",
    )


def _validation(work: Work, _: Tried) -> Finding | None:
    if not work.epoch or work.validation is None or work.train is None:
        return None
    share = work.validation / work.epoch
    if share < limit("validation-share"):
        return None
    more = work.validation > work.train
    return Finding(
        finding="validation-heavy",
        says="It validates longer than it trains"
        if more
        else f"Validation takes {share:.0%} of an epoch",
        evidence=f"{duration_spoken(work.validation)} of the {duration_spoken(work.epoch)} of an "
        f"epoch, {duration_spoken(work.train)} train",
        seconds_an_epoch=work.validation,
        advice="validate every fifth epoch (`validation_freq=5`), or on fewer examples",
        command=run(work),
    )


def _passes(work: Work, _: Tried) -> Finding | None:
    if work.passes is None or work.epoch is None or work.passes < limit("passes"):
        return None
    stage = max(work.last.stages, key=lambda s: (s.steps or 0) * (s.batch_size or 0))
    steps = stage.steps_wanted or stage.steps
    return Finding(
        finding="more-steps-than-data",
        says=f"An epoch goes {work.passes:.2g} times over the data",
        evidence=f"{counted(steps or 0, 'step')} of {counted(stage.batch_size or 0, 'example')}, "
        f"and the data hold {stage.examples}",
        seconds_an_epoch=(work.train or work.epoch) * (1 - 1 / work.passes),
        advice="leave `steps_per_epoch` out, or set it to examples over batch size",
        command=run(work),
    )


RULES: tuple[Rule, ...] = (_start, _drift, _validation, _passes)
