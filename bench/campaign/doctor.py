"""Looks at a machine before the hour is spent: what would stop a campaign, what would spoil it."""

import os
from collections.abc import Iterable
from pathlib import Path

import psutil

from bench.campaign.checks import Check, Level, disk, tried, unreadable
from bench.campaign.engines.registry import engine_class
from bench.campaign.environments import Environment
from bench.campaign.topology import cpuset
from bench.contract import system
from bench.contract.power import power_profile
from bench.errors import EngineError
from bench.evidence.trust import saves_power
from bench.evidence.words import counted

RECORDS_BYTES = 50e6
BUSY_SHARE = 0.25
SYS = Path("/sys")


def fast(results: Path, entries: Iterable[Environment] = ()) -> list[Check]:
    """What `run` looks at by itself; takes milliseconds."""
    here = [memory(entry) for entry in entries if not entry.rented]
    return [*here, load(), power(), profile(), governor(), disk(results, RECORDS_BYTES, "records")]


def examine(entry: Environment, results: Path) -> list[Check]:
    """Everything about one environment."""
    return [*engine_class(entry.engine).check(entry), processors(entry), *fast(results, [entry])]


def obstacle(entry: Environment) -> str | None:
    """What would stop a run in this environment, with what to do; None where it works here."""
    checks = [*engine_class(entry.engine).check(entry), processors(entry)]
    failed = next((check for check in checks if check.level == "fail"), None)
    return None if failed is None else f"{failed.text}; {failed.advice}".rstrip("; ")


def memory(entry: Environment) -> Check:
    """The environment's limit against what the machine has."""
    total = psutil.virtual_memory().total
    text = f"{total / 2**30:.1f} GiB, {psutil.virtual_memory().available / 2**30:.1f} GiB free"
    if entry.memory_bytes is None or entry.memory_bytes <= total:
        return Check(name="memory", level="ok", text=text)
    return Check(
        name="memory",
        level="warn",
        text=f"{text}; the environment stands for {entry.memory_bytes / 2**30:.1f} GiB",
        advice="a run that needs more than the machine has will be killed",
    )


def processors(entry: Environment) -> Check:
    """Whether the environment's processors are to be had."""
    if entry.processors is None:
        return Check(name="processors", level="ok", text=counted(os.cpu_count() or 1, "processor"))
    wanted = entry.processors
    return tried("processors", lambda: f"{wanted}: processors {cpuset(wanted)}", (EngineError,))


def load() -> Check:
    """Whether the machine is at rest."""
    busy = min(1.0, psutil.getloadavg()[0] / (os.cpu_count() or 1))
    text = f"{busy:.0%} of the processors were busy in the last minute"
    if busy <= BUSY_SHARE:
        return Check(name="load", level="ok", text=text)
    advice = "close what is running: disturbed repeats are marked as suspect"
    return Check(name="load", level="warn", text=text, advice=advice)


def power(folder: Path = SYS / "class/power_supply") -> Check:
    """Battery or mains."""
    said = (system.text(path) for path in system.found(folder, "BAT*/status"))
    states = [state for state in said if state]
    if not states:
        return unreadable("power")
    if "Discharging" not in states:
        return Check(name="power", level="ok", text="on mains")
    advice = "plug it in: on battery the processor is held back"
    return Check(name="power", level="warn", text="on battery", advice=advice)


def profile(folder: Path = SYS) -> Check:
    """The firmware's power profile: one that saves power marks every repeat."""
    name = power_profile(folder)
    if name is None:
        return unreadable("power profile")
    if not saves_power(name):
        return Check(name="power profile", level="ok", text=name)
    advice = "`powerprofilesctl set performance`, or choose it in the system's settings"
    return Check(name="power profile", level="warn", text=name, advice=advice)


def governor(folder: Path = SYS / "devices/system/cpu") -> Check:
    """The frequency governor. Under some drivers `powersave` is the one that follows the load."""
    names = _words(folder, "scaling_governor")
    if not names:
        return unreadable("governor")
    text = ", ".join(sorted(names))
    follows = _words(folder, "scaling_driver") <= FOLLOWING
    if "powersave" not in names or follows:
        return Check(name="governor", level="ok", text=text)
    advice = "`sudo cpupower frequency-set -g performance` keeps the clock steady"
    return Check(name="governor", level="warn", text=text, advice=advice)


FOLLOWING = {"intel_pstate", "amd-pstate-epp"}


def _words(folder: Path, name: str) -> set[str]:
    said = map(system.text, system.found(folder, f"cpu[0-9]*/cpufreq/{name}"))
    return {text for text in said if text}


def worst(checks: Iterable[Check]) -> Level:
    """The level of the worst check."""
    levels = {check.level for check in checks}
    return "fail" if "fail" in levels else "warn" if "warn" in levels else "ok"
