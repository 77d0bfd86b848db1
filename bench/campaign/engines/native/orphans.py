"""Workers of containers that train here although no campaign of this machine runs.

An engine that was killed leaves its containers running, and until it is back nothing but the list
of processes tells of them. A native run beside one would be measured on half a machine.
"""

import os
from collections.abc import Iterable

import psutil

from bench.campaign.sources import WORKER_USER
from bench.errors import BusyError

MODULE = ["-m", "bench.worker"]


def refuse_orphans() -> None:
    """Raise BusyError where a container's worker still trains; the caller holds the lock."""
    if not hasattr(os, "getuid"):
        return  # elsewhere than on Unix containers run in a machine of their own
    if numbers := sorted(_orphans(psutil.process_iter(["cmdline", "uids", "status"]))):
        which = ", ".join(map(str, numbers))
        raise BusyError(
            f"a container of an earlier campaign still trains here (process {which}), its engine "
            "may be gone: wait until it has ended, `certbench clean` where the engine answers, or "
            f"`sudo kill -9 {which.replace(',', '')}`"
        )


def _orphans(processes: Iterable[psutil.Process]) -> set[int]:
    return {one.pid for one in processes if _is_worker(one.info)}


def _is_worker(info: dict[str, object]) -> bool:
    """By its user and command line; one that has ended and was not waited for trains no more."""
    command, users = info["cmdline"], info["uids"]
    if not (isinstance(command, list) and isinstance(users, tuple)):
        return False  # it ended meanwhile, or the system keeps it to itself
    is_module = any(command[at : at + 2] == MODULE for at in range(len(command)))
    return is_module and users[0] == WORKER_USER and info["status"] != psutil.STATUS_ZOMBIE
