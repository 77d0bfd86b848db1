"""Looks at a machine before the hour is spent: what would stop a campaign, what would spoil it."""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from bench.campaign.environments import Environment
from bench.campaign.topology import cpuset
from bench.errors import CertbenchError, EngineError, ImageError

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


def fast(results: Path) -> list[Check]:
    """What `run` looks at by itself; takes milliseconds."""
    return [load(), *power(), *governor(), disk(results, RECORDS_BYTES, "records")]


def examine(entry: Environment, results: Path) -> list[Check]:
    """Everything about one environment."""
    special = {"native": native, "colab": colab}.get(entry.engine, docker)
    return [*special(entry), memory(entry), processors(entry), *fast(results)]


def docker(entry: Environment) -> list[Check]:
    """Engine, GPU by each way of asking, image, disk for the image."""
    from bench.campaign.engines.docker import DockerEngine

    try:
        engine = DockerEngine()
    except EngineError as error:
        return [Check(name="engine", level="fail", text=str(error))]
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
    worst: Level = "warn" if None in refusals.values() else "fail"
    return [
        Check(name=f"gpu by {name}", level="ok", text="the engine accepts the request")
        if said is None
        else Check(name=f"gpu by {name}", level=worst, text=said, advice=explain_gpu(said) or "")
        for name, said in refusals.items()
    ]


def native(entry: Environment) -> list[Check]:
    """Interpreter and TensorFlow, and whether it sees the GPU that was asked for."""
    from bench.campaign.engines.native import NativeEngine

    engine = NativeEngine()
    found = f"Python and TensorFlow are here{', and it sees a GPU' if entry.gpu else ''}"
    return [_tried("interpreter", lambda: engine.ready(entry, 1.0) and found)]


def colab(entry: Environment) -> list[Check]:
    """Google's client, the sign-in, and what the account has."""
    from bench.campaign.engines.client import Client

    try:
        usage = Client().usage()
    except CertbenchError as error:
        return [Check(name="client", level="fail", text=str(error))]
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
        return Check(name=name, level=level, text=str(error))


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
    busy = psutil.getloadavg()[0] / (os.cpu_count() or 1)
    text = f"{busy:.0%} of the processors were busy in the last minute"
    if busy <= BUSY_SHARE:
        return Check(name="load", level="ok", text=text)
    advice = "close what is running: disturbed repeats are marked as suspect"
    return Check(name="load", level="warn", text=text, advice=advice)


def power(folder: Path = SYS / "class/power_supply") -> list[Check]:
    """Battery and mains; nothing where there is no battery."""
    states = [path.read_text().strip() for path in folder.glob("BAT*/status")]
    if not states:
        return []
    if "Discharging" not in states:
        return [Check(name="power", level="ok", text="on mains")]
    advice = "plug it in: on battery the processor is held back"
    return [Check(name="power", level="warn", text="on battery", advice=advice)]


def governor(folder: Path = SYS / "devices/system/cpu") -> list[Check]:
    """The frequency governor; nothing where the system does not show one."""
    names = {path.read_text().strip() for path in folder.glob("cpu[0-9]*/cpufreq/scaling_governor")}
    if not names:
        return []
    text = ", ".join(sorted(names))
    if "powersave" not in names:
        return [Check(name="governor", level="ok", text=text)]
    advice = "`sudo cpupower frequency-set -g performance` keeps the clock steady"
    return [Check(name="governor", level="warn", text=text, advice=advice)]


def disk(folder: Path, needed: float, what: str) -> Check:
    """Free space where records or images will lie."""
    place = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:.1f} GB free for {what}, {needed / 1e9:.2g} GB needed"
    if free >= needed:
        return Check(name=f"disk for {what}", level="ok", text=text)
    return Check(name=f"disk for {what}", level="fail", text=text, advice="free some space")


def worst(checks: Iterable[Check]) -> Level:
    """The level of the worst check."""
    levels = {check.level for check in checks}
    return "fail" if "fail" in levels else "warn" if "warn" in levels else "ok"
