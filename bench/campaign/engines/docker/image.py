"""Building images, and knowing by a digest of the sources whether one is still the right one."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.campaign.engines import Say
from bench.campaign.environments import Environment
from bench.errors import ImageError

ROOT = Path(__file__).resolve().parents[4]
IMAGE_LABEL = "org.certbench.source"
IN_IMAGE = (
    "requirements/worker*.txt",
    "bench/__init__.py",
    "bench/contract/*.py",
    "bench/worker/*.py",
    "tasks/*",
)
NETWORK = "CERTBENCH_BUILD_NETWORK"


def source_digest(environment: Environment) -> str:
    """SHA-256 over everything that goes into the environment's image."""
    total = hashlib.sha256()
    for path in sources(environment):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(ROOT).as_posix()}\0{content}\n".encode())
    return total.hexdigest()


def sources(environment: Environment) -> list[Path]:
    """The files that go into the image. Raises ImageError outside a clone of the project."""
    recipe = ROOT / str(environment.dockerfile)
    if not recipe.is_file():
        raise ImageError(f"{recipe} is missing: images are built from a clone of the project")
    found = [path for pattern in IN_IMAGE for path in ROOT.glob(pattern) if path.is_file()]
    return sorted({recipe, *found})


def build_image(client: Any, environment: Environment, say: Say) -> None:
    """Build the environment's image, handing on each line. Raises ImageError with the last ones."""
    for line in _build_lines(client, environment):
        say(line)


def _build_lines(client: Any, environment: Environment) -> Iterator[str]:
    chunks = client.api.build(
        path=str(ROOT),
        dockerfile=environment.dockerfile,
        tag=environment.image,
        labels={IMAGE_LABEL: source_digest(environment)},
        network_mode=os.environ.get(NETWORK),
        rm=True,
        forcerm=True,
        decode=True,
    )
    for chunk in chunks:
        if "error" in chunk:
            raise ImageError(_failure(environment, chunk["error"]))
        text = chunk.get("stream") or chunk.get("status") or ""
        yield from (line for line in text.splitlines() if line.strip())


def _failure(environment: Environment, said: str) -> str:
    last = " ".join(said.split())[-400:]
    return (
        f"{environment.image} cannot be built: {last}. Check the network (behind some of them "
        f"{NETWORK}=host helps), or use --env native"
    )
