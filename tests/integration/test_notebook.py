"""The notebook is run whole on this machine, with a small campaign, and its zip is imported."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bench.evidence.archive import read_archive
from bench.evidence.store import Store
from bench.evidence.transfer import import_records
from bench.publish.site import SOURCE
from bench.verdict.rented import PLANS

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "colab.ipynb"

pytestmark = pytest.mark.native


def test_its_zip_is_imported_and_holds_what_was_run(notebook, tmp_path):
    [archive] = notebook.glob("native-*.zip")
    store = Store(tmp_path)

    done = import_records([archive], store)

    records = store.load_all()
    assert len(done.added) == len(records) == 2
    assert {record.task.name for record in records} == {"line", "sunspots"}
    assert {(record.status, len(record.epochs)) for record in records} == {("ok", 2)}
    assert {record.environment.name for record in records} == {"native"}


def outputs(folder: Path) -> list[dict]:
    cells = json.loads((folder / "done.ipynb").read_text())["cells"]
    return [output for cell in cells for output in cell.get("outputs", ())]


def said(folder: Path) -> str:
    return "".join("".join(output.get("text", "")) for output in outputs(folder))


def test_progress_and_a_chart_are_shown(notebook):
    assert "[2/2] round 1" in said(notebook)
    assert "native: " in said(notebook)
    assert any("image/png" in output.get("data", {}) for output in outputs(notebook))


def test_on_colab_a_record_says_what_machine_it_was_and_what_it_cost(notebook_on_colab):
    [archive] = notebook_on_colab.glob("colab-cpu-*.zip")

    [record] = [member.record for member in read_archive(archive)]

    assert (record.environment.name, record.environment.engine) == ("colab-cpu", "native")
    assert (record.status, record.seen.runtime_release) == ("ok", "release-test")
    assert record.session.plan == "Pro"
    assert record.session.install_seconds is None  # all of it was here
    assert record.session.data_seconds > 0


def test_what_was_not_answered_is_said_before_the_run(notebook, notebook_on_colab):
    text = said(notebook_on_colab)

    assert text.index("not said: UNITS_PER_HOUR.") < text.index("[1/1] round 1")
    assert "not said" not in said(notebook)  # no rent is paid for this machine


def test_the_notebook_is_kept_without_outputs():
    cells = json.loads(NOTEBOOK.read_text())["cells"]

    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def source(cell: str) -> str:
    """The source of a cell, by its id."""
    [found] = [c for c in json.loads(NOTEBOOK.read_text())["cells"] if c["id"] == cell]
    return "".join(found["source"])


def test_the_plans_to_choose_from_are_those_of_the_verdict():
    form = r'^PLAN = (".+")  # @param (\[.+\])$'
    [(default, choices)] = re.findall(form, source("settings"), re.MULTILINE)

    assert json.loads(choices) == ["not said", "free", "pay as you go", "Pro", "Pro+"]
    assert set(json.loads(choices)) == {"not said", "pay as you go", *PLANS}
    assert json.loads(default) == "not said"


def installed(folder: Path, repository: object, version: str) -> subprocess.CompletedProcess[str]:
    """What the settings and the install cell do in an empty folder."""
    form = f"REPOSITORY, VERSION = {str(repository)!r}, {version!r}"
    text = "\n".join([source("settings"), form, source("install"), "print(install_seconds)"])
    return subprocess.run(
        [sys.executable, "-c", text], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_version_that_was_asked_for_is_installed(tmp_path):
    fork = tmp_path / "fork"
    (fork / "requirements").mkdir(parents=True)
    (fork / "requirements" / "colab.txt").write_text("msgspec\n")
    (fork / "requirements" / "colab-gpu.txt").write_text("msgspec\n")
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-qb", "trial"], ["add", "."], [*author, "commit", "-qm", "Fork"]):
        subprocess.run(["git", *words], cwd=fork, check=True)

    done = installed(tmp_path, fork.as_uri(), "trial")

    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[-1]) > 0
    assert (tmp_path / "certbench" / "requirements" / "colab.txt").is_file()


def test_a_repository_that_cannot_be_had_is_one_line_with_the_next_step(tmp_path):
    done = installed(tmp_path, (tmp_path / "nowhere").as_uri(), "main")

    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "correct REPOSITORY and VERSION in the form above" in done.stderr
    assert not (tmp_path / "certbench").exists()


def test_badge_repository_and_metadata_name_the_same_place():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [form] = re.findall(r'^REPOSITORY = "(.+?)"', source("settings"), re.MULTILINE)
    written = [(ROOT / page).read_text() for page in ("README.md", "docs/colab.md")]
    path = "blob/main/notebooks/colab.ipynb"

    assert form == project["urls"]["Repository"] == SOURCE
    for page in (source("title"), *written):
        badges = re.findall(r"badge\.svg\)\]\((\S+)\)", page)
        place = form.removeprefix("https://github.com/")
        assert badges == [f"https://colab.research.google.com/github/{place}/{path}"]


def test_a_script_goes_in_place_of_the_tasks(notebook_of_a_script):
    """On a machine that is Colab, by its path there."""
    [record] = Store(notebook_of_a_script / "results").load_all()

    assert (record.status, record.task.name, record.task.source) == ("ok", "loop", "script")
    assert (len(record.epochs), record.task.epochs_wanted) == (2, 6)
