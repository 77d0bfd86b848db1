"""Medians and ratios say no more than their rounds carry."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.verdict.statistics import RESAMPLES, bounds, compare, draws, estimate, resampled, tail

seconds = st.floats(0.01, 1e4)


def side(*values: float, first: int = 1) -> dict[object, float]:
    return dict(enumerate(values, start=first))


def test_under_six_rounds_a_median_stands_with_the_range_of_its_rounds() -> None:
    """1, 2 and 6 s: the median is 2, the range of 3 is 1 to 6."""
    found = estimate([6.0, 1.0, 2.0])

    assert (found.middle, found.low, found.high, found.interval) == (2.0, 1.0, 6.0, "range of 3")


def test_from_six_rounds_on_it_has_a_95_percent_interval() -> None:
    found = estimate([1.0, 1.1, 1.2, 1.3, 1.4, 1.5])

    assert found.middle == pytest.approx(1.25)
    assert 1.0 <= found.low < 1.25 < found.high <= 1.5
    assert found.interval == "95 % interval"


def test_a_winner_of_few_rounds_needs_ranges_apart_by_half_and_is_preliminary() -> None:
    """10 to 11 against 6 to 7: 10 / 7 = 1.43 is too close; against 6 to 6.5: 10 / 6.5 = 1.54."""
    close = compare(side(10, 11, 10), side(6, 7, 6))
    apart = compare(side(10, 11, 10), side(6, 6.5, 6))

    assert (close.winner, apart.winner, apart.preliminary) == (None, "b", True)
    assert apart.ratio.low == pytest.approx(10 / 6.5)
    assert apart.ratio.high == pytest.approx(11 / 6)


@pytest.mark.parametrize(("factor", "winner"), [(2.9, None), (3.1, "a")])
def test_one_or_two_rounds_must_outdo_a_slow_mode(factor: float, winner: str | None) -> None:
    """A slow mode costs a factor of 2, so 1.5 x 2 = 3 is asked for."""
    assert compare(side(1.0), side(factor)).winner == winner
    assert compare(side(1.0, 1.0), side(factor, factor)).winner == winner


def test_identical_sides_are_too_close_to_call() -> None:
    found = compare(side(*[2.0] * 6), side(*[2.0] * 6))

    assert (found.ratio.low, found.ratio.middle, found.ratio.high) == (1.0, 1.0, 1.0)
    assert found.winner is None


def test_identical_repeats_do_not_break_the_interval() -> None:
    """Six times 3 s against six times 2 s: the ratio is 1.5 with no width at all."""
    found = compare(side(*[3.0] * 6), side(*[2.0] * 6))

    assert (found.ratio.low, found.ratio.high, found.winner) == (1.5, 1.5, "b")


def test_noise_shared_by_a_round_cancels_because_rounds_are_resampled_jointly() -> None:
    """Rounds of 1, 2, 4 … s, one side always 20 % slower: the ratio is 1.2 in every resample."""
    rounds = [1.0, 2.0, 4.0, 1.0, 2.0, 4.0]
    found = compare(side(*(1.2 * s for s in rounds)), side(*rounds))

    assert (found.winner, found.paired) == ("b", True)
    assert found.ratio.low == pytest.approx(1.2)
    assert found.ratio.high == pytest.approx(1.2)


def test_rounds_that_are_not_shared_are_resampled_apart_and_said_so() -> None:
    rounds = [1.0, 2.0, 4.0, 1.0, 2.0, 4.0]
    found = compare(side(*(1.2 * s for s in rounds)), side(*rounds, first=7))

    assert (found.winner, found.paired) == (None, False)
    assert "each side by itself" in found.pairing


def test_rounds_without_a_partner_are_left_out_and_counted() -> None:
    found = compare(side(*[2.0] * 7), side(*[1.0] * 6))

    assert (found.a.rounds, found.left_out, found.pairing) == (
        6,
        1,
        "paired by round, 1 without a partner left out",
    )


def test_two_rounds_in_common_out_of_many_do_not_make_pairs() -> None:
    found = compare(side(*[2.0] * 5), side(*[1.0] * 5, first=4))

    assert (found.paired, found.a.rounds, found.b.rounds, found.left_out) == (False, 5, 5, 0)


@pytest.mark.parametrize("wrong", [[], [0.0], [-1.0], [float("nan")], [float("inf")]])
def test_what_is_no_time_is_refused_in_one_line(wrong: list[float]) -> None:
    with pytest.raises(UsageError) as refusal:
        compare(side(*wrong), side(1.0))
    assert "\n" not in str(refusal.value)


def test_infinities_have_bounds_too() -> None:
    samples = np.array([1.0, np.inf, np.inf])
    assert bounds(samples, 6) == (1.0, np.inf)


def test_fewer_rounds_cut_off_less_of_either_tail() -> None:
    """Six rounds: t = 2.571, times sqrt(6/5) is 2.816, beyond which 0.24 % of a normal lie."""
    assert tail(6) == pytest.approx(0.0024, abs=0.0001)
    assert tail(6) < tail(7) < tail(20) < tail(10_000) == pytest.approx(0.025, abs=0.0001)


@given(st.lists(seconds, min_size=1, max_size=9), st.floats(0.1, 10))
def test_the_unit_does_not_matter(values: list[float], unit: float) -> None:
    there, here = estimate([v * unit for v in values]), estimate(values)
    assert there.low == pytest.approx(here.low * unit)
    assert there.high == pytest.approx(here.high * unit)


@given(st.lists(st.tuples(seconds, seconds), min_size=1, max_size=9))
def test_swapping_the_sides_swaps_the_verdict(pairs: list[tuple[float, float]]) -> None:
    a, b = side(*(p[0] for p in pairs)), side(*(p[1] for p in pairs))
    swap = {"a": "b", "b": "a", None: None}

    assert compare(a, b).winner == swap[compare(b, a).winner]


@given(st.lists(seconds, min_size=1, max_size=9))
def test_the_same_values_give_the_same_answer(values: list[float]) -> None:
    assert estimate(values) == estimate(values)
    assert resampled(values, draws(len(values))).shape == (RESAMPLES,)
