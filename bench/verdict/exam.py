"""The exam day: whether five tasks, with several attempts each, fit into the exam's five hours."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench.errors import UsageError
from bench.verdict.model import Timing, joint, summary
from bench.verdict.money import HOUR
from bench.verdict.statistics import Estimate

EXAM_HOURS = 5.0
CATEGORIES = 5
MINUTE = 60.0


@dataclass(frozen=True, kw_only=True)
class Exam:
    """`seconds` for all attempts with their thinking; `most_attempts` of each task that fit.

    `fits` is None where the interval lies on both sides of five hours: too close to call.
    """

    option: str
    attempts: int
    thinking_minutes: float
    seconds: Estimate
    fits: bool | None
    most_attempts: int
    least_most_attempts: int


def exam_day(
    option: str, jobs: Mapping[str, tuple[Timing, float]], attempts: int, thinking_minutes: float
) -> Exam:
    """All tasks (name → timing and epochs) at one option.

    Raises UsageError for attempts or minutes that make no sense, and where tasks are missing.
    """
    check_exam(attempts, thinking_minutes)
    if len(jobs) < CATEGORIES:
        raise UsageError(f"the exam has 5 tasks, {option} has records of {len(jobs)}: run the rest")
    trainings = [timing.start + epochs * timing.epoch for timing, epochs in jobs.values()]
    once = np.sum(trainings, axis=0) + len(jobs) * thinking_minutes * MINUTE
    weakest = joint([timing for timing, _ in jobs.values()])
    total = summary(attempts * once, weakest)
    fit = np.floor(EXAM_HOURS * HOUR / once)
    early, late = total.high <= EXAM_HOURS * HOUR, total.low > EXAM_HOURS * HOUR
    return Exam(
        option=option,
        attempts=attempts,
        thinking_minutes=thinking_minutes,
        seconds=total,
        fits=True if early else False if late else None,
        most_attempts=int(fit[0]),
        least_most_attempts=int(summary(fit, weakest).low),
    )


def check_exam(attempts: int, thinking_minutes: float) -> None:
    """Raise UsageError for attempts or minutes that make no sense."""
    if not 1 <= attempts <= 1000:
        raise UsageError(f"--attempts is {attempts}: at least 1, at most 1000")
    if not 0 <= thinking_minutes <= EXAM_HOURS * MINUTE:
        raise UsageError(f"--thinking is {thinking_minutes:g}: 0 to 300 minutes")
