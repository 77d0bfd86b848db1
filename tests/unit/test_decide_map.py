"""The map asks question 1 of every cell at once, and must not disagree with it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.verdict.decide import one_job
from bench.verdict.decision_map import NOBODY, decision_map
from bench.verdict.model import SAMPLES, Option, Timing, exact
from verdict_builders import free, hourly, option, owned, question, units

EPOCHS = (1.0, 30.0, 1000.0, 30_000.0)
RUNS = (1.0, 8.0, 100.0)


def sampled(name: str, seed: int, speed: float, price, rounds: int) -> Option:
    """An option with 20 % of noise, as if measured in that many rounds."""
    random = np.random.default_rng(seed)
    epoch = speed * np.exp(random.normal(0, 0.2, SAMPLES))
    return Option(
        name=name,
        price=price,
        timing=Timing(start=exact(30), epoch=epoch, rounds=rounds),
        origins=(),
    )


def disagreements(options: list[Option], asked) -> list[object]:
    found = decision_map(options, asked, EPOCHS, RUNS)
    wrong = []
    for i, n in enumerate(EPOCHS):
        for j, runs in enumerate(RUNS):
            pick = one_job(options, question(n, runs=runs, deadline_seconds=1e5)).cheapest
            name = None if found.best[i, j] == NOBODY else found.options[found.best[i, j]]
            if (name, bool(found.close[i, j])) != (pick.name, bool(pick.close)):
                wrong.append((n, runs, name, pick))
    return wrong


def test_short_jobs_stay_and_frequent_long_ones_pay_for_a_card() -> None:
    """A card for 520 a year is 10 a week; an hour rented is 1. One hour a week: rent, 100: buy."""
    rent, card = option("rent", 1, 36, hourly()), option("card", 1, 36, owned("520"))
    found = decision_map([rent, card], question(), [100.0], [1.0, 100.0])

    assert found.best.tolist() == [[0, 1]]
    assert not found.close.any()


def test_a_cell_that_nobody_can_do_says_so() -> None:
    found = decision_map([option("a", 1, 1, free(1.0))], question(), [1.0, 1e6], [1.0])

    assert found.best.tolist() == [[0], [NOBODY]]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 1000),
    st.sampled_from([3, 6, 20]),
    st.lists(st.floats(0.5, 5), min_size=4, max_size=4),
)
def test_a_cell_names_the_same_option_as_question_one(seed, rounds, speeds) -> None:
    prices = (
        owned("300"),
        hourly("0.5", unit_seconds=60.0),
        units(session_hours=12.0),
        free(5.0),
    )
    options = [
        sampled(f"o{i}", seed + i, speed, price, rounds)
        for i, (speed, price) in enumerate(zip(speeds, prices, strict=True))
    ]

    assert disagreements(options, question(deadline_seconds=1e5)) == []


def test_the_edges_of_a_map_are_checked() -> None:
    with pytest.raises(UsageError, match="--epochs is 0"):
        decision_map([option("a", 1, 1, hourly())], question(), [0.0, 1.0], [1.0])
    with pytest.raises(UsageError, match="--runs-per-week is -1"):
        decision_map([option("a", 1, 1, hourly())], question(), [1.0], [-1.0, 1.0])
