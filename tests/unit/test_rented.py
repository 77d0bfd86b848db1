"""What a rented session cost counts in the verdict: its start, its rate and its plan."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bench.cli import certbench
from bench.errors import CertbenchError, RecordError
from bench.evidence.record import Record, Session
from bench.evidence.store import Store, from_json
from bench.verdict.compare import compare
from bench.verdict.decide import job_result
from bench.verdict.jobs import task_job, tasks_of
from bench.verdict.model import Option
from bench.verdict.money import job_cost
from bench.verdict.options import Scenario, options_of
from bench.verdict.owning import money_crossing
from bench.verdict.prices import load_prices
from bench.verdict.table import home
from builders import MACHINE, environment, facts
from verdict_builders import free, hourly, option, owned, run, seen, units, workload

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "results"
FIXTURES = sorted((ROOT / "tests" / "fixtures").glob("*.json"))
ELSEWHERE = msgspec.structs.replace(MACHINE, id="another00000", processor="Xeon")
PAID = Session(
    plan=None,
    provision_seconds=40.0,
    install_seconds=20.0,
    data_seconds=10.0,
    units_per_hour=1.25,
    balance_before=100.0,
    balance_after=99.0,
)


def rented(session: Session = PAID, rounds: int = 6, **changes: object) -> list[Record]:
    """Runs of a notebook on a machine of Colab's: 10 s of start, epochs of half a second."""
    place = msgspec.structs.replace(
        facts(environment("colab-t4", gpu=True)), engine="native", rented=True, isolated=False
    )
    more: dict[str, object] = {"environment": place, "machine": ELSEWHERE, "session": session}
    return [run("colab-t4", n, 0.5 + n / 1000, **more | changes) for n in range(1, rounds + 1)]


def local(rounds: int = 6) -> list[Record]:
    return [run("cpu", n, 2.0 + n / 1000) for n in range(1, rounds + 1)]


def there(session: Session = PAID, **changes: object) -> Option:
    prices = load_prices()
    job = task_job([*local(), *rented(session, **changes)], MACHINE.id, "fashion", prices, None)
    found = {o.name: o for o in options_of(Scenario(job=job, prices=prices))}
    return found["colab-t4"]


def test_a_session_counts_in_the_start() -> None:
    """40 s for the machine, 20 for installing, 10 for the data, and the run's own 10 s."""
    found = there()

    assert found.timing.start[0] == pytest.approx(80)
    assert found.timing.start.min() == pytest.approx(80)
    assert {origin.basis for origin in found.origins} == {"measured"}
    assert "40 s for the machine, 20 s for installing, 10 s for its data" in found.origins[1].text


def test_what_nobody_measured_of_a_session_is_said() -> None:
    found = there(msgspec.structs.replace(PAID, provision_seconds=None))

    assert found.timing.start[0] == pytest.approx(40)
    assert "the wait for the machine was not measured" in found.origins[1].text


def test_the_measured_rate_replaces_the_priced_one() -> None:
    found = there()

    assert (found.price.name, found.price.units_per_hour) == ("colab-t4", 1.25)
    assert (found.origins[2].what, found.origins[2].basis) == ("units an hour", "measured")


def test_a_typed_rate_is_no_measurement() -> None:
    typed = msgspec.structs.replace(PAID, balance_before=None, balance_after=None)

    assert there(typed).origins[2].basis == "assumed"
    assert "typed" in there(typed).origins[2].text


def test_without_a_rate_the_priced_one_stays() -> None:
    found = there(msgspec.structs.replace(PAID, units_per_hour=None))

    assert found.price == load_prices()["colab-t4"]


@pytest.mark.parametrize(
    ("plan", "price"),
    [
        ("free", "colab-free-t4"),
        ("pay as you go", "colab-t4"),
        ("Pro", "colab-pro-t4"),
        ("Pro+", "colab-pro-plus-t4"),
        ("unheard of", "colab-t4"),
        (None, "colab-t4"),
    ],
)
def test_the_plan_chooses_the_price(plan: str | None, price: str) -> None:
    assert there(msgspec.structs.replace(PAID, plan=plan)).price.name == price


def test_an_unpriced_machine_is_one_line() -> None:
    prices = {name: p for name, p in load_prices().items() if name != "colab-t4"}
    job = task_job([*local(), *rented()], MACHINE.id, "fashion", prices, None)

    with pytest.raises(CertbenchError, match="no price is called 'colab-t4': give one"):
        options_of(Scenario(job=job, prices=prices))


def test_another_processor_of_colabs_is_another_pool() -> None:
    """Rented machines differ: those of the newest campaign stand for it, not a mixture."""
    slow = msgspec.structs.replace(seen(), processor="older")
    old = [
        msgspec.structs.replace(r, seen=slow, id=f"old-{r.round}", phases=r.phases)
        for r in rented()
    ]
    newer = msgspec.structs.replace(rented()[0].campaign, id="20270101T000000Z-abcdef")
    prices = load_prices()
    records = [*local(), *old, *rented(campaign=newer)]
    job = task_job(records, MACHINE.id, "fashion", prices, None)

    assert len(job.pools["colab-t4"].rounds) == 6
    assert job.pools["colab-t4"].newest == newer.id


def test_a_rented_machine_is_never_here() -> None:
    records = [*local(), *rented(started_at="2027-01-01T00:00:00Z")]

    assert home(records, "unknown00000") == MACHINE.id
    assert tasks_of(rented(), ELSEWHERE.id) == ()


def test_a_rented_machine_is_compared_by_its_bare_name() -> None:
    report = compare([*local(), *rented()], "cpu", "colab-t4", MACHINE.id)

    assert report.b.machine == ELSEWHERE.id
    assert report.tasks[0].epoch.ratio.middle == pytest.approx(4, rel=0.05)


def test_gpu_memory_binds() -> None:
    """A job that held 15.5 GiB on a GPU does not fit into 15, and does into 16."""
    peak = msgspec.structs.replace(rented()[0].readings[-1], gpu_peak_bytes=int(15.5 * 2**30))
    job = task_job(
        [*local(), *rented(readings=(peak,))], MACHINE.id, "fashion", load_prices(), None
    )
    asked = workload(gpu_memory_gib=job.gpu_memory_gib)
    options = [
        option("here", 10, 2, owned()),
        option("small", 10, 1, hourly(gpu_memory_gib=15.0)),
        option("large", 10, 1, hourly(gpu_memory_gib=16.0)),
    ]
    whys = {a.option.name: a.why for a in job_result(options, asked).outcomes}

    assert whys["small"] == "needs 15.5 GiB of GPU memory, has 15"
    assert whys["here"] is None
    assert whys["large"] is None


def test_idle_minutes_are_paid_and_not_waited_for() -> None:
    """110 s of training and ten idle minutes are 710 s at 3.60 an hour: 0.71."""
    found = job_result(
        [option("here", 10, 9, owned()), option("there", 10, 1, hourly("3.60"))],
        workload(idle_seconds=600),
    ).outcomes[1]

    assert found.seconds.middle == 110
    assert found.cost.middle == pytest.approx(0.71)


def test_an_idle_limit_ends_an_idle_session() -> None:
    """Two idle minutes at most: 230 s of ten minutes."""
    price = hourly("3.60", idle_minutes=2.0)
    options = [option("here", 10, 9, owned()), option("there", 10, 1, price)]

    assert job_result(options, workload(idle_seconds=600)).outcomes[1].cost.middle == pytest.approx(
        0.23
    )


def test_idle_minutes_count_against_a_free_quota() -> None:
    """110 s fit into 0.1 hours a week, 110 s and ten minutes do not."""
    options = [option("here", 10, 9, owned()), option("there", 10, 1, free(0.1))]

    assert job_result(options, workload()).outcomes[1].why is None
    assert (
        job_result(options, workload(idle_seconds=600)).outcomes[1].why == "over the weekly quota"
    )


def test_idle_minutes_make_owning_pay_earlier() -> None:
    card = option("card", 10, 1, owned("520"))
    rent = option("rent", 10, 1, hourly())

    hours = [
        money_crossing(card, rent, card, workload(idle_seconds=s)).hours_per_week for s in (0, 110)
    ]
    assert hours[1] < hours[0]


@given(
    hours=st.floats(0.1, 50),
    runs=st.integers(1, 40),
    weeks=st.integers(1, 150),
    more=st.integers(1, 60),
)
def test_packs_never_cost_less_over_more_weeks(
    hours: float, runs: int, weeks: int, more: int
) -> None:
    seconds = np.asarray(hours * 3600)
    sums = [
        float(job_cost(units(), seconds, runs * w, w)) * runs * w for w in (weeks, weeks + more)
    ]

    assert sums[0] <= sums[1] * (1 + 1e-9)


def test_a_pack_lasts_until_it_is_used_up_or_expires() -> None:
    """201 units over 39 weeks (three times 91 days) are 3 packs, over 26 weeks 3 too; 90 are 3."""
    hour = np.asarray(3600.0)

    for jobs, weeks, packs in ((100.5, 39, 3), (100.5, 26, 3), (45, 39, 3), (45, 26, 2)):
        assert float(job_cost(units(), hour, jobs, weeks)) * jobs == pytest.approx(packs * 10)


@pytest.mark.parametrize(
    ("minimum", "unit", "paid"), [(0.0, 1.0, 0.03), (60.0, 1.0, 0.06), (0.0, None, 0.06)]
)
def test_the_least_that_is_billed(minimum: float, unit: float | None, paid: float) -> None:
    """30 s at 3.60 an hour; by the second, a minute at least; by the minute, which is assumed."""
    price = hourly("3.60", unit_seconds=unit, minimum_seconds=minimum)

    assert float(job_cost(price, np.asarray(30.0), 1, 0)) == pytest.approx(paid)


# --- the fixture: made by tests/fixtures/make_colab.py, never a measurement -----------------------


@pytest.fixture
def certbench_with(tmp_path: Path) -> Callable[..., str]:
    """Call certbench on the committed campaign and the imported fixture."""
    results = tmp_path / "results"
    for path in Store(COMMITTED).paths():
        Store(results).keep(path.stem, path.read_bytes())
    call(["import", "--results", str(results), *map(str, FIXTURES)])
    return lambda *words: call([*words, "--results", str(results)])


def call(words: list[str]) -> str:
    return CliRunner().invoke(certbench, words, catch_exceptions=False).stdout


def test_decide_uses_an_imported_colab_record(certbench_with: Callable[..., str]) -> None:
    """The same arithmetic by hand: medians of the files, the session's 90 s before each run."""
    epochs, starts = [], []
    for path in FIXTURES:
        raw = json.loads(path.read_text())
        ends = [e["train_seconds"] + e["validation_seconds"] for e in raw["epochs"]]
        epochs.append(float(np.median(ends[1:])))
        phases = [v or 0 for name, v in raw["phases"].items() if name not in ("check", "fit")]
        starts.append(sum(phases) + raw["phases"]["fit"] - sum(ends[1:]) - epochs[-1] + 90)
    seconds = np.median(starts) + 200 * np.median(epochs)

    data = json.loads(
        certbench_with("decide", "--task", "fashion", "--epochs", "200", "--format", "json")
    )
    [job] = data["jobs"]
    [found] = [o for o in job["options"] if o["name"] == "colab-t4"]

    assert len(FIXTURES) == 6
    assert found["seconds"]["middle"] == pytest.approx(float(seconds))
    assert found["cost"]["middle"] == pytest.approx(
        9.99 * 5 / 260
    )  # a year of 5 jobs a week: a pack each 90 days
    assert found["price"]["units_per_hour"] == 1.25
    assert [o["basis"] for o in found["origins"]] == ["measured"] * 3
    assert job["fastest"]["name"] == "colab-t4"
    assert not any("not measured" in caution for caution in job["cautions"])


def test_the_fixture_is_never_published(certbench_with: Callable[..., str], tmp_path: Path) -> None:
    out = tmp_path / "site"
    with pytest.raises(RecordError, match="is a fixture of the tests and no measurement"):
        certbench_with("publish", "--out", str(out))
    assert not out.exists()


def test_the_fixture_says_what_it_is() -> None:
    for path in FIXTURES:
        record = from_json(path.read_bytes(), path.name)
        assert record.campaign.certbench == "fixture"
        assert "fixture" in record.machine.processor
