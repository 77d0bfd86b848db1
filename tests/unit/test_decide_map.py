"""The map asks one job of every cell at once, and must not disagree with it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.verdict.decide import job_result
from bench.verdict.decision_map import NOBODY, decision_map
from bench.verdict.model import SAMPLES, Option, Timing, exact
from bench.verdict.money import Use
from verdict_builders import free, hourly, option, owned, units, workload

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
            job = job_result(
                options, replace(asked, epochs=n, use=Use(runs_per_week=runs, months=12))
            )
            name = None if found.best[i, j] == NOBODY else found.options[found.best[i, j]]
            cell = (name, bool(found.tied[i, j]), bool(found.negligible[i, j]))
            if cell != (job.cheapest.name, bool(job.cheapest.tied), job.negligible):
                wrong.append((n, runs, cell, job.cheapest))
    return wrong


def test_short_jobs_stay_and_frequent_long_ones_pay_for_a_card() -> None:
    """A card for 520 a year is 10 a week; an hour rented is 1. One hour a week: rent, 100: buy."""
    rent, card = option("rent", 1, 36, hourly()), option("card", 1, 36, owned("520"))
    found = decision_map([rent, card], workload(), [100.0], [1.0, 100.0])

    assert found.best.tolist() == [[0, 1]]
    assert not found.tied.any()


def test_a_cell_that_nobody_can_do_says_so() -> None:
    found = decision_map([option("a", 1, 1, free(1.0))], workload(), [1.0, 1e6], [1.0])

    assert found.best.tolist() == [[0], [NOBODY]]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 1000),
    st.sampled_from([3, 6, 20]),
    st.lists(st.floats(0.5, 5), min_size=6, max_size=6),
    st.booleans(),
    st.sampled_from([{}, {"restarts": True}, {"idle_seconds": 900.0}, {"deadline_seconds": 1e5}]),
)
def test_a_cell_names_the_same_option_as_one_job(seed, rounds, speeds, ranged, more) -> None:
    """With plans, packs, quotas, caps, billing units, restarts, idle minutes and stated ranges."""
    prices = (
        owned(),
        owned("300"),
        hourly("0.5", unit_seconds=60.0, minimum_seconds=600.0),
        units(session_hours=12.0),
        units(plan_amount=20, plan_units=50.0, idle_minutes=10.0),
        free(5.0),
    )
    options = [
        sampled(f"o{i}", seed + i, speed, price, rounds)
        for i, (speed, price) in enumerate(zip(speeds, prices, strict=True))
    ]
    if ranged:
        options[2] = replace(options[2], timing=replace(options[2].timing, ranged=True))

    assert disagreements(options, workload(**more)) == []


def test_the_edges_of_a_map_are_checked() -> None:
    with pytest.raises(UsageError, match="--epochs is 0"):
        decision_map([option("a", 1, 1, hourly())], workload(), [0.0, 1.0], [1.0])
    with pytest.raises(UsageError, match="--runs-per-week is -1"):
        decision_map([option("a", 1, 1, hourly())], workload(), [1.0], [-1.0, 1.0])
