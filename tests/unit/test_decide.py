"""One job: seconds, dollars, what cannot do it, and who wins."""

import math
from dataclasses import replace
from decimal import Decimal

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.verdict.decide import Winner, job_result
from bench.verdict.model import SAMPLES, exact, job_seconds, measured, model_error
from bench.verdict.money import job_cost
from bench.verdict.table import pools
from verdict_builders import free, hourly, noisy, option, owned, run, units, workload

positive = st.floats(0.01, 1e4)


def cost(price, seconds: float, jobs: float = 1.0, weeks: float = 0.0) -> float:
    return float(job_cost(price, np.asarray(seconds), jobs, weeks))


def test_an_hour_is_billed_in_whole_units() -> None:
    """61 s in units of 60 s are 120 s: 120 / 3600 x 3.60 = 0.12."""
    assert cost(hourly("3.60", unit_seconds=60.0), 61) == pytest.approx(0.12)


def test_compute_units_are_bought_in_whole_packs() -> None:
    """Two units an hour for 51 hours are 102 units: 2 packs of 10 are 20 dollars."""
    assert cost(units(), 51 * 3600) == 20.0


def test_packs_that_expire_are_bought_again() -> None:
    """One unit a week for 52 weeks is a pack each 13 weeks: 4 packs, 40 / 52 a job."""
    assert cost(units(), 1800, jobs=52, weeks=52) == pytest.approx(40 / 52)


def test_one_job_in_a_year_buys_one_pack() -> None:
    assert cost(units(), 1800, jobs=1, weeks=52) == 10.0


def test_a_plan_includes_its_units_every_month() -> None:
    """A month of 13 jobs of 10 hours: 260 units, 200 in the plan of 50, 60 in one pack of 10."""
    price = units(plan_amount=50, plan_units=200.0)

    assert cost(price, 36_000, jobs=13, weeks=52 / 12) == pytest.approx(60 / 13)


def test_what_is_owned_already_costs_its_energy() -> None:
    """100 W for 10 hours are 1 kWh: 0.20."""
    assert cost(owned(), 36_000) == pytest.approx(0.20)


def test_a_purchase_is_shared_by_its_jobs() -> None:
    """(1000 - 200) x 0.5 over 100 jobs is 4, and 1 kWh is 0.20."""
    price = owned("1000", resale=200, share=0.5)

    assert cost(price, 36_000, jobs=100, weeks=52) == pytest.approx(4.20)


def test_idle_hours_for_trainings_sake_cost_too() -> None:
    """10 W for 50 hours a week are 0.5 kWh: 0.10 a week, 52 weeks over 52 jobs."""
    price = owned(watts_idle=10.0, idle_hours_per_week=50.0)

    assert cost(price, 0, jobs=52, weeks=52) == pytest.approx(0.10)


def test_a_job_pays_its_start_once() -> None:
    """10 s + 100 x 2 s = 210 s."""
    assert job_seconds(option("a", 10, 2, hourly()).timing, 100)[0] == 210


def test_a_job_cut_into_sessions_pays_its_start_in_each() -> None:
    """Sessions of 100 s hold (100 - 10) / 20 = 4 epochs: 10 epochs take 3, 200 + 3 x 10 = 230 s."""
    assert job_seconds(option("a", 10, 20, hourly()).timing, 10, session=100)[0] == 230


def test_no_session_is_long_enough_for_an_epoch_that_outlasts_it() -> None:
    assert job_seconds(option("a", 10, 200, hourly()).timing, 10, session=100)[0] == math.inf


def test_the_fastest_and_the_cheapest_are_told_apart() -> None:
    """Here 10 + 100 x 10 = 1010 s, 0.1 kW x 0.2 x 1010 / 3600 = 0.0056; there 220 s, 0.061."""
    here, there = option("here", 10, 10, owned()), option("there", 120, 1, hourly())
    found = job_result([here, there], workload(100))

    assert (found.fastest.name, found.cheapest.name) == ("there", "here")
    assert [a.seconds.middle for a in found.outcomes] == [1010, 220]
    assert found.outcomes[0].cost.middle == pytest.approx(0.1 * 0.2 * 1010 / 3600)
    assert found.outcomes[1].cost.middle == pytest.approx(220 / 3600)


def test_identical_options_are_too_close_to_call() -> None:
    twins = [option(name, 10, 1, hourly()) for name in ("a", "b")]
    found = job_result(twins, workload())

    assert (found.fastest.tied, found.cheapest.tied) == (("b",), ("b",))


def test_overlapping_rounds_are_too_close_to_call_and_few_are_preliminary() -> None:
    a = noisy("a", 1, [1.0, 0.9, 1.1], owned(), rounds=3)
    b = noisy("b", 1, [1.3, 1.2, 1.4], owned(), rounds=3)
    c = noisy("c", 1, [3.0, 2.9, 3.1], owned(), rounds=3)

    assert job_result([a, b], workload()).fastest.tied == ("b",)
    assert job_result([a, c], workload()).fastest.tied == ()
    assert job_result([a, c], workload()).fastest.preliminary


def test_rounds_shared_by_both_sides_are_compared_sample_by_sample() -> None:
    """1 to 2 and 1.2 to 2.4 overlap, but in every sample one is 1.2 times the other."""
    a = noisy("a", 0.001, [1.0, 1.5, 2.0], owned(), rounds=6)
    b = noisy("b", 0.001, [1.2, 1.8, 2.4], owned(), rounds=6)

    assert job_result([a, b], workload()).fastest.tied == ()


@pytest.mark.parametrize(
    ("price", "asked", "why"),
    [
        (hourly(session_hours=1.0), workload(5000), "session cap"),
        (hourly(session_hours=0.0001), workload(10, restarts=True), "not one epoch"),
        (hourly(), workload(5000, deadline_seconds=3600.0), "deadline"),
        (free(1.0), workload(5000), "weekly quota"),
        (free(1.0), workload(100, runs=100), "weekly quota"),
        (hourly(), workload(5000, runs=200), "hours than a week"),
        (hourly(memory_gib=4.0), workload(10, memory_gib=5.0), "needs 5.0 GiB"),
    ],
)
def test_what_an_option_cannot_do_is_said(price, asked, why: str) -> None:
    """5000 epochs are 10 + 5000 s = 1.39 hours."""
    [answer] = job_result([option("a", 10, 1, price)], asked).outcomes

    assert why in answer.why


def test_an_option_that_cannot_do_the_job_never_wins() -> None:
    slow, capped = option("slow", 1, 9, hourly("9")), option("fast", 1, 1, free(0.01))
    found = job_result([slow, capped], workload(5000))

    assert (found.fastest.name, found.cheapest.name) == ("slow", "slow")
    assert job_result([capped], workload(5000)).cheapest.name is None


@pytest.mark.parametrize(
    ("options", "asked", "message"),
    [
        ([], workload(), "no option to decide between"),
        ([option("a", 1, 1, hourly())] * 2, workload(), "named twice"),
        (
            [option("a", 1, 1, hourly()), option("b", 1, 1, owned(currency="EUR"))],
            workload(),
            "EUR and USD and none is converted",
        ),
        ([option("a", 1, 1, hourly())], workload(0), "--epochs is 0"),
        ([option("a", 1, 1, hourly())], workload(-1), "--epochs is -1"),
        ([option("a", 1, 1, hourly())], workload(math.nan), "--epochs is nan"),
        ([option("a", 1, 1, hourly())], workload(2e9), "at most a billion"),
        ([option("a", 1, 1, hourly())], workload(1, runs=0), "--runs-per-week is 0"),
        ([option("a", 1, 1, hourly())], workload(1, months=0), "--months is 0"),
        ([option("a", 1, 1, hourly())], workload(1, deadline_seconds=-1.0), "--deadline"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_one_line(options, asked, message) -> None:
    with pytest.raises(UsageError, match=message) as refusal:
        job_result(options, asked)
    assert "\n" not in str(refusal.value)


def test_a_billion_epochs_are_answered() -> None:
    [answer] = job_result([option("a", 1, 1, hourly())], workload(1e9)).outcomes

    assert answer.seconds.middle == 1e9 + 1


def test_the_model_gives_the_measured_total_back() -> None:
    """Four epochs of 2 s and 10 s of all else are 18 s."""
    [pool] = pools([run("cpu", i, 2.0) for i in (1, 2, 3)])
    timing = measured(pool)

    assert (timing.start[0], timing.epoch[0], timing.rounds) == (10.0, 2.0, 3)
    assert job_seconds(timing, 4)[0] == 18.0
    assert timing.start.shape == exact(0).shape == (SAMPLES,)
    assert model_error(pool) == 0


def test_two_modes_in_one_run_do_not_fit_the_model() -> None:
    """Epochs of 2, 2, 2 and 20 s: steady 2, so t(4) = 10 + 8 = 18 s, measured were 36."""
    from bench.evidence.record import Phases
    from builders import epoch

    modes = tuple(epoch(i, s - 0.5) for i, s in enumerate((2.0, 2.0, 2.0, 20.0)))
    phases = Phases(start=1.0, imports=2.0, data=3.0, build=3.0, fit=26.0, evaluate=1.0)
    [pool] = pools([run("cpu", 1, 2.0, epochs=modes, phases=phases)])

    assert model_error(pool) == pytest.approx(-0.5)


def test_options_measured_in_the_same_rounds_are_resampled_together() -> None:
    seconds = [1.0, 2.0, 4.0, 1.0, 2.0, 4.0]
    records = [
        run(name, i, s * k)
        for name, k in (("cpu", 1.5), ("native", 1.0))
        for i, s in enumerate(seconds)
    ]
    cpu, native = (measured(pool) for pool in sorted(pools(records), key=lambda p: p.environment))

    assert np.allclose(cpu.epoch / native.epoch, 1.5)


AMOUNTS = ("amount", "plan_amount", "resale", "tariff")


def scaled(price, factor: float):
    """The price with every amount of money in it multiplied."""
    money = [name for name in AMOUNTS if hasattr(price, name)]
    return msgspec.structs.replace(
        price, **{name: getattr(price, name) * Decimal(factor) for name in money}
    )


EACH_KIND = (
    hourly("0.5", unit_seconds=60.0, minimum_seconds=600.0),
    units(),
    units(plan_amount=Decimal(20), plan_units=100.0),
    owned(watts_idle=5.0, idle_hours_per_week=20.0),
    owned("900", resale=Decimal(200), share=0.5),
    free(1e6),
)


@given(positive, st.floats(0.1, 10), st.floats(1, 50), st.sampled_from([None, 0.5, 20.0]))
def test_scaling_all_prices_scales_all_costs(epoch_seconds, factor, epochs, runs) -> None:
    """Of every kind, with plans, packs, least billed seconds, purchases, resale and idling."""

    def costs(times: float) -> list[float]:
        options = [
            option(f"o{i}", 30, epoch_seconds, scaled(price, times))
            for i, price in enumerate(EACH_KIND)
        ]
        asked = workload(round(epochs), runs=runs)
        return [answer.cost.middle for answer in job_result(options, asked).outcomes]

    assert costs(factor) == pytest.approx([cost * factor for cost in costs(1.0)], rel=1e-9)


@given(
    st.sampled_from(EACH_KIND),
    st.tuples(positive, positive),
    st.floats(1.01, 5),
    st.floats(1.01, 5),
    st.sampled_from([3, 6, 10**6]),
)
def test_a_dominated_option_never_wins(price, times, slower, dearer, rounds) -> None:
    """Slower in every sample and dearer in every amount, whatever the kind of price."""
    start, epoch_seconds = times
    noise = np.resize([0.9, 1.0, 1.2], SAMPLES)
    good = noisy("good", start, epoch_seconds * noise, price, rounds)
    bad = noisy(
        "bad", start * slower, epoch_seconds * slower * noise, scaled(price, dearer), rounds
    )
    found = job_result([bad, good], workload(10, runs=0.001))

    assert found.fastest.name == "good"
    assert found.cheapest.name in ({"good"} if price.amount else {"good", "bad"})


def test_stated_ranges_that_lie_apart_have_a_winner() -> None:
    """90 to 110 s against 120 to 130 s: apart, though by less than few rounds would need."""
    here = noisy("here", 10, [0.8, 1.0], owned(), rounds=6)
    there = noisy("there", 120, [0.0, 0.1], hourly(), rounds=6)
    there = replace(there, timing=replace(there.timing, ranged=True))

    assert job_result([here, there], workload(100)).fastest == Winner(name="here")
    few = replace(here, timing=replace(here.timing, rounds=3))
    assert job_result([few, there], workload(100)).fastest.tied == ("there",)


def test_where_all_savings_are_negligible_this_machine_is_advised() -> None:
    """Here costs 0.0056, elsewhere nothing: 2.92 a year for ten a week, 29.2 for a hundred."""
    options = [option("here", 10, 10, owned()), option("there", 120, 1, free())]
    once, often = (job_result(options, workload(100, runs=runs)) for runs in (10, 100))

    assert (once.negligible, once.cheapest.name, once.advised.name) == (True, "there", "here")
    assert (often.negligible, often.advised.name) == (False, "there")
    assert often.saving == pytest.approx(0.1 * 0.2 * 1010 / 3600 * 5200)


def test_a_doubt_about_more_than_the_negligible_sum_is_no_agreement() -> None:
    """Cheapest here by the middle, but elsewhere may save dollars: too close, and no "cent"."""
    here = noisy("here", 1, [1.0, 0.8, 1.4], owned(), rounds=6)
    there = noisy("there", 1, [1.05, 0.8, 1.4], owned(), rounds=6)
    found = job_result([here, there], workload(1e5, runs=1))

    assert found.saving == 0
    assert found.most_saving > 1
    assert found.advised.tied == ("there",)


def test_what_a_card_cannot_hold_rules_it_out() -> None:
    card = owned("300", gpu_memory_gib=8.0)
    [answer] = job_result([option("card", 1, 1, card)], workload(9, gpu_memory_gib=9.0)).outcomes

    assert answer.why == "needs 9.0 GiB of GPU memory, has 8"


@given(positive, positive, st.floats(0, 3))
def test_a_cost_never_falls_when_the_seconds_rise(seconds, amount, more) -> None:
    for price in (hourly(str(amount)), units(str(amount)), owned(), free()):
        assert cost(price, seconds + more, 3, 9) >= cost(price, seconds, 3, 9)
