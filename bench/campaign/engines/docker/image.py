"""Building images, each labelled with the digest of the sources it was built from."""

import io
import os
import tarfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import docker.errors
from docker.auth import AuthConfig
from docker.credentials.errors import StoreError

from bench.campaign import sources
from bench.campaign.engines import Say
from bench.campaign.environments import Environment
from bench.errors import ImageError
from bench.evidence.strangers import brief

IMAGE_LABEL = "org.certbench.source"
NETWORK = "CERTBENCH_BUILD_NETWORK"


def context(environment: Environment) -> IO[bytes]:
    """What the engine is sent to build from, as a tar: the files of the digest and no other.

    Their times, owners and permissions are left out, which differ from one copy to the next.
    """
    return packed(
        {
            path.relative_to(sources.ROOT).as_posix(): path.read_bytes()
            for path in sources.sources(environment)
        }
    )


def packed(files: Mapping[str, bytes]) -> IO[bytes]:
    """A tar of these files and nothing else of them than their bytes."""
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
    tarred.seek(0)
    return tarred


def build_image(client: Any, environment: Environment, say: Say) -> None:
    """Build the environment's image, handing on each line. Raises ImageError with the last ones."""
    without_broken_credentials(client, say)
    recipe = Recipe(
        context=context(environment),
        dockerfile=str(environment.dockerfile),
        tag=str(environment.image),
        labels={IMAGE_LABEL: sources.source_digest(environment)},
    )
    try:
        for line in build_lines(client, recipe):
            say(line)
    except BuildError as error:
        raise ImageError(_failure(environment, str(error))) from error


def without_broken_credentials(client: Any, say: Say) -> None:
    """Leave out credentials whose helper is not here: what is built from is public.

    The docker library asks every helper of the user's configuration before it builds anything.
    """
    try:
        with quiet_helpers():
            client.api._set_auth_headers({})  # noqa: SLF001  what a build does first
    except (docker.errors.DockerException, StoreError, OSError, ValueError) as error:
        say(f"building without the credentials of your Docker configuration: {brief(error)}")
        client.api._auth_configs = _NoCredentials({})  # noqa: SLF001


@contextmanager
def quiet_helpers() -> Iterator[None]:
    """Without the library's own warning of a helper that is not here: ours follows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class _NoCredentials(AuthConfig):  # type: ignore[misc]
    """A configuration that is not read again because it is empty."""

    is_empty = False

    def get_all_credentials(self) -> dict[str, Any]:
        """None at all."""
        return {}


class BuildError(Exception):
    """What the engine said when a build failed; whoever asked for it knows what to do."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What an image is built from, and what it is called."""

    context: IO[bytes]
    dockerfile: str
    tag: str
    labels: dict[str, str]


def build_lines(client: Any, recipe: Recipe) -> Iterator[str]:
    """Build, and yield what is said. Raises BuildError with the engine's last word."""
    chunks = client.api.build(
        fileobj=recipe.context,
        custom_context=True,
        dockerfile=recipe.dockerfile,
        tag=recipe.tag,
        labels=recipe.labels,
        network_mode=os.environ.get(NETWORK),
        rm=True,
        forcerm=True,
        decode=True,
    )
    for chunk in chunks:
        if "error" in chunk:
            raise BuildError(chunk["error"])
        text = chunk.get("stream") or chunk.get("status") or ""
        yield from (line for line in text.splitlines() if line.strip())


def _failure(environment: Environment, said: str) -> str:
    last = " ".join(said.split())[-400:]
    return (
        f"{environment.image} cannot be built: {last}. Check the network (behind some of them "
        f"{NETWORK}=host helps), or use --env native"
    )
