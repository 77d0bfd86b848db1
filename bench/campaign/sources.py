"""The project's own files: where they lie, which go into an image, and the digest of those.

The same in a clone and in a wheel. It knows no engine.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from bench.campaign.environments import Environment
from bench.errors import ImageError

ROOT = Path(__file__).resolve().parents[2]
WORKER_USER = 10001  # in a container, so that no other process of the machine is taken for one
IN_IMAGE = (
    "requirements/worker*.txt",
    "bench/__init__.py",
    "bench/contract/*.py",
    "bench/worker/*.py",
    "tasks/*.py",
    "tasks/*.csv",
)


def source_digest(environment: Environment) -> str:
    """SHA-256 over everything that goes into the environment's image."""
    total = hashlib.sha256()
    for path in sources(environment):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(ROOT).as_posix()}\0{content}\n".encode())
    return total.hexdigest()


def sources(environment: Environment) -> list[Path]:
    """The files that go into the image, of a clone or of a wheel: the same ones.

    Raises ImageError where the recipe is missing.
    """
    recipe = ROOT / str(environment.dockerfile)
    if not recipe.is_file():
        raise ImageError(f"{recipe} is missing: install certbench again")
    return sorted({recipe, *tree(IN_IMAGE)})


def tree(patterns: Iterable[str]) -> list[Path]:
    """The project's own files that fit; a dot file is litter."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(path for path in found if not path.name.startswith("."))
