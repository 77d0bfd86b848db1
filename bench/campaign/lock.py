"""One campaign at a time on a machine: a second one would be the first one's noise.

A lock on a file, which the system releases when its process dies, however it died.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from bench.errors import BusyError

CLOCK_SECONDS = 2.0  # a start is known to a second or so
LOCK = Path("/tmp/certbench.lock")  # noqa: S108  TMPDIR differs from user to user, this does not


def lock_path() -> Path:
    """The same for all users of the machine; `CERTBENCH_LOCK` is for tests."""
    return Path(os.environ.get("CERTBENCH_LOCK") or LOCK)


@contextmanager
def machine_lock(path: Path | None = None) -> Iterator[None]:
    """Hold the machine. Raises BusyError, naming the process that holds it."""
    if sys.platform == "win32":  # no such locks there; two campaigns at once are the user's care
        yield
        return
    path = path or lock_path()
    handle = _open(path)
    try:
        _take(handle, path)
        _sign(path, f"{os.getpid()}\n")
        try:
            yield
        finally:
            _sign(path, "")
    finally:
        os.close(handle)


def _take(handle: int, path: Path) -> None:
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise BusyError(
            f"another campaign runs on this machine, process {_holder(path)}: wait for it or "
            "stop it; two at once would measure each other"
        ) from error


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return os.open(path, os.O_RDONLY | os.O_CREAT, 0o666)


def _sign(path: Path, text: str) -> None:
    """Write this process's number, or nothing; another user's file cannot be signed."""
    with suppress(PermissionError):
        path.write_text(text)


def _holder(path: Path) -> str:
    """The number in the file where that process can have written it: it may be an older one's."""
    text, signed = path.read_text().strip(), path.stat().st_mtime
    try:
        wrote = psutil.Process(int(text)).create_time() <= signed + CLOCK_SECONDS
    except (ValueError, psutil.Error):
        wrote = False
    return text if wrote else "of another user"
