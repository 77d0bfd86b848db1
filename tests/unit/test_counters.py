"""What the worker reads at an edge: of which processors, of which processes, of which GPU."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.contract.events import Counters, Failed, decode
from bench.contract.order import Order, encode_order
from bench.contract.power import power_profile
from bench.worker import __main__ as worker
from bench.worker import cgroup, counters, gpu, train

STAT = """cpu  300 0 100 9000 0 0 0 50 0 0
cpu0 100 0 50 4500 0 0 0 20 0 0
cpu1 200 0 50 4500 0 0 0 30 0 0
intr 1
"""


def test_busy_seconds_are_those_of_the_processors_asked_for(tmp_path: Path) -> None:
    """Ticks are of 10 ms: 400 ticks in all, 150 of them on the first processor."""
    stat = tmp_path / "stat"
    stat.write_text(STAT)

    assert counters.host_seconds(stat) == (4.0, 0.5)
    assert counters.busy_seconds(stat, {0}) == 1.5
    assert counters.busy_seconds(stat, {0, 1}) == 4.0
    assert counters.busy_seconds(stat, {7}) is None
    assert counters.host_seconds(tmp_path / "none") == (None, None)


@pytest.mark.parametrize(("process", "own"), [(1, 1e9), (4711, None)])
def test_in_a_container_the_groups_processor_time_is_the_runs_own(
    monkeypatch: pytest.MonkeyPatch, process: int, own: float | None
) -> None:
    """Elsewhere the group holds other programs too."""
    monkeypatch.setattr(cgroup, "cpu_seconds", lambda: 1e9)
    monkeypatch.setattr(os, "getpid", lambda: process)

    found = counters.Reader(started=0.0, gpu=False).read("start").own_cpu_seconds

    assert found == own if own else 0 < found < 1e9


def test_a_reading_tells_the_processors_it_may_use() -> None:
    found = counters.Reader(started=0.0, gpu=False).read("start")

    assert found.usable_processors == len(os.sched_getaffinity(0))
    assert found.cpuset[0].isdigit()
    assert 0 < found.usable_busy_seconds <= found.busy_seconds + 1


@pytest.mark.parametrize(
    ("files", "profile"),
    [
        ({"firmware/acpi/platform_profile": "low-power"}, "low-power"),
        ({"class/platform-profile/platform-profile-0/profile": "quiet"}, "quiet"),
        (
            {f"class/platform-profile/p{n}/profile": name for n, name in enumerate("ba")},
            "a, b",
        ),
        ({}, None),
    ],
)
def test_the_power_profile_is_read_where_it_shows(
    tmp_path: Path, files: dict, profile: str | None
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")

    assert power_profile(tmp_path) == profile


class Lost(Exception):  # noqa: N818  as NVML has it
    """What NVML raises."""


class Nvml(SimpleNamespace):
    """A driver with one GPU that answers, or that was taken away."""

    NVMLError = Lost
    NVML_PERF_POLICY_POWER, NVML_PERF_POLICY_THERMAL = 0, 1

    def __init__(self, *, there: bool = True, counts_violations: bool = True) -> None:
        def answer(value):
            def ask(*_):
                if there:
                    return value
                raise Lost

            return ask

        def violations(_, policy):
            if counts_violations:
                return SimpleNamespace(violationTime=[2_500_000_000, 0][policy])
            raise Lost

        reasons = {
            name: 1 << place
            for place, name in enumerate(
                f"nvmlClocks{end}"
                for end in (
                    "EventReasonSwPowerCap",
                    "ThrottleReasonHwSlowdown",
                    "EventReasonSwThermalSlowdown",
                    "ThrottleReasonHwThermalSlowdown",
                    "ThrottleReasonHwPowerBrakeSlowdown",
                )
            )
        }
        super().__init__(
            nvmlInit=lambda: None,
            nvmlDeviceGetCount=lambda: 1,
            nvmlDeviceGetHandleByIndex=lambda index: index,
            nvmlDeviceGetName=lambda handle: "T4",
            nvmlDeviceGetMemoryInfo=answer(SimpleNamespace(used=1)),
            nvmlDeviceGetUtilizationRates=answer(SimpleNamespace(gpu=50)),
            nvmlDeviceGetTotalEnergyConsumption=answer(2000),
            nvmlDeviceGetCurrentClocksEventReasons=answer(1),
            nvmlDeviceGetTemperature=answer(60.0),
            nvmlDeviceGetViolationStatus=violations if there else answer(None),
            **reasons,
        )


def test_the_driver_counts_for_how_long_the_clocks_were_held_down(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Nvml())

    [found] = gpu.read()

    assert (found.power_throttled_seconds, found.thermal_throttled_seconds) == (2.5, 0.0)
    assert found.throttle_reasons == ("sw-power-cap",)


def test_a_gpu_that_does_not_count_it_leaves_it_absent(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Nvml(counts_violations=False))

    [found] = gpu.read()

    assert found.power_throttled_seconds is None


def test_a_gpu_that_tells_nothing_any_more_is_not_there(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Nvml(there=False))

    assert gpu.read() == ()


@pytest.mark.parametrize(("asked", "edges"), [("gpu", ["failure"]), (None, [])])
def test_an_exception_of_a_gpu_run_leaves_a_last_reading(monkeypatch, asked, edges) -> None:
    """So that a GPU that was taken away in mid-run is seen to be gone."""
    reader, writer = os.pipe()
    monkeypatch.setattr(worker, "_take_stdout", lambda: writer)
    order = encode_order(Order(name="line", accelerator=asked))
    monkeypatch.setattr(sys, "argv", ["worker", order])
    monkeypatch.setattr(train, "train", _fails)
    monkeypatch.setattr(gpu, "read", lambda: ())

    with pytest.raises(RuntimeError):
        worker.main()

    os.close(writer)
    with os.fdopen(reader, "rb") as wire:
        _, *events = [decode(line) for line in wire]
    assert [e.reading.edge for e in events if isinstance(e, Counters)] == edges
    assert isinstance(events[-1], Failed)


def _fails(*_: object, **__: object) -> None:
    raise RuntimeError("CUDA_ERROR_ILLEGAL_ADDRESS")
