"""Images with a user's packages: one for each base image and list, built once and kept.

`certbench clean` removes them: they carry their base's label.
"""

import hashlib
from typing import Any

import docker.errors

from bench.campaign.engines import Ready, Say
from bench.campaign.engines.docker.image import (
    BuildError,
    Recipe,
    build_lines,
    packed,
    without_broken_credentials,
)
from bench.campaign.packages import Packages, conflict
from bench.campaign.sources import WORKER_USER

PACKAGES_LABEL = "org.certbench.packages"
RECIPE = f"""FROM {{base}}
USER 0:0
COPY packages.txt /opt/certbench/packages.txt
RUN PIP_NO_CACHE_DIR=1 python -m bench.worker.packages \\
    /opt/certbench/user /opt/certbench/packages.txt
ENV CERTBENCH_PACKAGES=/opt/certbench/user:/opt/certbench/packages
USER {WORKER_USER}:{WORKER_USER}
"""


def derived_image(client: Any, ready: Ready, packages: Packages, say: Say) -> Any:
    """The environment's image with the packages in it. Raises ImageError that names both sides."""
    base = str(ready.environment.image)
    known = "\n".join((str(ready.facts.image_digest), packages.digest, RECIPE))
    digest = hashlib.sha256(known.encode()).hexdigest()
    tag = f"{base}-{digest[:12]}"
    try:
        return client.images.get(tag)
    except docker.errors.ImageNotFound:
        say(f"building {tag} with {packages.name}, once; `certbench clean` removes it")
    without_broken_credentials(client, say)
    files = {"Dockerfile": RECIPE.format(base=base), "packages.txt": packages.text}
    recipe = Recipe(
        context=packed({name: text.encode() for name, text in files.items()}),
        dockerfile="Dockerfile",
        tag=tag,
        labels={PACKAGES_LABEL: digest},
    )
    said: list[str] = []
    try:
        said.extend(build_lines(client, recipe))  # keeps what was said before it failed
    except BuildError as error:
        raise conflict(packages, said) from error
    return client.images.get(tag)
