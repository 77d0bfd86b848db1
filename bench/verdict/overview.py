"""The whole verdict: every task's report, the exam day, and the first line over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.verdict.decide import Pick
from bench.verdict.exam import CATEGORIES, Exam, exam_day
from bench.verdict.jobs import Job
from bench.verdict.report import JobReport, cautioned
from bench.verdict.words import listed, seconds_spoken


@dataclass(frozen=True, kw_only=True)
class Overview:
    """`verdict` is the first line. `no_exam` says why there is no answer about the exam day."""

    verdict: str
    reports: tuple[JobReport, ...]
    exam: Exam | None
    no_exam: str | None


def overview(
    reports: Sequence[JobReport], jobs: Sequence[Job], attempts: int, thinking_minutes: float
) -> Overview:
    """Join the reports of one or several jobs, in their order."""
    timings = {
        job.name: (job.base.timing, float(job.epochs))
        for job in jobs
        if job.epochs and 1 <= job.category <= CATEGORIES
    }
    ready = len(timings) >= CATEGORIES
    where = jobs[0].base.name
    return Overview(
        verdict=reports[0].verdict if len(reports) == 1 else _first_line(reports),
        reports=tuple(reports),
        exam=exam_day(where, timings, attempts, thinking_minutes) if ready else None,
        no_exam=None
        if ready
        else f"the exam has 5 tasks, {where} has records of {len(timings)}: `certbench run`",
    )


def exam_spoken(exam: Exam) -> str:
    """The exam's answer as a sentence."""
    word = {True: "fit into", False: "do not fit into", None: "may or may not fit into"}[exam.fits]
    return (
        f"Exam day on {exam.option}: {exam.attempts} attempts at each of five tasks, with "
        f"{exam.thinking_minutes:g} minutes of thinking each, {word} five hours "
        f"({seconds_spoken(exam.seconds.middle)}); {exam.most_attempts} would."
    )


def _first_line(reports: Sequence[JobReport]) -> str:
    fast = _grouped([(r.task, r.job.fastest) for r in reports])
    cheap = _grouped([(r.task, cheapest(r)) for r in reports])
    said = sorted({caution for report in reports for caution in report.cautions})
    return cautioned(f"Fastest: {fast}. Cheapest: {cheap}.", said)


def cheapest(report: JobReport) -> Pick:
    """The cheapest, with a word where that is only because no other saves a cent."""
    pick = report.job.advised
    return pick if report.job.pays else Pick(name=f"{pick.name} (nothing saves a cent)")


def _grouped(picks: Sequence[tuple[str, Pick]]) -> str:
    groups: dict[str, list[str]] = {}
    for task, pick in picks:
        name = "too close to call" if pick.close else pick.name or "no option"
        groups.setdefault(name, []).append(task)
    return "; ".join(
        f"{name} for {'all' if len(tasks) == len(picks) else listed(tuple(tasks))}"
        for name, tasks in groups.items()
    )
