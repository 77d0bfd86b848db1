"""Installs a user's list of packages beside those that are here, of which the pinned stay.

`python -m bench.worker.packages FOLDER LIST PINNED`: in an image, in this interpreter or on a
rented machine, the same. What is installed lies in a virtual environment of its own, `FOLDER`, from
which the worker takes it for a user's file alone: our own tasks never see it, nor does an import of
Keras, which looks for pandas, take longer for them.
"""

import os
import re
import site
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.contract.order import PACKAGES

NAME = re.compile(r"^([A-Za-z0-9][\w.-]*)==", re.MULTILINE)
WHEELS = {"tensorflow": "tensorflow-cpu"}  # one package under two names


def use_packages() -> None:
    """Let what was installed for users be found, before what came with the interpreter."""
    for folder in reversed(_folders()):
        before = list(sys.path)
        site.addsitedir(_site_packages(folder))
        new = [path for path in sys.path if path not in before]
        at = next((n for n, path in enumerate(before) if path.endswith("-packages")), len(before))
        sys.path[:] = [*before[:at], *new, *before[at:]]


def _folders() -> list[Path]:
    return [Path(name) for name in os.environ.get(PACKAGES, "").split(os.pathsep) if name]


def _site_packages(folder: Path) -> str:
    bases = {"base": str(folder), "platbase": str(folder)}
    return sysconfig.get_path("purelib", "venv", bases)


def install(folder: Path, wanted: Path, pinned: Path) -> int:
    """Install the list; pip's exit code. `pinned` names the packages that stay as they are."""
    venv.create(folder, with_pip=False, clear=True, symlinks=os.name != "nt")
    packages = Path(_site_packages(folder))
    here = [*site.getsitepackages(), *map(_site_packages, _folders())]
    (packages / "certbench.pth").write_text("".join(f"{path}\n" for path in here))
    held = dict(_held(pinned))
    for name, wheel in WHEELS.items():
        if wheel in held and name not in held:
            held[name] = held[wheel]
            _pretend(packages, name, held[name])
    constraints = folder / "held.txt"
    constraints.write_text("".join(f"{name}=={pin}\n" for name, pin in held.items()))
    program = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    words = ["--python", str(program), "install", "--no-input", "--disable-pip-version-check"]
    words += ["-c", str(constraints), "-r", str(wanted)]
    return subprocess.run([sys.executable, "-m", "pip", *words], check=False).returncode  # noqa: S603


def _held(pinned: Path) -> Iterator[tuple[str, str]]:
    """Of the packages of a pinned list those that are here, with the versions that are here."""
    for name in NAME.findall(pinned.read_text(encoding="utf-8")):
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _pretend(packages: Path, name: str, pin: str) -> None:
    """Say that a package is here which is here under another name: else pip fetches it again."""
    told = packages / f"{name}-{pin}.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {pin}\n")
    (told / "INSTALLER").write_text("certbench\n")
    (told / "RECORD").write_text("")


if __name__ == "__main__":
    sys.exit(install(*map(Path, sys.argv[1:4])))
