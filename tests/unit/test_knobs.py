"""Over a knob: at which of its values the advice changes, said from the advice of each variant."""

import math
from dataclasses import replace

import pytest

from bench.evidence.variants import PLAIN, variant_name
from bench.verdict.advice import Advised
from bench.verdict.answer import Answer, JobAnswer, answer
from bench.verdict.knobs import knob_lines
from bench.verdict.prices import load_prices
from bench.verdict.request import Request
from builders import MACHINE
from verdict_builders import run


@pytest.fixture(scope="module")
def found() -> Answer:
    """Of one task with a stated T4."""
    records = [run("cpu", n, 2.0 + n / 1000) for n in range(1, 7)]
    return answer(records, MACHINE.id, load_prices(), Request(assume={"colab-free-t4": "4x"}))


def variant(
    job: JobAnswer, advice: str, minutes: float | None = None, **settings: float | str
) -> JobAnswer:
    """The job as a variant of itself, advised as stated; 128 is the calibrated batch.

    T4 is sooner from so many minutes here on; None: at no length.
    """
    calibrated = {"batch_size": 128, "width": 1, "jit": "auto"}.items()
    turned = dict(settings.items() - calibrated)
    known = job.places[1].crossing
    assert known is not None
    crossing = replace(known, minutes=math.inf if minutes is None else minutes)
    place = replace(job.places[1], name="T4", crossing=crossing)
    return replace(
        job,
        task=variant_name("fashion", PLAIN | turned),
        places=(job.places[0], place),
        settings={"batch_size": 128, "width": 1, "jit": "auto", **PLAIN, **settings},
        advised=Advised(**{**vars(job.advised), "advice": advice, "place": place}),
    )


def lines(found: Answer, *jobs: JobAnswer) -> list[str]:
    return knob_lines(replace(found, jobs=jobs))


def test_the_value_from_which_on_another_place_is_advised(found: Answer) -> None:
    [job] = found.jobs
    sizes = {32: "stay", 128: "stay", 512: "rent", 2048: "rent"}
    jobs = [variant(job, advice, batch_size=size) for size, advice in sizes.items()]

    assert lines(found, *reversed(jobs)) == [
        "fashion: STAY up to batch_size 128, RENT T4 from 512 on."
    ]


def test_what_lies_between_is_told_and_one_advice_is_one_word(found: Answer) -> None:
    [job] = found.jobs
    between = [variant(job, a, width=w) for w, a in ((1, "stay"), (2, "either"), (4, "rent"))]

    assert lines(found, *between) == [
        "fashion: STAY up to width 1, EITHER here or T4 at 2, RENT T4 from 4 on."
    ]
    assert lines(found, *(variant(job, "stay", width=w) for w in (1, 2, 4))) == [
        "fashion: STAY at each width that was tried, 1 to 4."
    ]


def test_a_variant_that_varies_something_else_too_is_in_no_line(found: Answer) -> None:
    [job] = found.jobs
    grid = [
        variant(job, "rent" if width == 2 else "stay", batch_size=size, width=width)
        for size in (128, 512)
        for width in (1, 2)
    ]

    assert set(lines(found, *grid)) == {
        "fashion: STAY at each batch_size that was tried, 128 to 512.",
        "fashion: STAY up to width 1, RENT T4 from 2 on.",
    }


def test_one_value_and_words_make_no_line(found: Answer) -> None:
    [job] = found.jobs

    assert lines(found, variant(job, "stay")) == []
    assert lines(found, *(variant(job, "stay", jit=word) for word in ("auto", "on"))) == []
    assert knob_lines(found) == []


def test_the_value_from_which_on_a_long_job_is_sooner_elsewhere(found: Answer) -> None:
    """A stay at each value says nothing of a longer job: the crossing of each does."""
    [job] = found.jobs
    minutes = {32: None, 128: None, 512: 7.4, 2048: 2.4}
    jobs = [variant(job, "stay", m, batch_size=size) for size, m in minutes.items()]

    advice, lengths = lines(found, *jobs)
    assert advice == "fashion: STAY at each batch_size that was tried, 32 to 2048."
    assert lengths == (
        "fashion: T4 is sooner from batch_size 512 on, for a job of more than 2.4 min to 7.4 min "
        "here; else at no length."
    )


def test_a_place_that_is_sooner_for_long_jobs_at_every_value_has_no_such_line(found) -> None:
    [job] = found.jobs
    jobs = [variant(job, "stay", 5.0, width=width) for width in (1, 2)]

    assert lines(found, *jobs) == ["fashion: STAY at each width that was tried, 1 to 2."]
