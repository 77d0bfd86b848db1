"""The whole verdict: every task's report, the exam day, and the first line over all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.evidence.variants import is_plain
from bench.verdict.decide import Pick
from bench.verdict.exam import CATEGORIES, Exam, check_exam, exam_day
from bench.verdict.jobs import Job
from bench.verdict.report import JobReport, cautioned
from bench.verdict.words import between, listed, number_spoken, seconds_spoken


@dataclass(frozen=True, kw_only=True)
class Overview:
    """`verdict` is the first line, `mind` the next; `no_exam` says why the exam has none."""

    verdict: str
    mind: tuple[str, ...]
    reports: tuple[JobReport, ...]
    exam: Exam | None
    no_exam: str | None


def overview(
    reports: Sequence[JobReport], jobs: Sequence[Job], attempts: int, thinking_minutes: float
) -> Overview:
    """Join the reports of one or several jobs, in their order."""
    check_exam(attempts, thinking_minutes)
    plain = [job for job in jobs if is_plain(job.name)]
    exercises = [job for job in plain if job.epochs and not job.own and job.category > 0]
    ready = {job.category for job in exercises} >= set(range(1, CATEGORIES + 1))
    timings = {job.name: (job.base.timing, float(job.epochs or 0)) for job in exercises}
    where = jobs[0].base.name
    return Overview(
        verdict=reports[0].verdict if len(reports) == 1 else _first_line(reports),
        mind=_shared([(r.task, r.mind) for r in reports]),
        reports=tuple(reports),
        exam=exam_day(where, timings, attempts, thinking_minutes) if ready else None,
        no_exam=None
        if ready
        else f"the exam has 5 tasks, {where} has records of {len(timings)}: `certbench run`",
    )


def exam_spoken(exam: Exam) -> str:
    """The exam's answer as a sentence."""
    word = {True: "fit into", False: "do not fit into", None: "may or may not fit into"}[exam.fits]
    seconds, least = exam.seconds, exam.least_most_attempts
    span = between(seconds_spoken(seconds.low), seconds_spoken(seconds.high))
    most = between(f"{min(least, exam.most_attempts)}", f"{exam.most_attempts}")
    return (
        f"Exam day on {exam.option}: {exam.attempts} attempts at each of five tasks, with "
        f"{exam.thinking_minutes:g} minutes of thinking each, {word} five hours "
        f"({seconds_spoken(seconds.middle)}, {span}); {most} would."
    )


def elsewhere_from(report: JobReport) -> float | None:
    """From how many epochs on some rented machine is faster than here; infinite is never.

    None where no rented machine has a speed.
    """
    here = report.job.answers[0].option.name
    rented = {a.option.name for a in report.job.answers if a.option.rented}
    times = [t for t in report.times if {t.a, t.b} & rented]
    # where here has the faster epoch, another is ahead at most at first, by its start
    return min((t.middle if t.a == here else float("inf") for t in times), default=None)


def _first_line(reports: Sequence[JobReport]) -> str:
    fast = _grouped([(r.task, r.job.fastest) for r in reports])
    cheap = _grouped([(r.task, cheapest(r)) for r in reports])
    said = _shared([(r.task, r.cautions) for r in reports])
    return cautioned(f"Fastest: {fast}. Cheapest: {cheap}.{_elsewhere(reports)}", said)


def _elsewhere(reports: Sequence[JobReport]) -> str:
    """From how many epochs on a rented machine is the faster one, over the tasks."""
    found = {r.task: n for r in reports if (n := elsewhere_from(r)) is not None}
    if not found:
        return ""
    ordered = sorted((n, task) for task, n in found.items() if n != float("inf"))
    never = tuple(task for task, n in found.items() if n == float("inf"))
    ends = dict.fromkeys([ordered[0], ordered[-1]]) if ordered else ()
    said = " to ".join(f"{number_spoken(n)} epochs ({task})" for n, task in ends)
    parts = [f"from {said} on"] if said else []
    parts += [f"never for {listed(never)}"] if never else []
    return f" A rented machine is faster {', '.join(parts)}."


def cheapest(report: JobReport) -> Pick:
    """The cheapest, with a word where that is only because no other saves a cent."""
    pick = report.job.advised
    return pick if report.job.pays else Pick(name=f"{pick.name} (nothing saves a cent)")


def _shared(said: Sequence[tuple[str, Iterable[str]]]) -> tuple[str, ...]:
    """Each sentence once, with the tasks that it is about where it is not about all."""
    tasks: dict[str, list[str]] = {}
    for task, sentences in said:
        for sentence in sentences:
            tasks.setdefault(sentence, []).append(task)
    return tuple(
        sentence if len(names) == len(said) else f"{listed(tuple(names))}: {sentence}"
        for sentence, names in tasks.items()
    )


def _grouped(picks: Sequence[tuple[str, Pick]]) -> str:
    groups: dict[str, list[str]] = {}
    for task, pick in picks:
        name = "too close to call" if pick.close else pick.name or "no option"
        groups.setdefault(name, []).append(task)
    return "; ".join(
        f"{name} for {'all' if len(tasks) == len(picks) else listed(tuple(tasks))}"
        for name, tasks in groups.items()
    )
