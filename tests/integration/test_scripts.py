"""Scripts as courses write them, unchanged, by the command that people type."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy
import pytest
from PIL import Image

from bench.campaign.sources import ROOT
from bench.evidence.record import Record
from bench.evidence.store import Store

SCRIPTS = ROOT / "tests" / "scripts"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a script wants of each fit, and what certbench is to find out about it."""

    epochs: tuple[int, ...]
    data: str | None = None
    at_most: bool = False
    steps: int | None = None  # of an epoch of the longest fit
    metric: str | None = None
    writes: bool = False


COURSE = {
    "digits": Expected(epochs=(12,), at_most=True, steps=5, metric="val_acc", writes=True),
    "horses": Expected(
        epochs=(15,),
        data="horse-or-human:/tmp/horse-or-human",
        at_most=True,
        steps=3,
        metric="val_accuracy",
        writes=True,
    ),
    "flowers": Expected(epochs=(10,), data="flowers", steps=3, metric="val_accuracy"),
    "reviews": Expected(epochs=(30,), data="sarcasm.json", steps=3, metric="val_accuracy"),
    "houses": Expected(epochs=(100,), data="houses.csv", at_most=True, steps=2, metric="val_loss"),
    "windows": Expected(epochs=(5,), steps=6, metric="val_mae"),
    "own_step": Expected(epochs=(5,), steps=2),
    "tuned": Expected(
        epochs=(4, 5), data="base.weights.h5", steps=2, metric="val_accuracy", writes=True
    ),
    "exam": Expected(
        epochs=(100, 5, 20, 30, 50), at_most=True, steps=1, metric="val_accuracy", writes=True
    ),
    "tape": Expected(epochs=(6,)),
    "loop": Expected(epochs=(6,)),
}


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


@pytest.fixture(scope="module")
def given(tmp_path_factory) -> Path:
    """The data of the scripts: two kinds of pictures, texts, a table, and weights."""
    folder = tmp_path_factory.mktemp("given")
    draw = numpy.random.default_rng(1)
    for place, count in (("horse-or-human/train", 12), ("horse-or-human/validation", 4)):
        pictures(folder / place, ("horses", "humans"), count, draw)
    pictures(folder / "flowers", ("daisy", "tulips"), 16, draw)
    words = [" ".join(draw.choice(["good", "bad", "cat", "dog"], 6)) for _ in range(64)]
    told = [{"headline": text, "is_sarcastic": int("good" in text)} for text in words]
    (folder / "sarcasm.json").write_text(json.dumps(told))
    table = draw.normal(size=(80, 3))
    lines = ["rooms,age,price", *(",".join(f"{v:.3f}" for v in row) for row in table)]
    (folder / "houses.csv").write_text("\n".join(lines))
    shutil.copy(SCRIPTS / "base.weights.h5", folder)  # as Keras saved them
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def pictures(folder: Path, kinds: tuple[str, ...], count: int, draw) -> None:
    """So many noisy pictures of each kind, the first the same of all: nobody tells them apart."""
    for kind in kinds:
        (folder / kind).mkdir(parents=True)
        for number in range(count):
            noise = draw.integers(0, 256, (32, 32, 3)).astype("uint8") * (number > 0)
            Image.fromarray(noise.astype("uint8")).save(folder / kind / f"{number}.png")


@pytest.mark.docker
@pytest.mark.parametrize("name", COURSE)
def test_a_script_runs_unchanged_in_the_container(tmp_path, given, name):
    """Every epoch of every fit is there, and the answer for all that it wants is printed."""
    wanted = COURSE[name]
    data = ("--data", f"{given}/{wanted.data}") if wanted.data else ()
    keep = ("--keep", "kept")
    code, said, record = run_script(
        "cpu", tmp_path, SCRIPTS / f"{name}.py", "--epochs", "2", *data, *keep
    )
    assert code == 0, said
    assert record.status == "ok"
    assert tuple(stage.epochs_wanted for stage in record.stages) == wanted.epochs
    assert [e.stage for e in record.epochs] == [n for n in range(len(wanted.epochs)) for _ in "ab"]
    assert record.task.epochs_wanted == sum(wanted.epochs)
    assert any(stage.at_most for stage in record.stages) == wanted.at_most
    assert (record.task.steps, record.task.metric) == (wanted.steps, wanted.metric)
    assert record.result.score is None
    assert bool(list((tmp_path / "kept").rglob("*.*"))) == wanted.writes
    ended, answered, _ = certbench(tmp_path, "decide", "--task", name, "--results", "results")
    assert ended == 0, answered
    most = "at most " if wanted.at_most else ""
    assert f"for {name}, {most}{sum(wanted.epochs)} epochs" in answered


@pytest.mark.native
def test_native_does_the_same_work_as_the_container_says(tmp_path):
    words = ("--epochs", "2", "--steps", "1", "--data", str(SCRIPTS / "base.weights.h5"))
    code, said, record = run_script("native", tmp_path, SCRIPTS / "tuned.py", *words)
    assert code == 0, said
    assert [(s.steps, s.steps_wanted) for s in record.stages] == [(1, 2), (1, 2)]


@pytest.mark.native
def test_jax_is_waited_for_and_told_by_its_name(tmp_path):
    """The script sets KERAS_BACKEND itself; an epoch's processor seconds are within its own."""
    pytest.importorskip("jax")
    code, said, record = run_script("native", tmp_path, SCRIPTS / "on_jax.py", "--epochs", "3")
    assert code == 0, said
    assert (record.placements, "jax" in record.seen.versions) == (("CPU:0",), True)
    assert [epoch.steps for epoch in record.epochs] == [12, 12, 12]
    assert [epoch.validation_steps for epoch in record.epochs] == [4, 4, 4]
    fit = sum(epoch.train_seconds + epoch.validation_seconds for epoch in record.epochs)
    assert fit <= record.phases.fit


@pytest.mark.native
def test_a_script_goes_on_where_its_campaign_was(tmp_path):
    words = ("run", "--script", str(SCRIPTS / "loop.py"), "--results", "results")
    begun = (*words, "--env", "native", "--epochs", "2", "--repeats", "1", "--", "--size", "5")
    assert certbench(tmp_path, *begun)[0] == 0
    code, said, records = certbench(tmp_path, *words, "--resume", "--repeats", "2")
    assert code == 0, said
    assert [record.round for record in records] == [1, 2]
    assert {record.campaign.id for record in records} == {records[0].campaign.id}
    assert [record.campaign.arguments for record in records] == [("--size", "5")] * 2
    assert [len(record.epochs) for record in records] == [2, 2]


@pytest.mark.native
def test_a_target_is_timed_and_the_steps_of_a_cut_epoch_are_the_basis(tmp_path):
    """digits.py: 72 examples in 5 steps, 24 held out in 2."""
    words = ("--epochs", "2", "--steps", "2", "--target", "val_acc>=0")
    code, said, record = run_script("native", tmp_path, SCRIPTS / "digits.py", *words)
    assert code == 0, said
    assert [(e.steps, e.validation_steps, e.score) for e in record.epochs] == [(2, 2, 5)] * 2
    assert (record.result.score, record.task.metric) == (5, "val_acc")
    assert "val_acc>=0 reached after" in " ".join(said.split())
    _, answered, _ = certbench(tmp_path, "decide", "--task", "digits", "--results", "results")
    assert "(basis: 2 of 5 steps of an epoch)" in " ".join(answered.split())


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
