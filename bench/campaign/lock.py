"""One campaign at a time on a machine: a second one would be the first one's noise.

A lock on a file, which the system releases when its process dies, however it died.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.errors import BusyError


def lock_path() -> Path:
    """The same for all users of the machine."""
    return Path(tempfile.gettempdir()) / "certbench.lock"


@contextmanager
def machine_lock(path: Path | None = None) -> Iterator[None]:
    """Hold the machine. Raises BusyError, naming the process that holds it."""
    if sys.platform == "win32":  # no such locks there; two campaigns at once are the user's care
        yield
        return
    import fcntl

    path = path or lock_path()
    handle = _open(path)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError(
                f"another campaign runs on this machine, process {_holder(path)}: wait for it or "
                "stop it; two at once would measure each other"
            ) from error
        _sign(path)
        yield
    finally:
        os.close(handle)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return os.open(path, os.O_RDONLY | os.O_CREAT, 0o666)


def _sign(path: Path) -> None:
    """Write this process's number; another user's file stays unsigned and says so."""
    try:
        path.write_text(f"{os.getpid()}\n")
    except PermissionError:
        return


def _holder(path: Path) -> str:
    return path.read_text().strip() or "of another user"
