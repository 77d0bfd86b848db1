"""Installs a user's list of packages beside those that are here, of which the frameworks stay.

`python -m bench.worker.packages FOLDER LIST`: in an image, in this interpreter or on a rented
machine, the same. What is installed lies in a virtual environment of its own, `FOLDER`, from
which the worker takes it for a user's file alone: our own tasks never see it, nor does an import of
Keras, which looks for pandas, take longer for them.
"""

import os
import site
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from bench.contract.packages import FOLDERS, held

NAME, WHEEL = "tensorflow", "tensorflow-cpu"  # one package under two names


def use_packages() -> None:
    """Let what was installed for users be found, before what came with the interpreter."""
    for folder in reversed(_folders()):
        before = list(sys.path)
        site.addsitedir(_site_packages(folder))
        new = [path for path in sys.path if path not in before]
        at = next((n for n, path in enumerate(before) if path.endswith("-packages")), len(before))
        sys.path[:] = [*before[:at], *new, *before[at:]]


def _folders() -> list[Path]:
    return [Path(name) for name in os.environ.get(FOLDERS, "").split(os.pathsep) if name]


def _site_packages(folder: Path) -> str:
    bases = {"base": str(folder), "platbase": str(folder)}
    return sysconfig.get_path("purelib", "venv", bases)


def install(folder: Path, wanted: Path) -> int:
    """Install the list; pip's exit code."""
    venv.create(folder, with_pip=False, clear=True, symlinks=os.name != "nt")
    packages = Path(_site_packages(folder))
    here = [*site.getsitepackages(), *map(_site_packages, _folders())]
    (packages / "certbench.pth").write_text("".join(f"{path}\n" for path in here))
    kept = held()
    if WHEEL in kept and NAME not in kept:
        kept[NAME] = kept[WHEEL]
        _pretend(packages, NAME, kept[NAME])
    constraints = folder / "held.txt"
    constraints.write_text("".join(f"{name}=={pin}\n" for name, pin in kept.items()))
    program = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    words = ["--python", str(program), "install", "--no-input", "--disable-pip-version-check"]
    # what is held is asked for too, so that the list suits what it rests on
    words += ["-c", str(constraints), "-r", str(wanted), *kept]
    return subprocess.run([sys.executable, "-m", "pip", *words], check=False).returncode  # noqa: S603


def _pretend(packages: Path, name: str, pin: str) -> None:
    """Say that a package is here which is here under another name: else pip fetches it again."""
    told = packages / f"{name}-{pin}.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {pin}\n")
    (told / "INSTALLER").write_text("certbench\n")
    (told / "RECORD").write_text("")


if __name__ == "__main__":
    sys.exit(install(*map(Path, sys.argv[1:3])))
