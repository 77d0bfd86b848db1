"""Why a job is as slow as it is: one function a cause, each from records alone.

A cause is found or not by a limit of `limits`; the seconds of an epoch are the most that could be
had back, never a promise.
"""

import math

from bench.verdict.causes import gpu, job, machine
from bench.verdict.causes.finding import Finding, Tried
from bench.verdict.epoch_work import Work

RULES = (*gpu.RULES, *machine.RULES, *job.RULES)


def causes(work: Work, tried: Tried) -> tuple[Finding, ...]:
    """All that stands out: causes before symptoms, the largest of each first.

    One whose size is not known comes before all that are.
    """
    found = [finding for rule in RULES if (finding := rule(work, tried)) is not None]
    return tuple(sorted(found, key=_rank))


def _rank(finding: Finding) -> tuple[bool, float]:
    size = math.inf if finding.seconds_an_epoch is None else finding.seconds_an_epoch
    return finding.symptom, -size
