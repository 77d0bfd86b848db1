"""The machine's and the cgroup's counters, read at the edges of phases and never in between.

Inside a container /proc/stat and /proc/loadavg are the whole machine's: that is what makes a noisy
neighbour visible. What cannot be read is None.
"""

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bench.contract.facts import Edge, Reading
from bench.worker import cgroup, gpu

PROC = Path("/proc")
SYS = Path("/sys")
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Reader:
    """Reads all counters; `started` is the `perf_counter` from which the run counts."""

    def __init__(self, *, started: float, gpu: bool) -> None:
        """Remember the start and whether the GPU's counters are to be read."""
        self._started = started
        self._gpu = gpu

    def read(self, edge: Edge) -> Reading:
        """One reading."""
        busy, steal = _host_seconds()
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
            gpu_peak_bytes=gpu.allocated_peak() if self._gpu else None,
            power_profile=_line(SYS / "firmware/acpi/platform_profile"),
        )

    def disk_read_bytes(self) -> int | None:
        """Bytes this process had fetched from storage; the page cache serves the others."""
        with suppress(OSError):
            for line in (PROC / "self/io").read_text().splitlines():
                if line.startswith("read_bytes:"):
                    return int(line.split()[1])
        return None


def _host_seconds() -> tuple[float | None, float | None]:
    """(busy, stolen) processor seconds of the whole machine since boot."""
    try:
        first = (PROC / "stat").read_text().splitlines()[0].split()
    except (OSError, IndexError):
        return None, None
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, first[1:9])
    return (user + nice + system + irq + softirq) / _TICKS, steal / _TICKS


def _own_cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


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


def _frequency() -> float | None:
    """Mean of the processors' present frequencies, in MHz."""
    files = (SYS / "devices/system/cpu").glob("cpu[0-9]*/cpufreq/scaling_cur_freq")
    return _mean(value / 1000 for value in _numbers(files))


def _temperature() -> float | None:
    """The hottest thermal zone, in degrees Celsius."""
    values = list(_numbers((SYS / "class/thermal").glob("thermal_zone*/temp")))
    return max(values) / 1000 if values else None


def _on_battery() -> bool | None:
    """Whether a battery is being drained; None where the machine has no power supply to read."""
    states = [_line(path) for path in (SYS / "class/power_supply").glob("BAT*/status")]
    return "Discharging" in states if states else None


def _rapl() -> float | None:
    """Joules of all processor packages since boot; mostly root's to read."""
    files = (SYS / "class/powercap").glob("intel-rapl:[0-9]*/energy_uj")
    values = list(_numbers(path for path in files if path.parent.name.count(":") == 1))
    return sum(values) / 1e6 if values else None


def _numbers(paths: Iterable[Path]) -> Iterable[float]:
    for path in paths:
        text = _line(path)
        if text and text.lstrip("-").isdigit():
            yield float(text)


def _line(path: Path) -> str | None:
    with suppress(OSError):
        return path.read_text().strip()
    return None


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None
