"""Scripts as courses write them, unchanged, by the command that people type."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from bench.campaign.engines.docker.image import ROOT
from bench.evidence.record import Record
from bench.evidence.store import Store

SCRIPTS = ROOT / "tests" / "scripts"
WANTED = {"digits": (12,), "tuned": (4, 5), "windows": (5,), "loop": (6,)}


def certbench(folder: Path, *words: str) -> tuple[int, str, list[Record]]:
    """(exit code, all that was said, the records)."""
    done = subprocess.run(
        [sys.executable, "-c", "from bench.cli import main; main()", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr, list(Store(folder / "results").load_all())


def run_script(place: str, folder: Path, file: Path, *words: str) -> tuple[int, str, Record]:
    once = ("--repeats", "1", "--env", place, "--results", "results")
    code, said, records = certbench(folder, "run", "--script", str(file), *once, *words)
    assert len(records) == 1, said
    return code, said, records[0]


@pytest.mark.docker
@pytest.mark.parametrize("name", WANTED)
def test_a_script_runs_unchanged_in_the_container(tmp_path, name):
    code, said, record = run_script("cpu", tmp_path, SCRIPTS / f"{name}.py", "--epochs", "2")
    assert code == 0, said
    assert record.status == "ok"
    assert tuple(stage.epochs_wanted for stage in record.stages) == WANTED[name]
    assert [e.stage for e in record.epochs] == [n for n in range(len(WANTED[name])) for _ in "ab"]
    assert record.task.epochs_wanted == sum(WANTED[name])
    assert record.stages[0].at_most == (name == "digits")
    assert record.result.score is None


@pytest.mark.native
def test_native_does_the_same_work_as_the_container_says(tmp_path):
    code, said, record = run_script(
        "native", tmp_path, SCRIPTS / "tuned.py", "--epochs", "2", "--steps", "1"
    )
    assert code == 0, said
    assert [(s.steps, s.steps_wanted) for s in record.stages] == [(1, 2), (1, 2)]


FAULTS = {
    "nofit": ("print(1)", "no model was fitted"),
    "quits": ("import sys\nsys.exit(3)", "ended itself with 3"),
    "raises": ("x = 1\nint('a')", "raises.py line 2: ValueError"),
    "looks": ("open('a.csv')", "--data"),
    "fetches": (
        "import urllib.request as r\nr.urlopen('http://example.org')",
        "--network",
    ),
}


@pytest.mark.docker
@pytest.mark.parametrize("name", FAULTS)
def test_a_script_that_fails_leaves_a_record_with_one_line(tmp_path, name):
    content, said = FAULTS[name]
    (tmp_path / f"{name}.py").write_text(content)
    code, _, record = run_script("cpu", tmp_path, tmp_path / f"{name}.py")
    assert (code, record.status) == (10, "failed")
    assert said in record.detail
    assert "\n" not in record.detail


RUDE = """import os, sys
os.write(1, bytes(range(256)))
print("x" * 3_000_000)
if os.fork() == 0:
    sys.exit(0)
os.wait()
print(open("/tmp/there/a.txt").read(), open("here/a.txt").read())
assert sys.argv[1:] == ["--size", "5"]
from certbench import epochs
for epoch in epochs(3):
    pass
sys.exit(0)
"""


@pytest.mark.docker
def test_forks_floods_and_binary_do_no_harm_and_data_lie_where_they_are_looked_for(tmp_path):
    (tmp_path / "data").mkdir(mode=0o755)
    (tmp_path / "data" / "a.txt").write_text("a")
    (tmp_path / "rude.py").write_text(RUDE)
    words = ("--data", "data:/tmp/there", "--data", "data:here", "--", "--size", "5")
    code, said, record = run_script("cpu", tmp_path, tmp_path / "rude.py", *words)
    assert code == 0, said
    assert record.opened.data == ("/tmp/there", "here")
    assert len(record.epochs) == 3


@pytest.mark.docker
def test_the_page_about_scripts_is_true(tmp_path):
    """docs/your-own-script.md: its script and its first command, as they stand there."""
    page = (ROOT / "docs/your-own-script.md").read_text()
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    (tmp_path / "moons_script.py").write_text(code)
    (tmp_path / "points").mkdir(mode=0o755)
    numpy.save(tmp_path / "points" / "points.npy", numpy.random.default_rng(1).normal(size=(90, 2)))
    command = re.search(r"```\ncertbench (try .*)\n```", page)[1]
    ended, said, [record] = certbench(tmp_path, *command.split(), "--results", "results")
    assert ended == 0, said
    assert (len(record.epochs), record.task.epochs_wanted) == (3, 20)
    assert "moons_script, 20 epochs" in said
