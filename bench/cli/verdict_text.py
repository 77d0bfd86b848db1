"""How an answer reads in the terminal: first line, a line a task, crossings, cautions, details.

Words and rows come from `bench.verdict`, where the page finds the same; `verdict.data` has the
same as data.
"""

from bench.cli.tables import print_prose, print_table
from bench.evidence.words import about_seconds, counted, seconds_spoken
from bench.verdict.answer import Answer, JobAnswer
from bench.verdict.answer_lines import answer_lines
from bench.verdict.report import JobReport
from bench.verdict.rows import (
    map_rows,
    option_rows,
    origin_lines,
    speedup_rows,
    task_row,
    tipping_lines,
)
from bench.verdict.sentences import crossings_spoken, exam_spoken


def show_answer(answer: Answer, *, sources: bool, details: bool) -> None:
    """Print the sentence, a line a task, the crossings and the cautions; more where it is asked."""
    for line in answer_lines(answer, _bars(answer) if len(answer.jobs) > 1 else ()):
        print_prose(line)
    for caution in answer.more_cautions if sources or details else ():
        print_prose(f"Caution: {caution}.")
    if details:
        _show_details(answer)
    if sources:
        _show_origins(answer)
    for line in _more(answer, sources=sources, details=details):
        print_prose(line)


def _bars(answer: Answer) -> list[str]:
    """A line a task: here as a bar, and the place that was compared."""
    longest = max(job.here.seconds.middle for job in answer.jobs)
    width = max(len(job.task) for job in answer.jobs)
    return [
        f"  {job.task.ljust(width)}  here {_bar(job, longest)} "
        f"{about_seconds(job.here.seconds.middle)}{_beside(job)}"
        for job in answer.jobs[:10]
    ]


def _bar(job: JobAnswer, longest: float) -> str:
    return "█" * max(1, round(8 * job.here.seconds.middle / longest))


def _beside(job: JobAnswer) -> str:
    place = job.advised.place
    if place is None or place.why_not is not None:
        return ""
    waits = about_seconds(place.start_seconds)
    there = about_seconds(place.seconds.middle)
    sign = "" if place.basis == "measured" else "~"
    return f", {place.name} {sign}{there} ({waits} waiting)"


def _more(answer: Answer, *, sources: bool, details: bool) -> list[str]:
    """What to type next."""
    shown = {"--sources": sources, "--details": details}
    asks = [flag for flag, given in shown.items() if not given]
    lines = [f"More: certbench decide {' '.join(asks)}"] if asks else []
    if answer.request.epoch_seconds is None:
        lines.append("Your job: certbench decide --epoch-seconds S --epochs N")
    return lines


def _show_details(answer: Answer) -> None:
    if len(answer.jobs) > 1:
        rows = [task_row(report) for report in answer.reports]
        print_table(rows, "Each task once", droppable=("interval", "epochs"))
    for report in answer.reports[:1] if len(answer.jobs) == 1 else ():
        _show_job(report)
    if answer.exam:
        print_prose(exam_spoken(answer.exam))
    elif len(answer.jobs) > 1:
        print_prose(f"Exam day: {answer.no_exam}.")


def _show_job(report: JobReport) -> None:
    epochs = counted(report.workload.epochs, "epoch")
    print_table(
        option_rows(report),
        f"{report.task}, {epochs}: time and money of one job",
        droppable=("speed", "price", "interval"),
    )
    for line in crossings_spoken(report):
        print_prose(line)
    start = seconds_spoken(report.session_start)
    print_table(speedup_rows(report), f"A rented machine whose session takes {start} to start")
    _show_map(report)
    for line in (*tipping_lines(report), *_hints(report)):
        print_prose(line)


def _hints(report: JobReport) -> list[str]:
    """What to type for what this answer lacks."""
    hints = []
    if not any(answer.option.rented for answer in report.result.outcomes):
        hints.append("To compare a cloud, say how fast it is: --assume colab-free-t4=10x-35x")
    if not report.money:
        hints.append("To ask whether to buy a card: --assume rtx-4060=6x --runs-per-week 10")
    return hints


def _show_map(report: JobReport) -> None:
    here = report.map.options[0]
    empty = bool((report.map.best < 0).any())
    print_table(
        map_rows(report),
        "Cheapest by job length and jobs a week, over "
        f"{counted(report.workload.use.months, 'month')}",
        f"{here} also where what another saves is negligible; ? is too close to call"
        + ("; none can: a cap, a quota or the hours of a week" if empty else ""),
    )


def _show_origins(answer: Answer) -> None:
    print_prose("Where the numbers come from:")
    for line in origin_lines(answer.reports, answer.request.today):
        print_prose(f"- {line}")
