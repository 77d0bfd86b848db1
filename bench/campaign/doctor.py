"""Looks at a machine before the hour is spent: what would stop a campaign, what would spoil it."""

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from bench.campaign.environments import Environment
from bench.campaign.machine import asked_driver
from bench.campaign.topology import cpuset
from bench.contract import system
from bench.contract.power import power_profile
from bench.errors import CertbenchError, EngineError, ImageError
from bench.evidence.trust import saves_power

Level = Literal["ok", "warn", "fail"]
IMAGE_BYTES = {False: 3e9, True: 12e9}  # built size and what the build needs beside it
RECORDS_BYTES = 50e6
BUSY_SHARE = 0.25
SYS = Path("/sys")


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line: what was looked at, how it stands, and what to do where it is not well."""

    name: str
    level: Level
    text: str
    advice: str = ""


def fast(results: Path, entries: Iterable[Environment] = ()) -> list[Check]:
    """What `run` looks at by itself; takes milliseconds."""
    here = [memory(entry) for entry in entries if entry.engine != "colab"]
    return [*here, load(), power(), profile(), governor(), disk(results, RECORDS_BYTES, "records")]


def examine(entry: Environment, results: Path) -> list[Check]:
    """Everything about one environment."""
    special = {"native": native, "colab": colab}.get(entry.engine, docker)
    return [*special(entry), processors(entry), *fast(results, [entry])]


def docker(entry: Environment) -> list[Check]:
    """Engine, GPU by each way of asking, image, disk for the image."""
    from bench.campaign.engines.docker import DockerEngine

    try:
        engine = DockerEngine()
    except EngineError as error:
        return [refused("engine", error)]
    version = engine.client.version().get("Version")
    checks = [Check(name="engine", level="ok", text=f"Docker {version} answers")]
    if entry.gpu:
        checks += _gpu(engine.client)
    built = _tried("image", lambda: engine.image(entry).short_id, (ImageError,), level="warn")
    root = Path(engine.client.info().get("DockerRootDir", "/"))
    needed = 0 if built.level == "ok" else IMAGE_BYTES[entry.gpu]
    return [*checks, built, *([disk(root, needed, "images")] if root.exists() else [])]


def _gpu(client: object) -> list[Check]:
    """One line for each way of asking; they fail where none of them is accepted."""
    from bench.campaign.engines.gpu import WAYS, explain_gpu, refusal

    refusals = {way.name: refusal(client, way) for way in WAYS}
    level: Level = "warn" if None in refusals.values() else "fail"
    return [
        accepted(name, *asked_driver())
        if said is None
        else Check(name=f"gpu by {name}", level=level, text=said, advice=explain_gpu(said) or "")
        for name, said in refusals.items()
    ]


def accepted(way: str, gpus: Sequence[str], said: str | None = None) -> Check:
    """The engine's word is not enough: a hook that is there accepts also where no GPU is.

    `said` is what the driver itself said where it failed.
    """
    if gpus:
        text = f"the engine accepts the request; here is {', '.join(gpus)}"
        return Check(name=f"gpu by {way}", level="ok", text=text)
    return Check(
        name=f"gpu by {way}",
        level="warn",
        text="the engine accepts the request, but this machine shows no GPU",
        advice=said or "see whether `nvidia-smi` lists one: a run that finds none is rejected",
    )


def native(entry: Environment) -> list[Check]:
    """Interpreter and TensorFlow, the GPU that was asked for, and what cannot be isolated."""
    from bench.campaign.engines.native import NativeEngine, not_isolated

    engine = NativeEngine()
    found = f"Python and TensorFlow are here{', and it sees a GPU' if entry.gpu else ''}"
    return [
        _tried("interpreter", lambda: engine.ready(entry, 1.0) and found),
        Check(name="isolation", level="warn", text=not_isolated(), advice="--env cpu isolates"),
    ]


def colab(entry: Environment) -> list[Check]:
    """Google's client, the sign-in, and what the account has."""
    from bench.campaign.engines.client import Client

    try:
        usage = Client().usage()
    except CertbenchError as error:
        return [refused("client", error)]
    asks = entry.accelerator or "no GPU"
    text = f"asks for {asks}; {usage.balance} units left, {usage.sessions} sessions live"
    if usage.sessions == 0:
        return [Check(name="client", level="ok", text=text)]
    advice = "their units are not told apart: `colab sessions`, `colab stop -s NAME`"
    return [Check(name="client", level="warn", text=text, advice=advice)]


def _tried(
    name: str,
    look: Callable[[], object],
    errors: tuple[type[CertbenchError], ...] = (CertbenchError,),
    level: Level = "fail",
) -> Check:
    try:
        return Check(name=name, level="ok", text=str(look()))
    except errors as error:
        return refused(name, error, level)


def refused(name: str, error: CertbenchError, level: Level = "fail") -> Check:
    """An error as a line: what it says before its colon, and the next step after it."""
    text, _, advice = str(error).partition(": ")
    return Check(name=name, level=level, text=text, advice=advice)


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
        return Check(name="processors", level="ok", text=f"{os.cpu_count()} processors")
    wanted = entry.processors
    return _tried("processors", lambda: f"{wanted}: processors {cpuset(wanted)}", (EngineError,))


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


def unreadable(name: str) -> Check:
    """What this system does not show, a virtual machine for one, is no fault and not left out."""
    return Check(name=name, level="ok", text="not readable here")


def disk(folder: Path, needed: float, what: str) -> Check:
    """Free space where records or images will lie."""
    place = next(p for p in (folder.absolute(), *folder.absolute().parents) if _is_there(p))
    try:
        free = shutil.disk_usage(place).free
    except OSError:
        return unreadable(f"disk for {what}")
    text = f"{free / 1e9:.1f} GB free for {what}, {needed / 1e9:.2g} GB needed"
    if free >= needed:
        return Check(name=f"disk for {what}", level="ok", text=text)
    return Check(name=f"disk for {what}", level="fail", text=text, advice="free some space")


def _is_there(path: Path) -> bool:
    """Whether it exists, as far as this user may see."""
    with suppress(OSError):
        return path.exists()
    return False


def worst(checks: Iterable[Check]) -> Level:
    """The level of the worst check."""
    levels = {check.level for check in checks}
    return "fail" if "fail" in levels else "warn" if "warn" in levels else "ok"
