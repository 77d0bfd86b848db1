"""The one answer: time first, money where it is more than negligible, and computed once."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.evidence.record import Record
from bench.publish.charts.cost import Panel, crossings
from bench.verdict.advice import Advised, advise
from bench.verdict.answer import answer
from bench.verdict.currency import converted
from bench.verdict.decide import Workload, elapsed, job_result, seconds_of
from bench.verdict.headline import crossing_lines, headline
from bench.verdict.model import Option
from bench.verdict.money import Use, job_cost
from bench.verdict.owning import money_crossing
from bench.verdict.places import crossing_of, places_of
from bench.verdict.prices import Monthly, load_prices
from bench.verdict.request import EXPECTED, Request, check_number
from bench.verdict.spending import alone, spent
from builders import MACHINE
from verdict_builders import ABOUT, free, hourly, option, owned, run, workload

ROOT = Path(__file__).parents[2]
YEARLY = 5 * 52.0


def advised(
    *options: Option, epochs: float = 100, hour_worth: float | None = None, **more: object
) -> Advised:
    """The advice for five jobs a week over a year; the first option is this machine."""
    asked = workload(epochs, runs=5, **more)
    places = places_of(job_result(options, asked), asked)
    return advise(places, {o.name: o for o in options}, asked, hour_worth)


def of(records: list[Record], **asked: object):
    return answer(records, MACHINE.id, load_prices(), Request(**asked))


HERE = option("here", 10, 10, owned())  # 1010 s, 0.0056 each


def test_sooner_by_more_than_a_tenth_wins() -> None:
    """220 s against 1010 s; 5 x 52 / 12 jobs a month at 0.0611 are 1.32 a month."""
    found = advised(HERE, option("cloud", 120, 1, hourly()))

    assert (found.advice, found.sooner, found.told) == ("rent", True, True)
    assert found.extra_month == pytest.approx(YEARLY / 12 * (220 / 3600 - 0.1 * 0.2 * 1010 / 3600))
    assert found.waiting_month == pytest.approx(YEARLY / 12 * 790 / 3600)


@pytest.mark.parametrize(
    ("seconds", "advice"), [(909, "rent"), (930, "either"), (1100, "either"), (1120, "stay")]
)
def test_what_differs_by_less_than_a_tenth_is_either(seconds: float, advice: str) -> None:
    assert advised(HERE, option("cloud", 0, seconds / 100, free(1e3))).advice == advice


def test_money_turns_the_advice_only_where_an_hour_is_worth_something() -> None:
    """17.1 hours of waiting saved a month cost 98.6 more: an hour is worth 5 or it is worth 6."""
    cloud = option("cloud", 120, 1, hourly("38"))
    found = advised(HERE, cloud)
    price = found.extra_month / found.waiting_month

    assert (found.advice, found.told) == ("rent", True)
    assert advised(HERE, cloud, hour_worth=price * 0.99).advice == "stay"
    assert advised(HERE, cloud, hour_worth=price * 0.99).turned
    assert advised(HERE, cloud, hour_worth=price * 1.01).advice == "rent"


def test_a_cheaper_place_that_is_slower_wins_only_where_waiting_is_worth_less() -> None:
    """Here a card of 2 kW: 0.112 a job, 2.43 a month; the free one takes twice as long."""
    dear = option("here", 10, 10, owned(watts_load=2000.0))
    slow = option("slow", 20, 20, free(1e3))

    assert advised(dear, slow).advice == "stay"
    assert advised(dear, slow).told
    assert advised(dear, slow, hour_worth=0.1).advice == "rent"
    assert advised(dear, slow, hour_worth=100.0).advice == "stay"


def test_equal_time_is_decided_by_more_than_the_negligible_sum() -> None:
    dear = option("here", 10, 10, owned(watts_load=2000.0))
    same = option("same", 10, 10, free(1e3))

    assert advised(dear, same).advice == "rent"
    assert advised(dear, same, negligible=3.0).advice == "either"


def test_a_place_that_cannot_do_the_job_is_never_advised() -> None:
    quick = option("quick", 1, 1, hourly(session_hours=0.01))
    found = advised(HERE, quick)

    assert found.advice == "stay"
    assert "session cap" in (found.why or "")


@given(st.floats(1, 600), st.floats(0.1, 50), st.floats(1.2, 40))
def test_at_the_crossing_both_places_take_as_long(start, epoch, speed) -> None:
    """The minutes here at which the other one is equal, by the two lines themselves."""
    here, there = option("a", 5, epoch, owned()), option("b", 5 + start, epoch / speed, hourly())
    found = crossing_of(here.timing, there.timing)
    epochs = (found.minutes * 60 - 5) / epoch

    assert 5 + start + epochs * epoch / speed == pytest.approx(found.minutes * 60)
    assert found.epochs == pytest.approx(epochs)


def test_a_quota_spreads_a_long_job_over_weeks_where_restarts_are_allowed() -> None:
    """25 hours at 10 a week: two weeks of waiting, less the hours worked, and the last five."""
    cloud = option("cloud", 0, 900, free(10.0))
    asked = Workload(epochs=100, restarts=True, use=Use(runs_per_week=5, months=12, stated=False))
    seconds = elapsed(cloud, seconds_of(cloud, 100, asked), asked)

    assert seconds[0] == pytest.approx((2 * 168 + 5) * 3600)
    assert job_result([cloud], asked).outcomes[0].why is None
    assert job_result([cloud], workload(100, runs=5)).outcomes[0].why == "over the weekly quota"


def test_several_machines_hold_more_than_one_week() -> None:
    """Five jobs of 50 hours are 250 hours a week."""
    cloud = option("cloud", 0, 1800, hourly())

    assert job_result([cloud], workload(100, runs=5)).outcomes[0].why
    assert job_result([cloud], workload(100, runs=5, machines=2)).outcomes[0].why is None


def test_chart_and_sentence_show_one_number_for_the_worked_example() -> None:
    """520 / 52 / (220 / 110 - 0.02) = 5.051 hours on the card, x 1010 / 110 = 46.37 here."""
    card, cloud = option("card", 10, 1, owned("520")), option("cloud", 120, 1, hourly())
    asked = workload(100)
    found = money_crossing(card, cloud, HERE, asked)

    def cost(one: Option, hours: float) -> float:
        return float(spent(alone(one), alone(HERE), asked, np.array([hours]), 12.0)[0])

    panel = Panel(
        places=np.geomspace(0.5, 168, 240), cost=cost, label="", unit="", logarithmic=True
    )
    [drawn] = crossings(panel, (card, cloud))

    assert found.hours_per_week == pytest.approx(46.37, rel=1e-3)
    assert found.own_hours_per_week == pytest.approx(5.051, rel=1e-3)
    assert drawn.place == pytest.approx(found.hours_per_week, rel=1e-3)


def test_a_card_is_compared_with_this_machine_too() -> None:
    """2 kW here at 0.2 are 0.4 an hour, on the card 0.02 for a tenth of it: 10 / 0.398 hours."""
    dear = option("here", 10, 10, owned(watts_load=2000.0))
    card = option("card", 1, 1, owned("520"))

    assert money_crossing(card, dear, dear, workload(100)).hours_per_week == pytest.approx(
        10 / (0.4 - 0.002)
    )


def test_nothing_is_said_to_cost_less_than_what_cannot_do_the_job() -> None:
    card, cloud = option("card", 10, 1, owned("520")), option("c", 1, 1, hourly(session_hours=0.01))

    assert "session cap" in (money_crossing(card, cloud, HERE, workload(100, runs=1)).never or "")


def test_a_flat_price_is_paid_for_each_month_begun() -> None:
    flat = Monthly(**ABOUT | {"name": "flat", "amount": 30})

    assert job_cost(flat, np.array([60.0]), 10, 2.5 * 52 / 12)[0] == pytest.approx(3 * 30 / 10)


def test_a_stated_rate_lets_currencies_meet() -> None:
    """0.2872 EUR a kWh at 1.08 dollars a euro; assumed from then on, with its day."""
    request = Request(rates={"EUR": 1.08})
    found = converted(load_prices(), "USD", request.rates, request.today)["local-eu"]

    assert float(found.tariff) == pytest.approx(0.2872 * 1.08)
    assert (found.currency, found.assumed) == ("USD", True)
    assert f"by you, {request.today}" in found.source


def test_a_job_of_ones_own_gets_an_advice_without_any_record() -> None:
    found = answer([], "", load_prices(), Request(epoch_seconds=12, epochs=200))

    cnn = answer([], "", load_prices(), Request(epoch_seconds=12, epochs=200, kind="cnn"))
    here, there = cnn.jobs[0].places

    assert {found.advice, cnn.advice} <= {"rent", "either"}
    assert there.seconds.middle < here.seconds.middle / 2


def test_no_line_says_rent_where_the_advice_is_either_for_want_of_certainty() -> None:
    """40 min here against 15 there, which may be 57: probably sooner, and said so."""
    found = answer([], "", load_prices(), Request(epoch_seconds=12, epochs=200, kind="cnn"))
    sure = Request(epoch_seconds=12, epochs=200, assume={"colab-free-t4": "4x-9x"})

    assert found.advice == "either"
    [line] = crossing_lines(found)
    assert "T4 (colab-free-t4) is probably sooner when a job takes more than about" in line
    [line] = crossing_lines(answer([], "", load_prices(), sure))
    assert line.startswith("RENT when a job takes more than about")


def test_the_start_of_ones_own_job_is_paid_everywhere() -> None:
    """300 s here; a session's two minutes and the 300 s there."""
    asked = Request(epoch_seconds=12, epochs=200, own_start_seconds=300, kind="cnn")
    here, there = answer([], "", load_prices(), asked).jobs[0].places

    assert (here.start_seconds, there.start_seconds) == (300, 420)


def test_a_task_of_one_epoch_stops_no_other() -> None:
    import msgspec

    short = run("cpu", 1, 2.0, task="line", category=1)
    short = msgspec.structs.replace(short, epochs=short.epochs[:1])
    found = of([short, *(run("cpu", i, 2.0) for i in range(6))])

    assert [job.task for job in found.jobs] == ["fashion"]
    assert "line in cpu has no run of two epochs" in found.unanswered[0]


def test_places_of_equal_speed_are_one() -> None:
    [_, there] = of([run("cpu", i, 2.0) for i in range(6)]).jobs[0].places

    assert there.name == "T4"
    assert set(there.options) == {"colab-free-t4", "colab-t4", "aws-t4"}
    assert there.basis == "estimated"


def test_the_sentence_begins_with_the_advice_in_capitals() -> None:
    found = of([run("cpu", i, 2.0) for i in range(6)])

    assert headline(found).startswith("STAY on this machine for fashion, 4 epochs: 18 s here")
    assert "when a job takes more than about 2.5 min here" in crossing_lines(found)[0]
    assert len(found.cautions) <= 3


@pytest.mark.parametrize("name", sorted(EXPECTED))
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 1e300])
def test_every_number_says_in_one_line_what_is_expected(name: str, value: float) -> None:
    with pytest.raises(UsageError) as refusal:
        check_number(name, value)

    assert str(refusal.value).startswith(f"{EXPECTED[name].flag} is ")
    assert "\n" not in str(refusal.value)


def test_no_money_is_added_up_outside_the_verdict() -> None:
    """What a job costs is asked of `bench.verdict.spending` and `places`, never worked out."""
    priced = re.compile(r"\bjob_cost\(|\.tariff\b|\.watts_load\b|float\([^)]*\.amount")
    rooms = [ROOT / "bench" / room for room in ("cli", "publish", "campaign", "evidence")]
    found = [
        f"{path.name}: {line.strip()}"
        for room in rooms
        for path in room.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if priced.search(line)
    ]

    assert found == []
