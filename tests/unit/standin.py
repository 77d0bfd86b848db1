"""The stand-in for Google's client, set up in a folder of the test's own."""

import json
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.campaign.engines.colab import session
from bench.campaign.engines.colab.engine import ColabEngine

PROGRAM = Path(__file__).parents[1] / "standin" / "colab"


class StandIn:
    """Google, as far as these tests know it."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch) -> None:
        self.home = home
        self._patch = patch
        self.program = home / "bin" / "colab"
        self.program.parent.mkdir(parents=True)
        self.program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{PROGRAM}" "$@"\n')
        self.program.chmod(0o755)
        patch.setenv("STANDIN_HOME", str(home))
        patch.setenv("STANDIN_FAIL", "")
        patch.setattr(session, "PAUSE_SECONDS", 0.01)

    def engine(self) -> ColabEngine:
        return ColabEngine(str(self.program))

    def fails(self, *ways: str, balance: float = 100.0) -> None:
        self._patch.setenv("STANDIN_FAIL", ",".join(ways))
        self._patch.setenv("STANDIN_BALANCE", str(balance))

    def alive(self) -> list[str]:
        """The sessions that live, by their names."""
        return [path.name for path in (self.home / "sessions").glob("*")]

    def calls(self, command: str) -> list[list[str]]:
        """The arguments of each call of a command."""
        lines = (self.home / "calls.jsonl").read_text().splitlines()
        return [rest for first, *rest in map(json.loads, lines) if first == command]


def bundle_of(worker: str):
    """Writes a bundle whose worker is the program given and whose tasks need no data."""

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as bundle:
            bundle.writestr("bench/worker/__main__.py", worker)
            bundle.writestr("tasks/__main__.py", "")

    return write


APT_GET = """#!/bin/sh
echo "$*" >> "{calls}"
{end}
"""


def apt_get(
    folder: Path, patch: pytest.MonkeyPatch, *, fails: bool = False
) -> Callable[[], list[str]]:
    """Puts an `apt-get` before the real one that installs nothing; what it was called with."""
    calls, program = folder / "apt-calls", folder / "apt" / "apt-get"
    end = "echo 'E: Unable to locate package' >&2; exit 100" if fails else ""
    program.parent.mkdir()
    program.write_text(APT_GET.format(calls=calls, end=end))
    program.chmod(0o755)
    patch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return lambda: calls.read_text().splitlines() if calls.exists() else []
