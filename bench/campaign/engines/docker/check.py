"""What would stop or spoil a run: the engine, GPU by each way of asking, image, disk."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.campaign.checks import Check, Level, disk, tried
from bench.campaign.engines.docker.gpu import WAYS, explain_gpu, refusal
from bench.campaign.environments import Environment
from bench.campaign.machine import asked_driver
from bench.errors import ImageError

if TYPE_CHECKING:
    from bench.campaign.engines.docker.engine import DockerEngine

# built size and what the build needs beside it
IMAGE_BYTES, GPU_IMAGE_BYTES = 3e9, 12e9


def check(engine: "DockerEngine", entry: Environment) -> list[Check]:
    """The lines about an engine that answers."""
    version = engine.client.version().get("Version")
    checks = [Check(name="engine", level="ok", text=f"Docker {version} answers")]
    if entry.on_gpu:
        checks += _gpu(engine.client)
    built = tried("image", lambda: engine.image(entry).short_id, (ImageError,), level="warn")
    root = Path(engine.client.info().get("DockerRootDir", "/"))
    image_bytes = GPU_IMAGE_BYTES if entry.on_gpu else IMAGE_BYTES
    needed = 0 if built.level == "ok" else image_bytes
    return [*checks, built, *([disk(root, needed, "images")] if root.exists() else [])]


def _gpu(client: object) -> list[Check]:
    """One line for each way of asking; they fail where none of them is accepted."""
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
