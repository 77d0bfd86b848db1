"""The whole answer in lines, for whoever prints it: `decide`, the end of a run, a notebook."""

from collections.abc import Sequence

from bench.errors import UsageError
from bench.evidence.record import Record
from bench.verdict.answer import CAUTIONS_MOST, Answer, answer
from bench.verdict.headline import crossing_lines, headline
from bench.verdict.knobs import knob_lines
from bench.verdict.prices import Prices
from bench.verdict.request import Request


def answer_lines(found: Answer, between: Sequence[str] = ()) -> list[str]:
    """The answer in full sentences: the advice, the crossings, the knobs, three cautions.

    `between` are lines that belong right below the advice.
    """
    return [
        headline(found),
        *between,
        *crossing_lines(found),
        *knob_lines(found),
        *(f"Caution: {caution}." for caution in found.cautions),
        *(f"Not answered: {why}." for why in found.unanswered[:CAUTIONS_MOST]),
    ]


def answer_or_why(
    records: Sequence[Record], machine: str, prices: Prices, request: Request
) -> list[str]:
    """The lines of the answer, or one that says why there is none yet."""
    try:
        return answer_lines(answer(records, machine, prices, request))
    except UsageError as error:
        return [f"No answer yet: {error}."]
