"""Removes our containers and images from the engine. Records are never touched."""

from dataclasses import dataclass

from bench.campaign.engines.docker.engine import DockerEngine, explained
from bench.campaign.engines.docker.image import IMAGE_LABEL


@dataclass(frozen=True, kw_only=True)
class Freed:
    """What was removed. `image_bytes` counts layers that two images share twice."""

    containers: int
    images: tuple[str, ...]
    image_bytes: int


def clean() -> Freed:
    """Remove all that carries our labels. Raises EngineError where no engine answers."""
    engine = DockerEngine()
    containers = engine.sweep()
    with explained():
        images = engine.client.images.list(filters={"label": IMAGE_LABEL})
        names = tuple(sorted(tag for image in images for tag in image.tags))
        size = sum(image.attrs["Size"] for image in images)
        for image in images:
            engine.client.images.remove(image.id, force=True)
    return Freed(containers=containers, images=names, image_bytes=size)
