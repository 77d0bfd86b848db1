"""The machine's and the cgroup's counters, read at the edges of phases and never in between.

Inside a container /proc/stat and /proc/loadavg are the whole machine's: that is what makes a noisy
neighbour visible. What cannot be read is None.
"""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bench.contract import system
from bench.contract.facts import Edge, Reading
from bench.contract.power import power_profile
from bench.worker import cgroup, gpu, processors

PROC = Path("/proc")
SYS = Path("/sys")
Peak = Callable[[], int | None]
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Reader:
    """Reads all counters; `started` is the `perf_counter` from which the run counts."""

    def __init__(self, *, started: float, gpu: bool, allocated_peak: Peak = lambda: None) -> None:
        """Remember the start, whether a GPU's counters are to be read, and its allocator's."""
        self._started = started
        self._gpu = gpu
        self._allocated_peak = allocated_peak

    def read(self, edge: Edge) -> Reading:
        """One reading. After a failure the backend is asked nothing more: its GPU may be gone."""
        usable = processors.usable()
        busy, steal = host_seconds(PROC / "stat")
        periods, seconds = cgroup.throttled()
        return Reading(
            edge=edge,
            at_seconds=time.perf_counter() - self._started,
            wall_unix_seconds=time.time(),
            suspended_seconds=_suspended(),
            load_average=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
            busy_seconds=busy,
            steal_seconds=steal,
            own_cpu_seconds=_own_cpu_seconds(),
            throttled_periods=periods,
            throttled_seconds=seconds,
            processors=os.cpu_count() or 1,
            memory_limit_bytes=cgroup.memory_limit(),
            memory_peak_bytes=cgroup.memory_peak(),
            process_peak_bytes=_process_peak(),
            disk_read_bytes=self.disk_read_bytes(),
            frequency_mhz=_frequency(),
            temperature_celsius=_temperature(),
            on_battery=_on_battery(),
            rapl_joules=_rapl(),
            gpus=gpu.read() if self._gpu else (),
            gpu_peak_bytes=self._allocated_peak() if edge != "failure" else None,
            power_profile=power_profile(),
            cpuset=_allowed(),
            usable_processors=len(usable),
            usable_busy_seconds=busy_seconds(PROC / "stat", usable),
            processor_quota=cgroup.processor_quota(),
            major_faults=_major_faults(),
        )

    def disk_read_bytes(self) -> int | None:
        """Bytes this process had fetched from storage; the page cache serves the others."""
        lines = (system.text(PROC / "self/io") or "").splitlines()
        words = (line.partition("read_bytes:")[2].strip() for line in lines)
        return next((int(word) for word in words if word.isdecimal()), None)


def host_seconds(stat: Path) -> tuple[float | None, float | None]:
    """(busy, stolen) processor seconds of the whole machine since boot."""
    return _stat_lines(stat).get("cpu", (None, None))


def busy_seconds(stat: Path, numbers: Iterable[int]) -> float | None:
    """Busy seconds of these processors together: neighbours elsewhere do not disturb the run."""
    lines = _stat_lines(stat)
    each = [lines[f"cpu{number}"][0] for number in numbers if f"cpu{number}" in lines]
    return sum(each) if each else None


def _stat_lines(stat: Path) -> dict[str, tuple[float, float]]:
    """(busy, stolen) seconds by the name of the line: `cpu` is all, `cpu0` the first."""
    found = {}
    for line in (system.text(stat) or "").splitlines():
        name, _, ticks = line.partition(" ")
        counts = [int(tick) for tick in ticks.split()[:8] if tick.isdecimal()]
        if name.startswith("cpu") and len(counts) == 8:
            user, nice, kernel, _idle, _iowait, irq, softirq, steal = counts
            found[name] = (user + nice + kernel + irq + softirq) / _TICKS, steal / _TICKS
    return found


def _own_cpu_seconds() -> float:
    """All that the run has used. In a container the worker is the first process, the group its own.

    Elsewhere the group holds others too, and a child that still lives is not in the process's sum.
    """
    group = cgroup.cpu_seconds() if os.getpid() == 1 else None
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    return own if group is None else group


def _allowed() -> str | None:
    """The processors this process may run on, as Linux writes them."""
    lines = (system.text(PROC / "self/status") or "").splitlines()
    words = (line.partition("Cpus_allowed_list:")[2].strip() for line in lines)
    return next(filter(None, words), None)


def _suspended() -> float | None:
    """Seconds the machine slept since boot: CLOCK_BOOTTIME runs on, CLOCK_MONOTONIC does not."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return None
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


def _process_peak() -> int | None:
    try:
        import resource
    except ImportError:
        return None
    kilo = 1 if os.uname().sysname == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilo


def _major_faults() -> int | None:
    """Pages that this process had to fetch from storage: memory that was short, or never there."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_majflt


def _frequency() -> float | None:
    """Mean of the processors' present frequencies, in MHz."""
    files = system.found(SYS / "devices/system/cpu", "cpu[0-9]*/cpufreq/scaling_cur_freq")
    return _mean(value / 1000 for value in _numbers(files))


def _temperature() -> float | None:
    """The hottest thermal zone, in degrees Celsius."""
    values = list(_numbers(system.found(SYS / "class/thermal", "thermal_zone*/temp")))
    return max(values) / 1000 if values else None


def _on_battery() -> bool | None:
    """Whether a battery is being drained; None where the machine has no power supply to read."""
    said = (system.text(path) for path in system.found(SYS / "class/power_supply", "BAT*/status"))
    states = [state for state in said if state is not None]
    return "Discharging" in states if states else None


def _rapl() -> float | None:
    """Joules of all processor packages since boot; mostly root's to read."""
    files = system.found(SYS / "class/powercap", "intel-rapl:[0-9]*/energy_uj")
    values = list(_numbers(path for path in files if path.parent.name.count(":") == 1))
    return sum(values) / 1e6 if values else None


def _numbers(paths: Iterable[Path]) -> Iterable[float]:
    return (float(value) for value in map(system.number, paths) if value is not None)


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None
