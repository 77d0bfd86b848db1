"""A user's packages for native runs: a virtual environment for each list, made once and kept."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs

from bench.campaign.engines import Say
from bench.campaign.packages import Packages, conflict
from bench.campaign.sources import ROOT
from bench.contract.packages import held

DONE = "done"


def home() -> Path:
    """Where they lie."""
    return Path(platformdirs.user_cache_dir("certbench")) / "packages"


def installed(packages: Packages, say: Say) -> Path:
    """The folder with the packages in it. Raises ImageError that names both sides of a conflict."""
    known = "\n".join((sys.executable, sys.version, packages.digest, repr(held())))
    folder = home() / hashlib.sha256(known.encode()).hexdigest()[:16]
    if (folder / DONE).exists():
        return folder
    say(f"{packages.name}: installing its packages beside this interpreter's, in {folder}")
    home().mkdir(parents=True, exist_ok=True)
    wanted = home() / f"{folder.name}.txt"
    wanted.write_text(packages.text, encoding="utf-8")
    words = [sys.executable, "-m", "bench.worker.packages", str(folder), str(wanted)]
    done = subprocess.run(  # noqa: S603  our own interpreter and module
        words,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise conflict(packages, done.stdout.splitlines())
    (folder / DONE).touch()
    return folder
