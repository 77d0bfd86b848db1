"""Energy comes with the method it was found by; absent is absent."""

import msgspec
import pytest

from bench.campaign.watts import listed_watts
from bench.contract.facts import Gpu
from bench.evidence.energy import energies
from builders import MACHINE, reading, record


def with_counters(**counters: tuple) -> object:
    before = {name: pair[0] for name, pair in counters.items()}
    after = {name: pair[1] for name, pair in counters.items()}
    machine = msgspec.structs.replace(MACHINE, listed_watts=65.0, power_source="a list")
    return record(
        machine=machine, readings=(reading("start", 0.0, **before), reading("end", 10.0, **after))
    )


def gpu(joules: float | None) -> Gpu:
    return Gpu(
        name="T4",
        memory_used_bytes=None,
        utilisation_percent=None,
        temperature_celsius=None,
        energy_joules=joules,
    )


def test_without_a_counter_the_processor_is_estimated_and_says_so() -> None:
    """65 W on two processors, 12 of 20 processor seconds: 65 * 12 / 2 = 390 J."""
    [energy] = energies(with_counters(own_cpu_seconds=(0.0, 12.0)))

    assert (energy.joules, energy.method) == (390.0, "estimate")
    assert "65 W listed" in energy.covers


def test_a_counter_is_better_than_an_estimate() -> None:
    [energy] = energies(with_counters(rapl_joules=(100.0, 350.0)))

    assert (energy.joules, energy.method) == (250.0, "rapl")


def test_a_counter_that_went_round_is_not_believed() -> None:
    [energy] = energies(with_counters(rapl_joules=(350.0, 100.0)))

    assert energy.method == "estimate"


def test_the_gpu_has_its_own_counter() -> None:
    both = energies(with_counters(gpus=((gpu(1000.0),), (gpu(1700.0),)), rapl_joules=(0.0, 50.0)))

    assert [(e.joules, e.method) for e in both] == [(700.0, "gpu-counter"), (50.0, "rapl")]


def test_what_nobody_counts_and_no_list_names_is_absent() -> None:
    assert energies(record()) == ()
    assert energies(record(readings=())) == ()


@pytest.mark.parametrize(
    ("processor", "watts"),
    [
        ("11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz", 28.0),
        ("AMD Ryzen 7 5800X 8-Core Processor", 105.0),
        ("AMD EPYC 7763 64-Core Processor", 280.0),
        ("AMD EPYC", None),
        ("Apple M2", None),
        ("", None),
    ],
)
def test_the_listed_power_needs_a_model_and_not_only_a_maker(processor, watts) -> None:
    assert listed_watts(processor) == watts
