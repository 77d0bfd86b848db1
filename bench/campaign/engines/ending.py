"""Ends a process and all that it started, at once."""

import os
import signal
import subprocess
from contextlib import suppress

import psutil


def end(process: subprocess.Popen[bytes]) -> None:
    """End the worker and everything it started; what has ended is left as it is.

    The group is stopped first, all at once, so that nothing in it can start anything any more; then
    those are found that have left it.
    """
    if not hasattr(os, "killpg"):
        process.kill()
        process.wait()
        return
    _signal_group(process.pid, signal.SIGSTOP)
    below = _below(process.pid)
    _signal_group(process.pid, signal.SIGKILL)
    for one in below:
        with suppress(psutil.Error):
            one.kill()
    process.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _below(number: int) -> list[psutil.Process]:
    """What a process has started and that still lives."""
    with suppress(psutil.Error):
        return psutil.Process(number).children(recursive=True)
    return []
