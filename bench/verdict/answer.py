"""The answer: here or there, for one job or for each task. One function, which all callers show.

Terminal, page, charts and notebook compute nothing of their own: what they say stands here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.errors import UsageError
from bench.evidence.record import Record
from bench.evidence.select import no_records
from bench.evidence.variants import is_plain
from bench.evidence.words import listed
from bench.verdict.advice import Advice, Advised, advise
from bench.verdict.cautions import Caution, cautions_of
from bench.verdict.currency import converted
from bench.verdict.exam import CATEGORIES, Exam, check_exam, exam_day
from bench.verdict.jobs import TrainingJob, stated_job, task_job, tasks_of
from bench.verdict.options import Scenario, left_out, options_of
from bench.verdict.places import Place, places_of
from bench.verdict.prices import Prices
from bench.verdict.report import JobReport, job_report, workload_of
from bench.verdict.request import Request, check_request
from bench.verdict.table import home

CAUTIONS_MOST = 3


@dataclass(frozen=True, kw_only=True)
class JobAnswer:
    """The advice for one job: `places` has this machine first; `report` holds every detail.

    `at_most` is whether it may end before its last epoch; `basis` is what of an epoch was measured,
    "100 of 1,875 steps", None for the whole.
    `settings` is what its variant was trained with; empty for a job that was never run.
    """

    task: str
    epochs: float
    at_most: bool
    basis: str | None
    advised: Advised
    places: tuple[Place, ...]
    currency: str
    cautions: tuple[Caution, ...]
    report: JobReport
    settings: Mapping[str, int | float | str]

    @property
    def here(self) -> Place:
        """This machine."""
        return self.places[0]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`advice` is that of most jobs, or of the longest among as many; `jobs` has each.

    `unanswered` names each task without an answer, and why. `cautions` are at most three, the worst
    first; `more_cautions` the rest. `no_exam` says why the exam has no answer. `machine` is the one
    that is called "here".
    """

    advice: Advice
    machine: str
    jobs: tuple[JobAnswer, ...]
    unanswered: tuple[str, ...]
    cautions: tuple[str, ...]
    more_cautions: tuple[str, ...]
    exam: Exam | None
    no_exam: str | None
    request: Request

    @property
    def reports(self) -> tuple[JobReport, ...]:
        """The details of each job."""
        return tuple(job.report for job in self.jobs)


def answer(records: Sequence[Record], machine: str, prices: Prices, request: Request) -> Answer:
    """Here or there, by these records, prices and this request.

    Raises UsageError for a request that makes no sense, and where no job can be answered.
    """
    check_request(request)
    check_exam(int(request.attempts), request.thinking_minutes)
    stated = request.epoch_seconds is not None
    if not (records or stated):
        raise no_records(None)
    here = home(records, machine) if records else machine
    jobs, unanswered = _jobs(records, here, prices, request)
    answers = [_job_answer(job, known, request) for job, known in jobs]
    cautions = _shared([(a.task, a.cautions) for a in answers])
    exam, no_exam = _exam([job for job, _ in jobs], request)
    return Answer(
        advice=_advice(answers),
        machine=here,
        jobs=tuple(answers),
        unanswered=tuple(unanswered),
        cautions=cautions[:CAUTIONS_MOST],
        more_cautions=cautions[CAUTIONS_MOST:],
        exam=exam,
        no_exam=no_exam,
        request=request,
    )


Jobs = list[tuple[TrainingJob, Prices]]


def _jobs(
    records: Sequence[Record], here: str, prices: Prices, request: Request
) -> tuple[Jobs, list[str]]:
    """Each job with the prices in its currency, and why a task has none."""
    if request.epoch_seconds is not None:
        return [_priced(stated_job(records, here, request, prices), prices, request)], []
    tasks = [request.task] if request.task else tasks_of(records, here)
    if not tasks:
        raise UsageError("no measured run here yet: `certbench run --env cpu` makes some")
    found: Jobs = []
    unanswered: list[str] = []
    for task in tasks:
        try:
            job = task_job(records, here, task, prices, request.local)
        except UsageError as error:
            if len(tasks) == 1:
                raise
            unanswered.append(str(error))
        else:
            found.append(_priced(job, prices, request))
    if not found:
        raise UsageError(unanswered[0])
    return found, unanswered


def _priced(job: TrainingJob, prices: Prices, request: Request) -> tuple[TrainingJob, Prices]:
    currency = job.base.price.currency
    return job, converted(prices, currency, request.rates, request.today)


def _job_answer(job: TrainingJob, prices: Prices, request: Request) -> JobAnswer:
    scenario = Scenario(job=job, prices=prices, request=request)
    workload = workload_of(scenario)
    report = job_report(scenario, workload)
    places = places_of(report.result, workload)
    options = {outcome.option.name: outcome.option for outcome in report.result.outcomes}
    return JobAnswer(
        task=job.name,
        epochs=workload.epochs,
        at_most=job.at_most and request.epochs is None,
        basis=job.basis,
        advised=advise(places, options, workload, request.hour_worth),
        places=places,
        currency=report.result.currency,
        cautions=cautions_of(
            job, tuple(options_of(scenario)), places, workload, left_out(scenario)
        ),
        report=report,
        settings=job.settings,
    )


def _advice(answers: Sequence[JobAnswer]) -> Advice:
    """That of most jobs; among as many, that of the longest."""
    seconds: dict[Advice, list[float]] = {}
    for found in answers:
        seconds.setdefault(found.advised.advice, []).append(found.here.seconds.middle)
    return max(seconds, key=lambda advice: (len(seconds[advice]), max(seconds[advice])))


def _shared(said: Sequence[tuple[str, Iterable[Caution]]]) -> tuple[str, ...]:
    """Each sentence once, the worst first, with the tasks that it is about where not about all."""
    tasks: dict[Caution, list[str]] = {}
    for task, cautions in said:
        for caution in cautions:
            tasks.setdefault(caution, []).append(task)
    worst = sorted(tasks.items(), key=lambda item: (item[0].rank, -len(item[1])))
    return tuple(
        caution.text if len(names) == len(said) else f"{listed(tuple(names))}: {caution.text}"
        for caution, names in worst
    )


def _exam(jobs: Sequence[TrainingJob], request: Request) -> tuple[Exam | None, str | None]:
    """The exam day on this machine, or why there is none."""
    plain = [job for job in jobs if is_plain(job.name)]
    exercises = [job for job in plain if job.epochs and not job.user_task and job.category > 0]
    where = jobs[0].base.name
    if {job.category for job in exercises} < set(range(1, CATEGORIES + 1)):
        known = len(exercises)
        return None, f"the exam has 5 tasks, {where} has records of {known}: `certbench run`"
    timings = {job.name: (job.base.timing, float(job.epochs or 0)) for job in exercises}
    return exam_day(where, timings, int(request.attempts), request.thinking_minutes), None
