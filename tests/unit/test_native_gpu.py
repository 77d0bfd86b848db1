"""What is said where a native GPU run cannot be; the interpreter that looks is a stand-in."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.campaign.engines import native_gpu
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
        monkeypatch.setattr(native_gpu, "gpu_names", lambda: gpus)

    return set_up


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
