"""The link to one machine: a process that answers orders, here or at the end of OpenSSH's `ssh`."""

import os
import shlex
import subprocess
import sys
import tempfile
from types import TracebackType
from typing import Self

import msgspec

from bench.errors import FleetError
from bench.fleet.machines import Entry
from bench.fleet.order import Answer, Order

SSH = "CERTBENCH_SSH"  # the program with its options, as a user of several configurations has it
SERVE = (
    "from bench.fleet.agent import serve; import sys; serve(sys.stdin.buffer, sys.stdout.buffer)"
)
QUIET = ("-T", "-o", "BatchMode=yes", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4")


def command(entry: Entry) -> list[str]:
    """What answers the orders for this entry."""
    if entry.ssh is None:
        return [sys.executable, "-c", SERVE]
    ssh = shlex.split(os.environ.get(SSH, "ssh"))
    return [*ssh, *QUIET, "--", entry.ssh, f"exec {shlex.quote(entry.certbench)} fleet serve"]


class Link:
    """An open link; use as a context manager. What was started over it outlives it."""

    def __init__(self, name: str, entry: Entry) -> None:
        """Open it; whether anybody answers is seen at the first order."""
        self.name = name
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  closed with the link
        try:
            self._process = subprocess.Popen(  # noqa: S603  our program, or the user's ssh
                command(entry),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                start_new_session=True,  # Ctrl-C is the command's to handle
            )
        except OSError as error:
            raise FleetError(f"{name}: no ssh here ({error.strerror}): install OpenSSH") from error

    def ask(self, order: Order) -> Answer:
        """The answer to one order. Raises FleetError with the next step."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(msgspec.json.encode(order) + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
            found = msgspec.json.decode(line, type=Answer)
        except (OSError, msgspec.MsgspecError) as error:
            raise FleetError(f"{self.name}: {self._why()}") from error
        if found.error:
            raise FleetError(f"{self.name}: {found.error}")
        return found

    def _why(self) -> str:
        """The last line that was said on the way, as data of a stranger."""
        self._said.seek(0)
        lines = self._said.read()[-4000:].decode(errors="replace").splitlines()
        last = next((" ".join(line.split()) for line in reversed(lines) if line.strip()), "")
        said = "".join(c for c in last if c.isprintable())[:200]
        return f"no answer ({said or 'the link ended'}): `certbench fleet check`, then --resume"

    def __enter__(self) -> Self:
        """Nothing but itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the link and leave what runs there alone."""
        self._process.kill()
        self._process.communicate()
        self._said.close()
