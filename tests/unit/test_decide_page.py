"""The worked example of docs/verdict.md is what the code computes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.verdict.crossing import required_speedup, time_crossing
from bench.verdict.decide import job_result
from bench.verdict.exam import exam_day
from bench.verdict.model import job_seconds
from bench.verdict.owning import money_crossing
from verdict_builders import hourly, option, owned, workload

PAGE = Path(__file__).parents[2] / "docs" / "verdict.md"
HERE = option("here", 10, 10, owned())
CLOUD = option("cloud", 120, 1, hourly())
CARD = option("card", 10, 1, owned("520"))
ONCE = {a.option.name: a for a in job_result([HERE, CLOUD, CARD], workload(100)).outcomes}
OFTEN = {a.option.name: a for a in job_result([CARD], workload(100, runs=20)).outcomes}
EXAM = exam_day("here", {f"task{i}": (HERE.timing, 100.0) for i in range(5)}, 1, 10)
CROSSING = money_crossing(CARD, CLOUD, HERE, workload(100, None))

COMPUTED: dict[str, Callable[[], float]] = {
    "time here": lambda: ONCE["here"].seconds.middle,
    "time in the cloud": lambda: ONCE["cloud"].seconds.middle,
    "time on the card": lambda: ONCE["card"].seconds.middle,
    "cost here": lambda: ONCE["here"].cost.middle,
    "cost in the cloud": lambda: ONCE["cloud"].cost.middle,
    "cost on the card, 20 jobs a week": lambda: OFTEN["card"].cost.middle,
    "epochs from which the cloud is faster": lambda: time_crossing(HERE, CLOUD).middle,
    "hours a week on the card from which it beats the cloud": lambda: CROSSING.own_hours_per_week,
    "the same work in hours a week on this machine": lambda: CROSSING.hours_per_week,
    "speed-up the cloud needs": lambda: required_speedup(HERE, 120, 100).middle,
    "time here in sessions of 210 s": lambda: job_seconds(HERE.timing, 100, 210)[0],
    "attempts on exam day, five such tasks, 10 minutes of thinking": lambda: EXAM.most_attempts,
}


def results() -> dict[str, float]:
    section = PAGE.read_text(encoding="utf-8").split("## A worked example")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    return {what.strip(): float(result) for what, _, result in rows[1:]}


def test_the_page_has_every_result_that_is_checked() -> None:
    assert results().keys() == COMPUTED.keys()


@pytest.mark.parametrize("what", COMPUTED)
def test_the_page_is_right(what: str) -> None:
    assert results()[what] == pytest.approx(COMPUTED[what](), rel=5e-4)
