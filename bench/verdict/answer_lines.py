"""The whole answer in lines, for whoever prints it: `decide`, the end of a run, a notebook."""

from collections.abc import Sequence

from bench.errors import UsageError
from bench.evidence.record import Record
from bench.evidence.words import about, between, money_spoken, nouned
from bench.verdict.answer import CAUTIONS_MOST, Answer, answer
from bench.verdict.headline import crossing_lines, headline
from bench.verdict.knobs import knob_lines
from bench.verdict.prices import Prices
from bench.verdict.request import Request


def answer_lines(found: Answer, below: Sequence[str] = ()) -> list[str]:
    """The answer in full sentences: the advice, the crossings, the knobs, a month, three cautions.

    `below` are lines that belong right below the advice.
    """
    return [
        headline(found),
        *below,
        *crossing_lines(found),
        *knob_lines(found),
        *_month(found),
        *(f"Caution: {caution}." for caution in found.cautions),
        *(f"Not answered: {why}." for why in found.unanswered[:CAUTIONS_MOST]),
    ]


def _month(found: Answer) -> list[str]:
    """What a month costs here and at the place that was compared; of several jobs, the most."""
    compared = [(job, job.advised.place) for job in found.jobs if job.advised.place]
    names = dict.fromkeys(place.option for _, place in compared)
    if len(names) != 1:
        return []
    currency = compared[0][0].currency
    here = _at_most([job.here.month for job, _ in compared], currency)
    there = _at_most([place.month for _, place in compared], currency)
    weekly = {job.report.workload.use.runs_per_week or 1 for job, _ in compared}
    jobs = between(*(about(number) for number in (min(weekly), max(weekly))))
    of = " of one task" if len(compared) > 1 else ""
    [name] = names
    return [f"A month of {nouned(jobs, 'job')} a week{of} costs {here} here, {there} with {name}."]


def _at_most(amounts: Sequence[float], currency: str) -> str:
    least, most = (money_spoken(amount, currency) for amount in (min(amounts), max(amounts)))
    return most if least == most else f"at most {most}"


def answer_or_why(
    records: Sequence[Record], machine: str, prices: Prices, request: Request
) -> list[str]:
    """The lines of the answer, or one that says why there is none yet."""
    try:
        return answer_lines(answer(records, machine, prices, request))
    except UsageError as error:
        return [f"No answer yet: {error}."]
