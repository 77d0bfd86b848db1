"""What `make overhead` says before, and beside, its table."""

import os
import sys
from pathlib import Path

import pytest

from bench.errors import ImageError, UsageError
from builders import epoch, record

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import overhead


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "no task is called 'nothing'"),
        (["--pairs", "0"], "invalid positive value: '0'"),
        (["--pairs", "many"], "invalid positive value: 'many'"),
    ],
)
def test_what_cannot_be_measured_is_one_line(
    monkeypatch, capsys, arguments: list[str], message: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["overhead", *arguments])

    with pytest.raises(SystemExit) as caught:
        overhead.main()

    said = capsys.readouterr().err + str(caught.value.code)
    assert message in said
    assert "Traceback" not in said


def test_disturbed_runs_are_told_beside_the_table() -> None:
    runs = [
        record(id=str(n), round=n + 1, epochs=(epoch(0), epoch(1, seconds)))
        for n, seconds in enumerate((1, 1, 9, 9))
    ]

    assert "in two modes" in overhead.marked(runs)
    assert overhead.marked(runs[:1]) == "no run of the harness is suspect"


BROKEN = {
    "a shim": b"#!/bin/sh\necho 'pyenv: python3.13: command not found' >&2; exit 127\n",
    "another architecture's": b"\x7fELF nonsense",
    "an interpreter that is gone": b"#!/nowhere/python\n",
}


@pytest.fixture(params=BROKEN)
def broken_python(request, tmp_path, monkeypatch) -> Path:
    """A `python3.13` that is found first on the PATH and does not run."""
    path = tmp_path / "python3.13"
    path.write_bytes(BROKEN[request.param])
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return path


def test_a_python_that_is_found_and_does_not_run_is_left(broken_python, monkeypatch) -> None:
    monkeypatch.delenv("PLAIN_PYTHON", raising=False)

    assert overhead.base_python() == sys.executable


def test_a_python_that_was_asked_for_and_does_not_run_is_one_line(
    broken_python, monkeypatch
) -> None:
    monkeypatch.setenv("PLAIN_PYTHON", str(broken_python))

    with pytest.raises(UsageError, match="does not run"):
        overhead.base_python()


def test_a_step_that_fails_leaves_nothing_half_made(tmp_path, monkeypatch) -> None:
    """Else the next start would take it for whole."""
    home = tmp_path / "plain"
    home.mkdir()
    monkeypatch.setattr(overhead, "PLAIN_HOME", home)

    with pytest.raises(ImageError, match="plain side cannot be made"):
        overhead._made([sys.executable, "-c", "raise SystemExit(3)"])

    assert not home.exists()
