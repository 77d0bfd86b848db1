"""The engines by name, the only place that knows which there are; imported when asked for."""

import importlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

from bench.campaign.engines import Engine, Say
from bench.campaign.environments import Environment
from bench.evidence.record import EngineName


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Where an engine's class stands; `rents` names the program without which it rents nothing."""

    module: str
    name: str
    rents: str | None = None


ENGINES: Mapping[EngineName, Entry] = {
    "docker": Entry(module="docker.engine", name="DockerEngine"),
    "native": Entry(module="native.engine", name="NativeEngine"),
    "colab": Entry(module="colab.engine", name="ColabEngine", rents="colab"),
}


def engine_class(name: EngineName) -> type[Engine]:
    """The class of that engine."""
    entry = ENGINES[name]
    module = importlib.import_module(f"bench.campaign.engines.{entry.module}")
    found: type[Engine] = getattr(module, entry.name)
    return found


def engine_of(entry: Environment) -> Engine:
    """The engine that starts this environment. Raises EngineError where it does not answer."""
    return engine_class(entry.engine)()


def reclaim_rented(say: Say) -> None:
    """Give back what a killed campaign of this machine still rents, or say how that is done."""
    for name, entry in ENGINES.items():
        if entry.rents:
            engine_class(name).reclaim(say)


def reclaim_if_any(say: Say) -> None:
    """The same where nothing is known to be left: an engine without its program rented nothing."""
    if any(entry.rents and shutil.which(entry.rents) for entry in ENGINES.values()):
        reclaim_rented(say)
