"""The same task and seed from a container, natively, from the notebook and from Colab's client.

The commands are those that a user types; Google is the stand-in.
"""

import json
import os
import sys

import pytest

from bench.evidence.store import Store
from standin import StandIn
from tools import certbench

TASK = "sunspots"

pytestmark = [pytest.mark.docker, pytest.mark.native]


@pytest.fixture(scope="module")
def results(engine, notebook, tmp_path_factory):
    """A results folder with a run of each way."""
    folder = tmp_path_factory.mktemp("everywhere")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STANDIN_PYTHON", sys.executable)
        google = StandIn(folder / "google", patch)
        patch.setenv("PATH", f"{google.program.parent}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("CERTBENCH_DATA", str(folder / "data"))
        for environment in ("cpu", "native", "colab-cpu"):
            done = run(environment, folder / "results")
            assert done.returncode == 0, done.stderr
        assert google.alive() == []
    [archive] = notebook.glob("native-*.zip")
    done = certbench("import", "--results", folder / "results", archive)
    assert done.returncode == 0, done.stderr
    return folder / "results"


def run(environment, results):
    return certbench(
        "run",
        "--env",
        environment,
        "--task",
        TASK,
        "--epochs",
        2,
        "--repeats",
        1,
        "--results",
        results,
    )


def test_data_and_fingerprint_are_equal(results):
    found = [r for r in Store(results).load_all() if r.task.name == TASK]

    assert {r.environment.engine for r in found} == {"docker", "native", "colab"}
    assert len({r.campaign.id for r in found}) == 4
    assert {(r.status, r.seed) for r in found} == {("ok", 1)}
    assert len({r.task.data_digest for r in found}) == 1
    assert len({r.task.fingerprint for r in found}) == 1


@pytest.fixture(scope="module")
def noted(results, notebook_on_colab, tmp_path_factory):
    """The container's records beside those that the notebook made where it was told it is Colab."""
    folder = tmp_path_factory.mktemp("noted")
    [archive] = notebook_on_colab.glob("colab-cpu-*.zip")
    certbench("export", folder / "cpu.zip", "--env", "cpu", "--results", results)
    done = certbench("import", folder / "cpu.zip", archive, "--results", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_notebooks_data_and_fingerprint_are_those_of_the_container(noted):
    ours, theirs = Store(noted).load_all()

    assert {ours.environment.engine, theirs.environment.engine} == {"docker", "native"}
    assert ours.task == theirs.task


def compared(results, other) -> None:
    """The container on one side, `other` on the other, and nothing that keeps them apart."""
    done = certbench("compare", "cpu", other, "--results", results, "--format", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    sides = [report[side]["environment"] for side in ("a", "b")]
    assert sides == [report[side]["label"] for side in ("a", "b")] == ["cpu", other]
    [task] = [task for task in report["tasks"] if task["task"] == TASK]
    assert (task["comparable"], task["why"]) == (True, None)


@pytest.mark.parametrize("other", ["native", "colab-cpu"])
def test_compare_sets_them_side_by_side(results, other):
    compared(results, other)


def test_compare_sets_the_notebook_beside_the_container(noted):
    compared(noted, "colab-cpu")
