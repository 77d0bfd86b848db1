"""Each way to go wrong is one line with the next step, and an exit code of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

CERTBENCH = str(Path(sys.executable).parent / "certbench")


def certbench(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CERTBENCH, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def damaged(tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "bad.json").write_text("{")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("run", "--env", "moon"), 2, "there are: cpu, gpu"),
        (("run", "--task", "lunch"), 2, "there are: line, fashion"),
        (("run", "--task", "./none.py"), 2, "cannot be read"),
        (("run", "--repeats", "0"), 2, "Invalid value for '--repeats'"),
        (("run", "--resume", "--env", "cpu"), 2, "from the campaign"),
        (("run", "--resume"), 2, "nothing to resume"),
        (("show",), 2, "certbench run --env cpu"),
        (("compare", "cpu", "gpu"), 2, "certbench run --env cpu"),
    ],
)
def test_what_does_not_exist_is_named_with_what_does(tmp_path, arguments, code, said):
    done = certbench(*arguments, "--results", tmp_path)

    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.glob("runs/*")) == []


def test_a_damaged_record_is_refused_by_name(damaged):
    done = certbench("show", "--results", damaged)

    assert done.returncode == 8
    assert "bad.json is damaged" in done.stderr
    assert (damaged / "runs" / "bad.json").read_text() == "{"


def test_a_results_folder_that_is_a_file_is_refused_before_anything_runs(tmp_path):
    (tmp_path / "results").touch()

    done = certbench("run", "--results", tmp_path / "results")

    assert done.returncode in (2, 7)
    assert "Traceback" not in done.stderr
