"""A real engine, the real image, and task files that behave badly on purpose."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.campaign.engines.docker.derived import PACKAGES_LABEL
from bench.campaign.engines.docker.engine import DockerEngine
from bench.campaign.environments import environment
from bench.campaign.setup import open_environment
from bench.errors import EngineError
from tools import OWN_TASK, containers

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "colab.ipynb"
NEEDED = ("tensorflow", "nbclient", "ipykernel", "matplotlib")
RUN = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""


@pytest.fixture(scope="session")
def engine() -> DockerEngine:
    """The engine of this machine, with the CPU image built from this source."""
    try:
        found = DockerEngine()
    except EngineError as error:
        pytest.skip(f"no engine: {error}")
    open_environment(environment("cpu"), ("line",), 60.0, print)
    return found


@pytest.fixture
def no_leftovers(engine: DockerEngine) -> Iterator[None]:
    """The test leaves no container of ours behind."""
    yield
    assert containers(engine) == []


@pytest.fixture
def derived(engine):
    """The images with packages that are there; those that a test makes are removed again."""

    def tags() -> set[str]:
        found = engine.client.images.list(filters={"label": PACKAGES_LABEL})
        return {tag for image in found for tag in image.tags}

    before = tags()
    yield tags
    for tag in tags() - before:
        engine.client.images.remove(tag, force=True)


@pytest.fixture
def own_task(tmp_path: Path):
    """Writes a user's own task file whose top holds the lines given."""

    def write(name: str, top: str = "") -> Path:
        path = tmp_path / f"{name}.py"
        path.write_text(OWN_TASK.replace("{top}", top))
        return path

    return write


def missing() -> list[str]:
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


@pytest.fixture(scope="session")
def notebook(tmp_path_factory) -> Path:
    """A folder in which the notebook was run: `done.ipynb`, its results and its zip."""
    return run_notebook(tmp_path_factory.mktemp("notebook"), NOTEBOOK.read_text(), "line sunspots")


@pytest.fixture(scope="session")
def notebook_on_colab(tmp_path_factory) -> Path:
    """The same where Colab says that it is Colab, and its form was filled in."""
    filled = NOTEBOOK.read_text().replace('PLAN = \\"not said\\"', 'PLAN = \\"Pro\\"')
    folder = tmp_path_factory.mktemp("notebook-on-colab")
    return run_notebook(folder, filled, "sunspots", COLAB_RELEASE_TAG="release-test")


@pytest.fixture
def notebook_of_a_script(tmp_path) -> Path:
    """The same with a script by its path in the form."""
    path = ROOT / "tests" / "scripts" / "loop.py"
    filled = NOTEBOOK.read_text().replace('SCRIPT = \\"\\"', f'SCRIPT = \\"{path}\\"')
    return run_notebook(tmp_path, filled, "line", COLAB_RELEASE_TAG="release-test")


def run_notebook(folder: Path, text: str, tasks: str, **environ: str) -> Path:
    """Run a notebook with a small campaign; the folder that holds what came of it."""
    if missing():
        pytest.skip(f"not installed here: {', '.join(missing())}")
    (folder / "given.ipynb").write_text(text)
    settings = {
        "CERTBENCH_SOURCE": str(ROOT),
        "CERTBENCH_TASKS": tasks,
        "CERTBENCH_ROUNDS": "1",
        "CERTBENCH_EPOCHS": "2",
        "CERTBENCH_DATA": str(folder / "data"),
        "CERTBENCH_RESULTS": str(folder / "results"),
        "CERTBENCH_OUT": str(folder),
        "CERTBENCH_LOCK": str(
            folder / "lock"
        ),  # a lock of its own: other campaigns are not its business
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(folder / "given.ipynb"), str(folder / "done.ipynb")],
        env=os.environ | settings | environ,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder
