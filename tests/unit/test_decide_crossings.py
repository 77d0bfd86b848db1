"""Where one option overtakes another: epochs, hours a week, months, speed; the exam; what turns."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.verdict.crossing import required_speedup, time_crossing
from bench.verdict.decide import job_result
from bench.verdict.exam import exam_day
from bench.verdict.model import Timing, exact
from bench.verdict.owning import money_crossing
from bench.verdict.sensitivity import sensitivity
from verdict_builders import free, hourly, noisy, option, owned, units, workload

positive = st.floats(0.1, 1e3)


def test_two_options_cross_where_the_start_is_won_back() -> None:
    """(120 - 10) / (10 - 1) = 12.2 epochs."""
    found = time_crossing(option("here", 10, 10, owned()), option("there", 120, 1, hourly()))

    assert (found.a, found.b) == ("here", "there")
    assert found.middle == pytest.approx(110 / 9)
    assert (found.crosses, found.always_a, found.always_b) == (1, 0, 0)


def test_where_one_is_better_in_both_they_never_cross() -> None:
    found = time_crossing(option("a", 10, 2, owned()), option("b", 5, 1, owned()))

    assert (found.b, found.middle, found.always_b) == ("b", 0, 1)


def test_equal_epochs_never_win_a_later_start_back() -> None:
    found = time_crossing(option("a", 5, 1, owned()), option("b", 10, 1, owned()))

    assert (found.a, found.b, found.middle) == ("b", "a", 0)
    assert time_crossing(option("a", 5, 1, owned()), option("b", 5, 1, owned())).middle == math.inf


def test_every_resample_is_a_number_or_always_one_of_them() -> None:
    """Epochs of 2, 2 and 0.9 s against 1: crossings at 100, 100 and, once, never."""
    a = noisy("a", 10, [2.0, 2.0, 0.9], owned(), rounds=3)
    found = time_crossing(a, option("b", 110, 1, hourly()))

    assert (found.middle, found.low, found.high) == (100, 100, math.inf)
    assert found.crosses == pytest.approx(2 / 3, abs=0.01)
    assert found.always_a == pytest.approx(1 / 3, abs=0.01)
    shares = (found.crosses, found.always_a, found.always_b, found.reversed_share)
    assert sum(shares) == pytest.approx(1)


def crossing_of(s_a: float, e_a: float, s_b: float, e_b: float) -> float:
    """n* of a that starts sooner and b that has the faster epoch."""
    return time_crossing(
        option("a", s_a, e_a, owned()), option("b", s_a + s_b, e_b, hourly())
    ).middle


@given(positive, positive, positive, st.floats(0.1, 0.9), st.floats(1.01, 1.1))
def test_the_crossing_moves_the_right_way_with_each_input(s_a, e_a, later, share, more) -> None:
    """Later with a later start of b or a slower b; sooner with a later start of a or a slower a."""
    e_b = e_a * share
    before = crossing_of(s_a, e_a, later, e_b)

    assert crossing_of(s_a, e_a, later * more, e_b) > before
    assert crossing_of(s_a, e_a, later, e_b * more) > before
    assert crossing_of(s_a, e_a * more, later, e_b) < before
    assert crossing_of(s_a * more, e_a, later - s_a * (more - 1), e_b) < before or later <= s_a * (
        more - 1
    )


@given(st.floats(50, 5000), st.floats(0.2, 5), st.floats(1.1, 2))
def test_owning_pays_sooner_where_it_costs_less_or_renting_more(amount, rate, more) -> None:
    def hours(purchase: float, rent: float) -> float:
        own = option("own", 10, 1, owned(f"{purchase:.2f}"))
        return money_crossing(
            own, option("rent", 10, 1, hourly(f"{rent:.4f}")), own, workload(90)
        ).hours_per_week

    assert hours(amount * more, rate) >= hours(amount, rate) >= hours(amount, rate * more)


def test_owning_beats_renting_from_so_many_hours_a_week() -> None:
    """520 over 12 months of 52/12 weeks is 10 a week; 1 an hour less 0.1 kW x 0.2 = 0.98 saved.

    10 / 0.98 = 10.2 hours a week, where both take as long.
    """
    own, rent = option("own", 10, 1, owned("520")), option("rent", 10, 1, hourly())
    found = money_crossing(own, rent, own, workload(100, None))

    assert found.hours_per_week == pytest.approx(10 / 0.98)
    assert found.paid_off_month is None


def test_a_rented_machine_twice_as_fast_needs_half_the_hours() -> None:
    """Rent is 1 x 0.5 - 0.02 = 0.48 an hour of owned training: 10 / 0.48 hours a week."""
    own, rent = option("own", 10, 1, owned("520")), option("rent", 5, 0.5, hourly())

    assert money_crossing(own, rent, own, workload(100, None)).hours_per_week == pytest.approx(
        10 / 0.48
    )


def test_a_purchase_has_paid_for_itself_in_some_month() -> None:
    """20 jobs of an hour a week save 20 x 0.98 = 19.6: 520 / 19.6 weeks are 6.12 months."""
    own, rent = option("own", 36, 36, owned("520")), option("rent", 36, 36, hourly())
    found = money_crossing(own, rent, own, workload(99, 20))

    assert found.paid_off_month == pytest.approx(520 / 19.6 / (52 / 12), rel=1e-4)


def test_owning_beats_what_is_free_where_the_quota_ends() -> None:
    """Ten hours a week are free, at half the speed of one's own: five hours of one's own."""
    own, rent = option("own", 10, 1, owned("520")), option("free", 20, 2, free())
    found = money_crossing(own, rent, own, workload(90, 5))

    assert found.hours_per_week == pytest.approx(5)
    assert (found.paid_off_month, found.why) == (math.inf, None)


def test_where_the_rented_machine_cannot_do_it_the_reason_stands_instead_of_a_month() -> None:
    """Jobs of 100 s, 400 of them a week: 11.1 hours, of which 10 are free."""
    own, rent = option("own", 10, 1, owned("520")), option("free", 10, 1, free())
    found = money_crossing(own, rent, own, workload(90, 400))

    assert (found.paid_off_month, found.why) == (None, "over the weekly quota")


def test_what_is_owned_already_always_beats_what_costs_more() -> None:
    mine, rent = option("mine", 10, 1, owned()), option("rent", 10, 1, units())
    found = money_crossing(mine, rent, mine, workload(9, 5))

    assert (found.hours_per_week, found.paid_off_month) == (0, 0)


def test_a_week_has_no_more_hours_than_it_has() -> None:
    """520 a year are 10 a week, and an hour saves 0.02: 500 hours a week."""
    own = option("own", 10, 1, owned("520"))
    found = money_crossing(own, option("rent", 10, 1, hourly("0.04")), own, workload(90, 5))

    assert (found.hours_per_week, found.paid_off_month) == (math.inf, math.inf)


def test_a_plan_is_paid_whether_it_is_used_or_not() -> None:
    """The plan costs 50 a month, 600 a year: more than the card's 520 from the first hour on.

    The card alone costs 520 and 0.02 an hour; it stays below 600 up to 77 hours a week, and there
    the plan's 200 units a month (2 an hour) have long been used up and packs are bought.
    """
    plan = units(plan_amount=50, plan_units=200.0)
    own = option("own", 10, 1, owned("520"))
    found = money_crossing(own, option("plan", 10, 1, plan), own, workload(90))

    assert found.hours_per_week == 0


prices = st.sampled_from(
    [
        hourly("0.50", unit_seconds=60.0),
        units(),
        units(plan_amount=20, plan_units=100.0, hours_per_week=100.0),
        free(20.0),
    ]
)


@given(prices, st.floats(0.3, 3), st.floats(100, 5000))
def test_on_either_side_of_the_crossing_one_job_names_the_other(price, speed, amount) -> None:
    """With packs, plans, quotas and billing units: 0.1 % of the hours less, and 0.1 % more."""
    own, rent = option("own", 30, 9, owned(f"{amount:.2f}")), option("rent", 30, 9 * speed, price)
    hours = money_crossing(own, rent, own, workload(400)).hours_per_week
    if not 0.02 < hours < 160:
        return
    names = [
        job_result([own, rent], workload(400, runs=hours * factor * 3600 / 3630)).cheapest.name
        for factor in (0.999, 1.001)
    ]

    assert names == ["rent", "own"]


def test_the_cloud_must_be_so_many_times_as_fast() -> None:
    """100 epochs of 2 s: 200 / (200 + 10 - 110) = 2 times; at 50, 100 / 0 is impossible."""
    here = option("here", 10, 2, owned())

    assert required_speedup(here, 110, 100).middle == 2.0
    assert required_speedup(here, 110, 50).middle == math.inf
    assert required_speedup(here, 110, 49).middle == math.inf
    assert required_speedup(here, 10, 7).middle == 1.0


@given(positive, positive, positive, st.floats(1, 1e5), st.floats(1.01, 3))
def test_longer_jobs_ask_for_less_of_the_cloud(start, epoch_seconds, session, n, longer) -> None:
    here = option("here", start, epoch_seconds, owned())
    needed, later = required_speedup(here, session, n), required_speedup(here, session, n * longer)

    if session > start:
        assert later.middle <= needed.middle


def five(seconds: float) -> dict[str, tuple[Timing, float]]:
    timing = Timing(start=exact(10), epoch=exact(seconds))
    return {f"task{i}": (timing, 29.0) for i in range(5)}


def test_the_exam_fits_into_five_hours_or_not() -> None:
    """A training takes 10 + 29 x 10 = 300 s: with 10 minutes of thinking 900 s, five are 1.25 h.

    So four attempts take 5 h exactly, and five do not fit.
    """
    found = exam_day("cpu", five(10), 4, 10)

    assert (found.seconds.middle, found.fits, found.most_attempts) == (18_000, True, 4)
    assert exam_day("cpu", five(10), 5, 10).fits is False


@pytest.mark.parametrize(
    ("jobs", "attempts", "thinking", "message"),
    [
        ({}, 1, 1, "has records of 0"),
        (five(1), 0, 1, "--attempts is 0"),
        (five(1), 1, -1, "--thinking is -1"),
        (five(1), 1, math.nan, "--thinking is nan"),
    ],
)
def test_an_exam_that_makes_no_sense_is_refused(jobs, attempts, thinking, message) -> None:
    with pytest.raises(UsageError, match=message):
        exam_day("cpu", jobs, attempts, thinking)


def test_the_input_that_turns_the_verdict_is_named() -> None:
    """1000 s here, 900 s there: 20 % more an epoch there (1060 s) or less here (800 s) turns it."""
    here, there = option("here", 0.001, 10, owned()), option("there", 100, 8, hourly())
    tipping_points = {(turn.what, turn.factor) for turn in sensitivity([here, there], workload())}

    assert tipping_points == {
        ("here: epoch seconds", 0.8),
        ("there: epoch seconds", 1.2),
    }


def test_a_clear_verdict_has_nothing_that_turns_it() -> None:
    here, there = option("here", 1, 100, owned()), option("there", 1, 1, hourly())

    assert sensitivity([here, there], workload()) == ()
