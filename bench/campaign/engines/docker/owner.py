"""Whose a container is: the campaign that started it, and whether that one still lives.

Two development containers may share one engine and have a lock each: neither may take the other's
containers away. A process number means something only beside its namespace, so that stands in the
label too. What another namespace owns is dead once its time limit is long over.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from bench.contract import system

OWNER, UNTIL = "org.certbench.owner", "org.certbench.until"
GRACE_SECONDS = 600.0  # to be made, started, read and removed, beside the time limit
CLOCK_SECONDS = 2.0
RUNNING = ("running", "paused", "restarting")


def labels(seconds: float) -> dict[str, str]:
    """The labels of a container of this process that may run for so long."""
    me = psutil.Process()
    return {
        OWNER: f"{place()} {me.pid} {me.create_time():.0f}",
        UNTIL: f"{time.time() + seconds + GRACE_SECONDS:.0f}",
    }


def place() -> str:
    """This boot of this kernel, and the process namespace: where a process number is unique."""
    boot = system.text(Path("/proc/sys/kernel/random/boot_id")) or "unknown"
    with suppress(OSError):
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    return boot


def is_dead(found: Mapping[str, str], status: str) -> bool:
    """Whether the campaign that a container belongs to is over, by the container's labels.

    One without an owner is an older certbench's: it is taken for dead unless it runs.
    """
    where, _, process = found.get(OWNER, "").partition(" ")
    if not where:
        return status not in RUNNING
    if where == place():
        return not _lives(process)
    until = found.get(UNTIL, "")
    return not until.isdecimal() or time.time() > int(until)


def _lives(process: str) -> bool:
    number, _, created = process.partition(" ")
    with suppress(ValueError, OverflowError, psutil.Error):
        return abs(psutil.Process(int(number)).create_time() - float(created)) <= CLOCK_SECONDS
    return False
