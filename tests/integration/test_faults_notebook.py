"""Faults of notebooks and of packages on the real engines."""

import pytest

from bench.campaign.environments import environment
from bench.campaign.script import user_script
from bench.errors import ImageError
from running import run_one
from standin import StandIn
from test_notebook_scripts import PACKED, POINTS
from test_scripts import SCRIPTS, certbench, run_script


@pytest.mark.native
def test_an_error_in_a_cell_says_its_number_and_line(tmp_path):
    """In one line, and with the line itself in the tail of stderr."""
    (tmp_path / "bad.ipynb").write_text(
        (SCRIPTS / "lesson.ipynb").read_text().replace("plt.plot(", "plt.plott(")
    )
    (tmp_path / "there.csv").write_text(POINTS)
    (tmp_path / "there.csv").chmod(0o644)
    text = (tmp_path / "bad.ipynb").read_text().replace("/content/drive/points", "there")
    (tmp_path / "bad.ipynb").write_text(text)
    data = ("--data", str(tmp_path / "there.csv"), "--epochs", "2")
    code, said, record = run_script("native", tmp_path, tmp_path / "bad.ipynb", *data)
    assert (code, record.status) == (10, "failed"), said
    assert record.detail.startswith("bad.ipynb cell 6 line 1: AttributeError")
    assert any("plt.plott(" in line for line in record.ending.stderr_tail)


@pytest.mark.docker
def test_a_conflict_with_what_is_pinned_is_one_line_before_any_run(tmp_path, derived):
    (tmp_path / "packed.py").write_text(PACKED)
    (tmp_path / "needs.txt").write_text("keras<3\n")
    words = ("--requirements", "needs.txt", "--results", "results")
    code, said, records = certbench(tmp_path, "run", "--script", "packed.py", *words)
    assert (code, records) == (4, [])
    last = said.strip().splitlines()[-1]
    assert "the list wants keras<3 but this environment holds keras==3.13.2" in last


@pytest.mark.native
def test_packages_that_do_not_suit_a_rented_machine_stop_its_session(tmp_path, monkeypatch):
    google = StandIn(tmp_path / "google", monkeypatch)
    (tmp_path / "needs.txt").write_text("keras<3\n")
    (tmp_path / "train.py").write_text("import keras\n")
    script = user_script(tmp_path / "train.py", requirements=tmp_path / "needs.txt")

    with pytest.raises(ImageError, match=r"the list wants keras<3 but this environment holds ke"):
        run_one(
            google.engine(),
            environment("colab-cpu"),
            script.file,
            tmp_path / "r",
            script=script,
        )
    assert google.alive() == []
