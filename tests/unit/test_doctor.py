"""What the doctor says of a machine, line by line; what it cannot read is no fault."""

from pathlib import Path

import pytest

from bench.campaign import checks, doctor, job
from bench.campaign.checks import Check
from bench.campaign.engines.docker import check
from bench.campaign.environments import environment
from bench.campaign.job import Request
from bench.campaign.runner import Job
from bench.cli import run
from bench.errors import EngineError, NotReadyError
from bench.evidence.store import Store
from builders import CAMPAIGN, MACHINE


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return folder


def test_what_cannot_be_read_has_its_line_and_is_no_fault(tmp_path: Path) -> None:
    for line in (doctor.power(tmp_path), doctor.profile(tmp_path), doctor.governor(tmp_path)):
        assert (line.level, line.text) == ("ok", "not readable here")


@pytest.mark.parametrize(
    ("governor", "driver", "level"),
    [
        ("powersave", "acpi-cpufreq", "warn"),
        ("performance", "acpi-cpufreq", "ok"),
        ("powersave", "intel_pstate", "ok"),
        ("powersave", "amd-pstate-epp", "ok"),
    ],
)
def test_powersave_is_a_warning_only_where_it_holds_the_clock_down(
    tmp_path: Path, governor: str, driver: str, level: str
) -> None:
    files = {"scaling_governor": governor, "scaling_driver": driver}

    line = doctor.governor(tree(tmp_path, {f"cpu0/cpufreq/{k}": v for k, v in files.items()}))

    assert (line.level, line.text) == (level, governor)
    assert bool(line.advice) == (level == "warn")


@pytest.mark.parametrize(("name", "level"), [("low-power", "warn"), ("balanced", "ok")])
def test_a_profile_that_saves_power_is_a_warning(tmp_path: Path, name: str, level: str) -> None:
    line = doctor.profile(tree(tmp_path, {"firmware/acpi/platform_profile": name}))

    assert (line.level, line.text) == (level, name)


@pytest.mark.parametrize(("state", "level"), [("Discharging", "warn"), ("Full", "ok")])
def test_a_battery_that_is_drained_is_a_warning(tmp_path: Path, state: str, level: str) -> None:
    assert doctor.power(tree(tmp_path, {"BAT0/status": state})).level == level


@pytest.mark.parametrize(("gpus", "level"), [(("NVIDIA T4",), "ok"), ((), "warn")])
def test_an_engine_that_accepts_is_believed_only_where_there_is_a_gpu(gpus, level: str) -> None:
    line = check.accepted("nvidia", gpus)

    assert line.level == level
    assert bool(line.advice) == (level == "warn")


def test_the_next_step_of_an_error_is_advice() -> None:
    line = checks.refused("engine", EngineError("no engine answers: start it, or: wait"))

    assert (line.text, line.advice) == ("no engine answers", "start it, or: wait")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What `run` does, in its order, up to the first run of a campaign that has none."""
    done: list[str] = []
    monkeypatch.setenv("CERTBENCH_LOCK", str(tmp_path / "lock"))

    def prepare(*_: object) -> Job:
        done.append("prepare")
        return Job(campaign=CAMPAIGN, machine=MACHINE, runs=(), environments={})

    monkeypatch.setattr(job, "prepare_job", prepare)
    return done


def looks(monkeypatch: pytest.MonkeyPatch, steps: list[str], check: Check) -> None:
    def fast(folder: Path, entries: list) -> list[Check]:
        steps.append(f"look at {', '.join(entry.name for entry in entries)}")
        return [check]

    monkeypatch.setattr(doctor, "fast", fast)


BUSY = Check(name="load", level="warn", text="busy", advice="wait")


def test_run_looks_before_an_image_is_built(monkeypatch, steps, tmp_path: Path, capsys) -> None:
    looks(monkeypatch, steps, BUSY)

    run._campaign(Request(environments=("cpu",)), Store(tmp_path))

    assert steps == ["look at cpu", "prepare"]
    assert capsys.readouterr().err.endswith("warn: busy; wait\n")


def test_an_error_stands_alone_without_warnings(monkeypatch, steps, tmp_path: Path, capsys) -> None:
    def gone(*_: object) -> None:
        raise EngineError("no engine answers: start it")

    looks(monkeypatch, steps, BUSY)
    monkeypatch.setattr(job, "prepare_job", gone)

    with pytest.raises(EngineError):
        run._campaign(Request(environments=("cpu",)), Store(tmp_path))

    assert capsys.readouterr().err == ""


def test_run_does_not_go_on_where_something_would_stop_it(
    monkeypatch, steps, tmp_path: Path
) -> None:
    looks(monkeypatch, steps, Check(name="disk", level="fail", text="full", advice="free some"))

    with pytest.raises(NotReadyError, match="disk: full; free some"):
        run._campaign(Request(environments=("cpu",)), Store(tmp_path))

    assert steps == ["look at cpu"]


def test_the_fast_part_looks_at_memory_of_this_machine_alone(tmp_path: Path) -> None:
    entries = [environment(name) for name in ("colab-like", "colab-t4")]

    assert [c.name for c in doctor.fast(tmp_path, entries)].count("memory") == 1
