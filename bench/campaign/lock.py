"""One campaign at a time on a machine: a second one would be the first one's noise.

A lock on a file, which the system releases when its process dies, however it died.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from bench.errors import BusyError, StoreError

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
        _sign(handle, f"{os.getpid()}\n")
        try:
            yield
        finally:
            _sign(handle, "")
    finally:
        os.close(handle)


def _take(handle: int, path: Path) -> None:
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise _unusable(path, error) from error
        raise BusyError(
            f"another campaign runs on this machine, process {_holder(path)}: wait for it or "
            "stop it; two at once would measure each other"
        ) from error


def _open(path: Path) -> int:
    """The file, open to all users whoever made it and with whatever umask.

    Raises BusyError where another user's file cannot be opened: he may be measuring now.
    """
    try:
        handle = _opened(path)
    except PermissionError as error:
        if not os.path.lexists(path):
            raise _unusable(path, error) from error
        raise BusyError(
            f"the lock {path} belongs to another user, who may be measuring now, and is closed to "
            f"others: have him start certbench once more, or `sudo chmod 666 {path}`"
        ) from error
    except OSError as error:
        raise _unusable(path, error) from error
    with suppress(OSError):  # another user's
        os.fchmod(handle, 0o666)
    return handle


def _opened(path: Path) -> int:
    """For writing where that is allowed; else for reading, which is enough for a lock."""
    try:
        return os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except (PermissionError, IsADirectoryError):
        return os.open(path, os.O_RDONLY)


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the lock {path} cannot be used: {error.strerror}; name another file with CERTBENCH_LOCK"
    )


def _sign(handle: int, text: str) -> None:
    """Write this process's number, or nothing; a file that cannot be signed still is a lock."""
    with suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, text.encode(), 0)


def _holder(path: Path) -> str:
    """The number in the file where that process can have written it: it may be an older one's."""
    try:
        text, signed = path.read_text(errors="replace").strip(), path.stat().st_mtime
        wrote = psutil.Process(int(text)).create_time() <= signed + CLOCK_SECONDS
    except (OSError, ValueError, OverflowError, psutil.Error):
        return "of another user"
    return text if wrote else "of another user"
