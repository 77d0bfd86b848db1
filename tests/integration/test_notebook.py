"""The notebook is run whole on this machine, with a small campaign, and its zip is imported."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.evidence.store import Store
from bench.evidence.transfer import import_records

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "colab.ipynb"
NEEDED = ("tensorflow", "nbclient", "ipykernel", "matplotlib")
RUN = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""

pytestmark = pytest.mark.native


def missing() -> list[str]:
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


@pytest.fixture(scope="module")
def executed(tmp_path_factory) -> Path:
    """A folder in which the notebook was run: `done.ipynb`, its results and its zip."""
    if missing():
        pytest.skip(f"not installed here: {', '.join(missing())}")
    folder = tmp_path_factory.mktemp("notebook")
    settings = {
        "CERTBENCH_SOURCE": str(ROOT),
        "CERTBENCH_TASKS": "line sunspots",
        "CERTBENCH_ROUNDS": "1",
        "CERTBENCH_EPOCHS": "1",
        "CERTBENCH_DATA": str(folder / "data"),
        "CERTBENCH_RESULTS": str(folder / "results"),
        "CERTBENCH_OUT": str(folder),
        "TMPDIR": str(folder),  # a lock of its own: other campaigns are not its business
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(NOTEBOOK), str(folder / "done.ipynb")],
        env=os.environ | settings,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def test_its_zip_is_imported_and_holds_what_was_run(executed, tmp_path):
    [archive] = executed.glob("native-*.zip")
    store = Store(tmp_path)

    done = import_records([archive], store)

    records = store.load_all()
    assert len(done.added) == len(records) == 2
    assert {record.task.name for record in records} == {"line", "sunspots"}
    assert {(record.status, len(record.epochs)) for record in records} == {("ok", 1)}
    assert {record.environment.name for record in records} == {"native"}


def test_progress_and_a_chart_are_shown(executed):
    cells = json.loads((executed / "done.ipynb").read_text())["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]

    said = "".join("".join(output.get("text", "")) for output in outputs)
    assert "[2/2] round 1" in said
    assert "native: " in said
    assert any("image/png" in output.get("data", {}) for output in outputs)


def test_the_notebook_is_kept_without_outputs():
    cells = json.loads(NOTEBOOK.read_text())["cells"]

    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
