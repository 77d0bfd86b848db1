"""The engines by name, the only place that knows which there are; imported when asked for."""

import importlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.campaign.engines import Engine, Freed, Say
from bench.campaign.environments import Environment
from bench.evidence.record import EngineName, Session


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


def engine_here(sessions: Mapping[str, Session]) -> Engine:
    """The engine of this very interpreter; `sessions` is what a rented machine took, by task."""
    from bench.campaign.engines.native.engine import NativeEngine

    return NativeEngine(sessions)


def clean_all() -> Freed:
    """Remove what every engine keeps for us. Raises EngineError where one does not answer."""
    freed = [engine_class(name).clean() for name in ENGINES]
    return Freed(
        containers=sum(one.containers for one in freed),
        images=tuple(image for one in freed for image in one.images),
        image_bytes=sum(one.image_bytes for one in freed),
    )


def reclaim_rented(say: Say) -> None:
    """Give back what any killed campaign of this machine still rents, from every engine that rents.

    An engine whose program is not here cannot have rented anything from here.
    """
    reclaim(
        [name for name, entry in ENGINES.items() if entry.rents and shutil.which(entry.rents)], say
    )


def reclaim(names: Iterable[EngineName], say: Say) -> None:
    """Give back what killed campaigns rented from these engines; a refusal is only said."""
    for name in names:
        engine_class(name).reclaim(say)
