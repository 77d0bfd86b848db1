"""Google's own command-line client for Colab: its commands, and what its messages mean.

The program is `colab` of the package google-colab-cli (0.7.5, Apache-2.0). It prompts where it is
not signed in, and `exec` exits with 0 however the code ended: what it says is all there is.
"""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bench.campaign.engines.colab import remote
from bench.campaign.engines.lines import limited
from bench.campaign.engines.native.engine import end
from bench.contract.facts import Accelerator
from bench.errors import CertbenchError, EngineError, GpuError

SHORT_SECONDS = 120.0
NEW_SECONDS = 900.0  # the client tries again by itself, with pauses, when Google is slow
GRACE_SECONDS = 60.0  # after its own limit the machine has this long to say how the run ended
OURS = re.compile(f"({remote.EVENT}|{remote.ANSWER})(.*)")
OnEvent = Callable[[bytes], None]


class MaybeSpentError(EngineError):
    """What Google also does when the units are spent: the balance tells."""


NOT_SIGNED_IN = (
    "not signed in to Google: run `colab sessions` in a terminal, follow it, and start again"
)
LOST = "the connection to Colab was lost; the session was stopped: go on with --resume"
SILENT = (
    "Colab's client gave up waiting for the machine; the session was stopped: try again, with a "
    "longer --time-limit if the run is long"
)
OFFLINE = "Google cannot be reached: check the network, then go on with --resume"
REFUSED = (
    "Colab refused a session: too many are open, or none is free for your plan now. See "
    "`colab sessions` and `colab usage`, end one with `colab stop -s NAME`, or try later"
)
NO_SUCH_GPU = (
    "Colab gives your account no such GPU or TPU now: try later, or another of --env colab-t4, "
    "colab-l4, colab-a100, colab-tpu, colab-cpu"
)

# What the client says, and what it means; the first that fits counts.
MEANINGS: dict[str, tuple[type[CertbenchError], str]] = {
    "authorization code": (EngineError, NOT_SIGNED_IN),
    "To authorize colab-cli": (EngineError, NOT_SIGNED_IN),
    ": Unauthorized": (EngineError, NOT_SIGNED_IN),
    ": Forbidden": (EngineError, NOT_SIGNED_IN),
    "Backend rejected accelerator": (GpuError, NO_SUCH_GPU),
    "Allocation refused": (MaybeSpentError, REFUSED),
    "appears to be lost": (MaybeSpentError, LOST),
    "[colab] Session '": (MaybeSpentError, LOST),
    "Connection was lost": (MaybeSpentError, LOST),
    "Timeout waiting": (EngineError, SILENT),
    "TimeoutError": (EngineError, SILENT),
    "ConnectionError": (EngineError, OFFLINE),
    "Max retries exceeded": (EngineError, OFFLINE),
}


@dataclass(frozen=True, kw_only=True)
class Usage:
    """The account: units left, units an hour of all its sessions together, sessions that live."""

    balance: float | None = None
    units_per_hour: float | None = None
    sessions: int | None = None


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A session that lives, as the client lists it; `endpoint` is Google's own name of it."""

    name: str
    endpoint: str


class Client:
    """The `colab` program. Each call raises a CertbenchError with the next step."""

    def __init__(self, program: str | None = None) -> None:
        """`program` is its path; by default the one on the PATH."""
        found = program or shutil.which("colab")
        if found is None:
            raise EngineError(
                "Google's client `colab` is not here: `pipx install google-colab-cli` (Python "
                "3.12 or newer, Linux or macOS), or open notebooks/colab.ipynb in Colab"
            )
        self._program = found

    def version(self) -> str | None:
        """Its version as it says it."""
        return _found(r"(\d+\.\d+\S*)", self._call("version"))

    def usage(self) -> Usage:
        """What the account has and spends."""
        said = self._call("usage")
        balance = _found(r"balance: (-?[\d.]+)", said)
        rate = _found(r"rate: (-?[\d.]+)", said)
        sessions = _found(r"assignments: (\d+)", said)
        return Usage(
            balance=float(balance) if balance else None,
            units_per_hour=float(rate) if rate else None,
            sessions=int(sessions) if sessions else None,
        )

    def new(self, session: str, kind: Accelerator | None, name: str | None) -> None:
        """Make a session with an accelerator of this kind, by the name that Colab has for it."""
        asked = [f"--{kind}", name] if kind and name else []
        self._call("new", "-s", session, *asked, seconds=NEW_SECONDS)

    def upload(self, session: str, file: Path, name: str) -> None:
        """Put a file into the machine's /content."""
        self._call("upload", "-s", session, str(file), f"content/{name}", seconds=NEW_SECONDS)

    def stop(self, session: str) -> None:
        """End a session; one that has ended already is no error."""
        self._call("stop", "-s", session)

    def sessions(self) -> tuple[Listed, ...]:
        """The sessions that live; the name is `?` where the client knows or remembers none."""
        found = re.findall(r"^\[([^\]]+)\] (\S+) \|", self._call("sessions"), re.MULTILINE)
        return tuple(Listed(name=name, endpoint=endpoint) for name, endpoint in found)

    def execute(
        self, session: str, step: dict[str, Any], seconds: float, on_event: OnEvent
    ) -> dict[str, Any]:
        """Do one step of `inside` on the machine; its answer. Events are handed on as they come.

        The client gives up after 30 silent seconds unless it is told otherwise, and a first epoch
        may be silent for longer: it is told the whole of `seconds`.
        """
        allowed = seconds + GRACE_SECONDS
        command = [self._program, "exec", "-s", session, "-f", remote.__file__]
        command += ["--timeout", f"{allowed:g}", "--env", f"{remote.ORDER}={json.dumps(step)}"]
        with tempfile.TemporaryFile() as chatter, _start(command, chatter) as process:
            try:
                with limited(allowed + GRACE_SECONDS, lambda: end(process)) as late:
                    answer, said = _sorted(process, on_event)
                process.wait()
            finally:
                end(process)
            chatter.seek(0)
            said += chatter.read().decode(errors="replace")
        if answer is None and late.is_set():
            raise EngineError(SILENT)
        if answer is None:
            raise meaning(said) or MaybeSpentError(LOST + _last(said))
        return answer

    def _call(self, *arguments: str, seconds: float = SHORT_SECONDS) -> str:
        """What a command said; a command that is interrupted is let end first.

        Otherwise a session that is being made would live on without a name to stop it by.
        """
        with tempfile.TemporaryFile() as output:
            process = _start([self._program, *arguments], output, stdout=output)
            try:
                process.wait(seconds)
            except KeyboardInterrupt:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(seconds)
                raise
            except subprocess.TimeoutExpired as error:
                raise EngineError(
                    f"`colab {arguments[0]}` did not answer for {seconds:g} s: see `colab "
                    "sessions`, and end what it marks [?] at https://colab.research.google.com"
                ) from error
            finally:
                end(process)
            output.seek(0)
            said = output.read().decode(errors="replace")
        if process.returncode:
            raise meaning(said) or EngineError(f"`colab {arguments[0]}` failed{_last(said)}")
        return said


def meaning(said: str) -> CertbenchError | None:
    """What a message of the client means, as an error with advice; None where it is not known."""
    known = (kind(text) for part, (kind, text) in MEANINGS.items() if part in said)
    return next(known, None)


def _start(command: list[str], errors: IO[bytes], stdout: Any = subprocess.PIPE) -> Any:
    """Start the client, deaf to the terminal's Ctrl-C: it is this side that decides what ends."""
    try:
        return subprocess.Popen(  # noqa: S603  Google's client
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=errors,
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(f"{command[0]} cannot be started: {error.strerror}") from error


def _sorted(process: Any, on_event: OnEvent) -> tuple[dict[str, Any] | None, str]:
    """The answer, and what else the client said; each event on its way is handed on."""
    answer, chatter = None, []
    for line in process.stdout:
        text = line.decode(errors="replace")
        match = OURS.search(text)
        if match is None:
            chatter.append(text)
        elif match[1] == remote.EVENT:
            on_event(match[2].encode())
        else:
            with suppress(ValueError):  # cut off in mid-line: the same as no answer
                answer = json.loads(match[2])
    return answer, "".join(chatter[-100:])


def _found(pattern: str, text: str) -> str | None:
    match = re.search(pattern, text)
    return match[1] if match else None


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return f": {lines[-1][:300]}" if lines else ""
