"""The notebook is run whole on this machine, with a small campaign, and its zip is imported."""

import json
from pathlib import Path

import pytest

from bench.evidence.store import Store
from bench.evidence.transfer import import_records

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


def test_progress_and_a_chart_are_shown(notebook):
    cells = json.loads((notebook / "done.ipynb").read_text())["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]

    said = "".join("".join(output.get("text", "")) for output in outputs)
    assert "[2/2] round 1" in said
    assert "native: " in said
    assert any("image/png" in output.get("data", {}) for output in outputs)


def test_the_notebook_is_kept_without_outputs():
    cells = json.loads(NOTEBOOK.read_text())["cells"]

    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
