"""What is said where a native GPU run cannot be; the interpreter that looks is a stand-in."""

import importlib.util
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.campaign.engines.native import engine as native
from bench.campaign.engines.native import gpu as native_gpu
from bench.campaign.environments import environment
from bench.errors import GpuError, ImageError

Stage = Callable[..., None]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Set what the interpreter prints and which GPUs the driver names."""

    def set_up(out: str, err: str = "", gpus: tuple[str, ...] = ()) -> None:
        script = tmp_path / "python"
        script.write_text(f"#!/bin/sh\necho '{err}' >&2\necho '{out}'\n")
        script.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(script))
        monkeypatch.setattr(native_gpu, "asked_driver", lambda: (gpus, None))

    return set_up


MAC = "tensorflow-metal.*2.18.*--env native"
WINDOWS = "since 2.11.*WSL2"
SYSTEMS = [("Darwin", MAC), ("Windows", WINDOWS)]


@pytest.mark.parametrize(("system", "text"), SYSTEMS)
def test_a_mac_and_windows_are_told_why_there_is_no_gpu(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, system: str, text: str
) -> None:
    stage("probe 0 0", gpus=("RTX 4090",))
    monkeypatch.setattr(platform, "system", lambda: system)

    with pytest.raises(GpuError, match=text):
        native_gpu.require_gpu()


@pytest.mark.parametrize(("system", "text"), SYSTEMS)
@pytest.mark.parametrize("build", [True, False])
def test_nothing_is_installed_for_a_gpu_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, system: str, text: str, *, build: bool
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(native, "pip", lambda *words: pytest.fail(f"pip {words}"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    engine, entry = native.NativeEngine(), environment("native-gpu")

    with pytest.raises(GpuError, match=text):
        engine.build(entry, print) if build else engine.ready(entry, 1.0)


def test_a_gpu_that_a_plug_in_does_reach_is_enough(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older TensorFlow with Metal."""
    stage("probe 0 1")
    monkeypatch.setattr(platform, "system", lambda: "Darwin")

    assert native_gpu.require_gpu() is None


@pytest.mark.parametrize(("system", "said"), [("Linux", False), ("Darwin", True)])
def test_the_doctor_says_what_a_native_run_cannot_isolate(
    monkeypatch: pytest.MonkeyPatch, system: str, *, said: bool
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)

    [*_, isolation] = native.NativeEngine.check(environment("native"))

    assert isolation.level == "warn"
    assert "no limits, open network, warm page cache" in isolation.text
    assert (f"nobody here has run one on {system}" in isolation.text) == said


def test_a_gpu_that_tensorflow_sees_is_enough(stage: Stage) -> None:
    stage("probe 0 1")

    assert native_gpu.require_gpu() is None


@pytest.mark.parametrize(
    ("said", "gpus", "kind", "text"),
    [
        (("probe 1 0", ""), (), GpuError, "nvidia-smi.*--env native"),
        (("probe 0 0", ""), ("H100",), ImageError, "no code for the H100.*build --env native-gpu"),
        (
            ("probe 1 0", "Cannot dlopen some GPU libraries"),
            ("H100",),
            GpuError,
            "H100: Cannot dlop",
        ),
        (("probe 1 0", ""), ("H100",), GpuError, "does not see the H100: and does not say why"),
        (("", "No module named tensorflow"), (), GpuError, "imported: No module named tensorflow"),
    ],
)
def test_what_is_missing_is_said_with_the_next_step(
    stage: Stage, said: tuple[str, str], gpus: tuple[str, ...], kind: type[Exception], text: str
) -> None:
    stage(*said, gpus)

    with pytest.raises(kind, match=text):
        native_gpu.require_gpu()
