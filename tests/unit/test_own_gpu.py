"""A machine that has a GPU, or many processors: what its own records change in the verdict."""

import msgspec
import pytest

from bench.contract.facts import Gpu
from bench.errors import UsageError
from bench.evidence.energy import gpu_watts
from bench.evidence.record import Record
from bench.verdict.answer import answer
from bench.verdict.headline import headline
from bench.verdict.jobs import task_job
from bench.verdict.options import Scenario, options_of
from bench.verdict.prices import load_prices
from bench.verdict.request import Request
from builders import MACHINE, environment, facts, reading
from verdict_builders import owned, run, seen


def drew(joules: float, number: int, name: str = "native-gpu", seconds: float = 2.0) -> Record:
    """A run of 20 s between its readings, whose GPU drew so many joules."""
    gpu = Gpu(
        name="H100",
        memory_used_bytes=None,
        utilisation_percent=None,
        temperature_celsius=None,
        energy_joules=1000.0,
    )
    after = msgspec.structs.replace(gpu, energy_joules=1000.0 + joules)
    record = run(name, number, seconds)
    return msgspec.structs.replace(
        record,
        environment=facts(environment(name, gpu=name == "native-gpu")),
        readings=(reading("start", 5, gpus=(gpu,)), reading("end", 25, gpus=(after,))),
    )


def setting(records: list[Record], processors: int = 2, **asked: object) -> Scenario:
    found = [
        msgspec.structs.replace(r, seen=msgspec.structs.replace(seen(), processors=processors))
        for r in records
    ]
    prices = load_prices()
    job = task_job(found, records[0].machine.id, "fashion", prices, None)
    return Scenario(job=job, prices=prices, request=Request(**asked))


def test_what_the_gpu_drew_is_paid_too() -> None:
    """2,000 J in 20 s are 100 W on top of the 65 W that are assumed of a machine."""
    [own, *_] = options_of(setting([drew(2000, i) for i in range(3)]))

    assert gpu_watts(drew(2000, 1)) == pytest.approx(100)
    assert own.price.watts_load == pytest.approx(165)
    assert any(o.basis == "measured" and o.text.startswith("100 W on top") for o in own.origins)


def test_a_price_that_the_user_states_is_left_as_it_is() -> None:
    prices = load_prices() | {"native-gpu": owned()}
    job = task_job([drew(2000, 1)], drew(2000, 1).machine.id, "fashion", prices, None)

    assert job.base.price == owned()


def test_a_gpu_that_a_run_did_not_ask_for_costs_it_nothing() -> None:
    [own, *_] = options_of(setting([drew(2000, i, "native") for i in range(3)]))

    assert own.price.watts_load == 65


def test_over_many_processors_a_cloud_gains_less() -> None:
    records = [run("cpu", i, 2.0) for i in range(3)]
    [cloud], [few] = (
        [o for o in options_of(setting(records, processors=n)) if o.name == "colab-t4"]
        for n in (8, 2)
    )

    assert cloud.origins[0].basis == "estimated"
    assert cloud.timing.epoch[0] > few.timing.epoch[0]


def test_speeds_over_a_processor_say_nothing_over_a_gpu() -> None:
    records = [drew(2000, i) for i in range(3)]

    assert [option.name for option in options_of(setting(records))] == ["native-gpu"]
    with pytest.raises(UsageError, match="nobody says how fast colab-t4 is"):
        options_of(setting(records, options=("colab-t4",)))


def test_where_the_own_gpu_is_sooner_the_advice_says_to_train_in_it() -> None:
    """An epoch of 0.6 s against 2 s, with equal starts: stay, and use what is here."""
    records = [
        *[run("cpu", i, 2.0 + i / 1000) for i in range(6)],
        *[drew(2000, i, seconds=0.6 + i / 10000) for i in range(6)],
    ]

    found = answer(records, MACHINE.id, load_prices(), Request(task="fashion", epochs=100))

    assert headline(found).startswith("STAY on this machine, in native-gpu, for fashion")
