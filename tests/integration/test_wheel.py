"""The wheel, installed elsewhere and used in an empty folder, where there is no clone."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from bench.campaign.environments import ENVIRONMENTS
from bench.campaign.sources import ROOT, source_digest
from bench.evidence.store import Store

BUILT_FROM = (
    "bench",
    "tasks",
    "certbench",
    "requirements",
    "Dockerfile*",
    "setup.py",
    "pyproject.toml",
    "MANIFEST.in",
    "README.md",
    "LICENSE",
)
DIGESTS = """
import json, sys, certbench
sys.path.insert(0, str(certbench.source()))
from bench.campaign.environments import ENVIRONMENTS
from bench.campaign.sources import source_digest
print(json.dumps({e.name: source_digest(e) for e in ENVIRONMENTS if e.dockerfile}))
"""


def call(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program as if there were no clone."""
    environ = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, words)),
        cwd=cwd,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The programs of an environment that has the wheel, and what it needs from this one."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "copy"
    copy.mkdir()
    for path in (path for pattern in BUILT_FROM for path in ROOT.glob(pattern)):
        litter = shutil.ignore_patterns("__pycache__")
        (
            shutil.copytree(path, copy / path.name, ignore=litter)
            if path.is_dir()
            else shutil.copy(path, copy)
        )
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    call(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, copy, cwd=folder)
    shutil.rmtree(copy)
    call(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    [wheel] = folder.glob("*.whl")
    python = folder / "venv/bin/python"
    call(*pip, "--python", python, "install", "--no-deps", wheel, cwd=folder)
    packages = next((folder / "venv").glob("lib/python*/site-packages"))
    (packages / "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


def test_it_takes_one_name_in_site_packages(installed):
    packages = next(installed.parent.glob("lib/python*/site-packages"))
    mine = {path.name for path in packages.iterdir()} - {"beside.pth", "__pycache__"}

    assert {name.split("-")[0] for name in mine} == {"certbench"}


def test_wheel_and_clone_have_the_same_source(installed, tmp_path):
    """Else they would overwrite each other's image."""
    told = json.loads(call(installed / "python", "-c", DIGESTS, cwd=tmp_path).stdout)

    assert told == {e.name: source_digest(e) for e in ENVIRONMENTS if e.dockerfile}
    assert len(set(told.values())) > 1


def test_everything_that_the_program_reads_is_in_the_wheel(installed):
    packages = next(installed.parent.glob("lib/python*/site-packages"))
    files = {
        path.relative_to(ROOT)
        for pattern in ("Dockerfile*", "requirements/*", "bench/**/*", "tasks/*")
        for path in ROOT.glob(pattern)
        if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(".")
    }

    assert {f for f in files if not (packages / "certbench/source" / f).is_file()} == set()


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param("native", marks=pytest.mark.native),
        pytest.param("cpu", marks=pytest.mark.docker),
    ],
)
def test_it_trains_in_an_empty_folder(environment, installed, tmp_path, request):
    if environment == "cpu":
        request.getfixturevalue("engine")
    words = ("run", "--env", environment, "--task", "line", "--epochs", 2, "--repeats", 1)

    call(installed / "certbench", *words, cwd=tmp_path)

    [record] = Store(tmp_path / "results").load_all()
    assert (record.status, record.environment.name) == ("ok", environment)
    shown = call(installed / "certbench", "show", "--format", "json", cwd=tmp_path)
    assert record.task.name in shown.stdout
