"""This process's control group, version 1 or 2: limits, throttling and peak memory.

A file that cannot be read gives None: an absent counter is absent, never zero.
"""

from contextlib import suppress
from pathlib import Path

from bench.contract import system

MOUNT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
_NO_LIMIT = 1 << 60  # version 1 writes "no limit" as a number near 2**63


def version(mount: Path = MOUNT) -> int | None:
    """1, 2, or None where there are no control groups."""
    with suppress(OSError):
        if (mount / "cgroup.controllers").exists():
            return 2
        return 1 if (mount / "memory").is_dir() else None
    return None


def processor_quota(mount: Path = MOUNT, own: Path = OWN) -> float | None:
    """Processors' worth of time allowed, or None for no quota."""
    if version(mount) == 2:
        quota, _, period = (system.text(_file("", "cpu.max", mount, own)) or "max").partition(" ")
        words = quota.isdecimal() and period.isdecimal() and int(period) > 0
        return int(quota) / int(period) if words else None
    allowed = system.number(_file("cpu", "cpu.cfs_quota_us", mount, own))
    period_us = system.number(_file("cpu", "cpu.cfs_period_us", mount, own))
    return allowed / period_us if allowed and period_us and allowed > 0 else None


def throttled(mount: Path = MOUNT, own: Path = OWN) -> tuple[int | None, float | None]:
    """(periods, seconds) that the group was throttled so far."""
    stat = _cpu_stat(mount, own)
    seconds = stat["throttled_usec"] / 1e6 if "throttled_usec" in stat else None
    if "throttled_time" in stat:
        seconds = stat["throttled_time"] / 1e9
    return stat.get("nr_throttled"), seconds


def cpu_seconds(mount: Path = MOUNT, own: Path = OWN) -> float | None:
    """Processor seconds that all of the group's processes have used, living children too."""
    if version(mount) == 2:
        used = _cpu_stat(mount, own).get("usage_usec")
        return None if used is None else used / 1e6
    nanoseconds = system.number(_file("cpuacct", "cpuacct.usage", mount, own))
    return None if nanoseconds is None else nanoseconds / 1e9


def _cpu_stat(mount: Path, own: Path) -> dict[str, int]:
    text = system.text(_file("" if version(mount) == 2 else "cpu", "cpu.stat", mount, own))
    pairs = (line.split() for line in (text or "").splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdecimal()}


def memory_limit(mount: Path = MOUNT, own: Path = OWN) -> int | None:
    """Bytes allowed, or None for no limit."""
    name = "memory.max" if version(mount) == 2 else "memory.limit_in_bytes"
    limit = system.number(_file("" if version(mount) == 2 else "memory", name, mount, own))
    return limit if limit is not None and limit < _NO_LIMIT else None


def memory_peak(mount: Path = MOUNT, own: Path = OWN) -> int | None:
    """The most bytes this group has held so far."""
    name = "memory.peak" if version(mount) == 2 else "memory.max_usage_in_bytes"
    return system.number(_file("" if version(mount) == 2 else "memory", name, mount, own))


def _file(controller: str, name: str, mount: Path, own: Path) -> Path:
    """The file in this process's group; inside a container the group is the mount's root."""
    base = mount / controller
    inner = base / _group(controller, own).lstrip("/") / name
    return inner if system.text(inner) is not None else base / name


def _group(controller: str, own: Path) -> str:
    for line in (system.text(own) or "").splitlines():
        _, _, named = line.partition(":")
        controllers, _, path = named.partition(":")
        if controller in controllers.split(","):
            return path
    return "/"
