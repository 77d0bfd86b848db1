"""The Docker engine: closed containers, one run each. The only importer of the docker library."""

import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import docker
import docker.errors
import requests
from docker.constants import IS_WINDOWS_PLATFORM
from docker.context import ContextAPI
from docker.context.config import get_current_context_name
from docker.types import DeviceRequest, Mount
from docker.utils import parse_host
from docker.utils.config import find_config_file
from docker.utils.socket import STDERR, frames_iter
from msgspec import structs

from bench.campaign import sources
from bench.campaign.brought import Brought
from bench.campaign.checks import Check, refused
from bench.campaign.engines import Finish, Freed, Launch, OnLine, Ready, Say
from bench.campaign.engines.docker import owner
from bench.campaign.engines.docker.check import check
from bench.campaign.engines.docker.derived import derived_image
from bench.campaign.engines.docker.gpu import GpuWay, explain_gpu, working_way
from bench.campaign.engines.docker.image import (
    IMAGE_LABEL,
    build_image,
    quiet_helpers,
)
from bench.campaign.engines.lines import FirstLine, Lines, Tail, limited
from bench.campaign.environments import Environment
from bench.campaign.packages import Packages
from bench.campaign.script_options import keeping_folder
from bench.campaign.topology import choose
from bench.contract.order import encode_order
from bench.errors import CertbenchError, EngineError, GpuError, ImageError
from bench.evidence.record import Ending, EnvironmentFacts, LimitsAsked
from bench.evidence.strangers import brief

RUN_LABEL = "org.certbench.run"
OWN_TASK = "/own"
KEPT = "/own/kept"
USER = f"{sources.WORKER_USER}:{sources.WORKER_USER}"
PROCESSES = 1024
SCRATCH = {"/tmp": "rw,nosuid,nodev,noexec,size=2g,mode=1777"}  # noqa: S108  inside the container
ANSWER_SECONDS = 20  # for the first word of an engine
PATIENCE_SECONDS = 300  # a disk that is busy makes a start slow; a run itself has no such limit
HERE = ("http+docker://localhost", "http+docker://localnpipe")
LOG = logging.getLogger(__name__)
GONE = (docker.errors.DockerException, requests.exceptions.RequestException, OSError)


class DockerEngine:
    """Containers on the engine that the docker command of this shell would use."""

    data_here = False

    def __init__(self) -> None:
        """Connect. Raises EngineError where no engine answers."""
        self.client = connect()
        self._gpu_way: GpuWay | None = None

    @classmethod
    def check(cls, environment: Environment) -> list[Check]:
        """Engine, GPU by each way of asking, image, disk for the image."""
        try:
            return check(cls(), environment)
        except EngineError as error:
            return [refused("engine", error)]

    @classmethod
    def reclaim(cls, say: Say) -> None:
        """Nothing is rented; what lies about is swept."""

    def ready(self, environment: Environment, seconds: float) -> Ready:
        """Check engine, GPU and image, and work out the limits."""
        way = self.gpu_way() if environment.on_gpu else None
        image = self.image(environment)
        chosen = choose(environment.processors) if environment.processors else None
        return Ready(
            environment=environment,
            facts=EnvironmentFacts(
                name=environment.name,
                engine="docker",
                emulated=environment.emulated,
                isolated=True,
                rented=False,
                accelerator=environment.accelerator,
                image=environment.image,
                image_digest=image.id,
                engine_version=self.client.version().get("Version"),
                accelerator_request=way.name if way else None,
            ),
            limits=LimitsAsked(
                cpuset=chosen.cpuset if chosen else None,
                processor_quota=environment.processor_quota,
                memory_bytes=environment.memory_bytes,
                seconds=seconds,
                cores=chosen.kind if chosen else None,
            ),
        )

    def gpu_way(self) -> GpuWay:
        """The way of asking for a GPU that this engine accepts. Raises GpuError with advice."""
        if self._gpu_way is None:
            self._gpu_way = working_way(self.client)
        return self._gpu_way

    def image(self, environment: Environment) -> Any:
        """The environment's image. Raises ImageError where it is missing or of other source."""
        further = "" if environment.backend == "tensorflow" else f" --backend {environment.backend}"
        build = f"`certbench build --env {environment.name}{further}`"
        try:
            image = self.client.images.get(environment.image)
        except docker.errors.ImageNotFound as error:
            size = "7 GB" if environment.on_gpu else "2 GB"
            raise ImageError(
                f"{environment.image} is not built (it takes {size} of disk): {build}"
            ) from error
        if image.labels.get(IMAGE_LABEL) != sources.source_digest(environment):
            raise ImageError(f"{environment.image} was built from other source: {build}")
        return image

    def build(self, environment: Environment, say: Say) -> None:
        """Build the environment's image."""
        with explained():
            build_image(self.client, environment, say)

    def add_packages(self, ready: Ready, packages: Packages, say: Say) -> Ready:
        """An image of its own with them in it; the facts name it."""
        with explained():
            image = derived_image(self.client, ready, packages, say)
        [tag, *_] = image.tags
        return replace(ready, facts=structs.replace(ready.facts, image=tag, image_digest=image.id))

    def check_own(self, ready: Ready, paths: Sequence[Path], brings: Brought) -> None:
        """Create a container with each file and remove it unstarted: the engine may not see it."""
        for number, path in enumerate(paths):
            look = Launch(
                run_id=f"look-{os.getpid()}-{number}",
                ready=ready,
                task=path.stem,
                seed=1,
                own=path,
                brought=brings,
            )
            with explained(), self._container(look):
                pass

    def run(self, launch: Launch, on_line: OnLine) -> Finish:
        """Run a worker in a fresh, closed container and remove it, whatever happens."""
        with explained(), self._container(launch) as container:
            return _watch(container, launch, on_line)

    def sweep(self) -> int:
        """Remove the containers that killed campaigns left; those of living ones stay."""
        with explained():
            found = self.client.containers.list(all=True, filters={"label": RUN_LABEL})
            left = [one for one in found if owner.is_dead(one.labels, one.status)]
            for container in left:
                _remove(container)
        return len(left)

    @classmethod
    def clean(cls) -> Freed:
        """Remove all that carries our labels. Raises EngineError where no engine answers."""
        engine = cls()
        containers = engine.sweep()
        with explained():
            found = engine.client.images.list(filters={"label": IMAGE_LABEL})
            # what stands on another first: an engine keeps an image that another needs
            images = sorted(found, key=lambda image: -len(image.attrs["RootFS"]["Layers"]))
            for image in images:
                engine.client.images.remove(image.id, force=True)
        return Freed(
            containers=containers,
            images=tuple(sorted(tag for image in images for tag in image.tags)),
            image_bytes=sum(image.attrs["Size"] for image in images),
        )

    @classmethod
    def lacks(cls) -> None:
        """Nothing: a container is closed."""

    def close(self) -> None:
        """Nothing is kept between runs."""

    @contextmanager
    def _container(self, launch: Launch) -> Iterator[Any]:
        container = self.client.containers.create(**_settings(launch, self._gpu_way))
        try:
            yield container
        except BaseException:
            _removed(container)
            raise
        _removed(container)


def connect() -> Any:
    """A client whose engine answered and runs here. Raises EngineError with the next step."""
    try:
        _check_here(*_endpoint())
        with quiet_helpers():
            client = docker.from_env(timeout=ANSWER_SECONDS)
        if client.api.base_url not in HERE:
            raise _elsewhere("the Docker engine", client.api.base_url)
        client.ping()
        client.api.timeout = PATIENCE_SECONDS
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngineError(
            f"your Docker configuration is damaged ({brief(error)}): mend or move away "
            f"{find_config_file()}, or use --env native"
        ) from error
    except GONE as error:
        raise EngineError(
            "no Docker engine answers: start it, check `docker context ls`, or use --env native"
        ) from error
    return client


def _endpoint() -> tuple[str, str]:
    """Who names the engine, and its address, as the docker command of this shell finds it."""
    if host := os.environ.get("DOCKER_HOST"):
        return "DOCKER_HOST", host
    found = ContextAPI.kwargs_from_context(environment=os.environ)
    name = os.environ.get("DOCKER_CONTEXT") or get_current_context_name()
    if ContextAPI.get_context(name) is None:
        raise EngineError(f"there is no Docker context {brief(name)!r}: see `docker context ls`")
    return f"the Docker context {name!r}", found.get("base_url") or ""


def _check_here(named: str, host: str) -> None:
    """Raise EngineError for an address that another machine may answer at."""
    try:
        plain = parse_host(host, IS_WINDOWS_PLATFORM)
    except docker.errors.DockerException as error:
        raise EngineError(
            f"{named} is {brief(host)}, no engine's address: {brief(error)}"
        ) from error
    if host and not plain.startswith(("http+unix:", "npipe:")):
        raise _elsewhere(named, host)


def _elsewhere(named: str, host: str) -> EngineError:
    return EngineError(
        f"{named} leads to {brief(host)}: another machine, whose times would be recorded as this "
        "one's: run certbench there, or choose a local one (`docker context use default`)"
    )


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the library raises into one line with the next step."""
    try:
        yield
    except CertbenchError:
        raise
    except docker.errors.APIError as error:
        text = str(error.explanation or error)
        advice = explain_gpu(text)
        if advice:
            raise GpuError(advice) from error
        raise EngineError(f"the engine refused: {brief(text, 400)}{_hint(text)}") from error
    except requests.exceptions.Timeout as error:
        raise EngineError(
            f"the engine did not answer for {PATIENCE_SECONDS} s: see whether it is stopped or the "
            "disk is busy, then go on with --resume"
        ) from error
    except GONE as error:
        raise EngineError(
            f"the engine went away in mid-run ({type(error).__name__}): what it had started may "
            "train on without it. Start it again, then go on with --resume, which sweeps that"
        ) from error


def _hint(text: str) -> str:
    if "bind source path" in text:
        return "; the engine sees other folders than this shell: share that one in its settings"
    if "cpuset" in text.lower() or "CPUs" in text:
        return "; this environment needs two processors"
    return ""


def _settings(launch: Launch, way: GpuWay | None) -> dict[str, Any]:
    """What the container is created with: closed on every side that Docker can close."""
    limits = launch.ready.limits
    inside = f"{OWN_TASK}/{launch.own.name}" if launch.own else None
    places = launch.brings.container_places()
    kept = keeping_folder(launch.script, launch.run_id)
    order = launch.order(inside, places=places, keep=KEPT if kept else None)
    settings: dict[str, Any] = {
        "image": launch.ready.facts.image_digest,
        "command": [encode_order(order)],
        "name": f"certbench-{launch.run_id}",
        "labels": {RUN_LABEL: launch.run_id, **owner.labels(launch.ready.limits.seconds)},
        "network_mode": "bridge" if launch.script and launch.script.network else "none",
        "read_only": True,
        "tmpfs": SCRATCH,
        "user": USER,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "pids_limit": PROCESSES,
    }
    if limits.cpuset:
        settings["cpuset_cpus"] = limits.cpuset
    if limits.processor_quota:
        settings["nano_cpus"] = int(limits.processor_quota * 1e9)
    if limits.memory_bytes:
        settings["mem_limit"] = settings["memswap_limit"] = limits.memory_bytes
    if launch.own:
        # a bind that is asked for by name is an error where the engine sees no such file
        settings["mounts"] = _mounts(launch.own, launch.brings)
        settings["mounts"] += [Mount(KEPT, str(kept), type="bind")] if kept else []
    if launch.ready.environment.on_gpu and way:
        settings["device_requests"] = [DeviceRequest(**way.request)]
    return settings


def _mounts(own: Path, brings: Brought) -> list[Mount]:
    """The user's file, what it imports from beside itself, and his data: all of it read-only."""
    places = brings.container_places()
    pairs = [(f"{OWN_TASK}/{own.name}", own.resolve())]
    pairs += [(f"{OWN_TASK}/{path.name}", path.resolve()) for path in brings.siblings]
    pairs += [(places[each.inside], each.outside) for each in brings.data]
    return [Mount(there, str(here), type="bind", read_only=True) for there, here in pairs]


def _watch(container: Any, launch: Launch, on_line: OnLine) -> Finish:
    """Start the container, hand on its lines until its streams end, and read how it ended."""
    clock = FirstLine(on_line)
    out, err = Lines(clock), Tail()
    with (
        _attached(container) as pieces,
        limited(launch.ready.limits.seconds, lambda: _kill(container)) as timed_out,
    ):
        clock.begun = time.perf_counter()
        container.start()
        for stream, piece in pieces:
            (err if stream == STDERR else out).feed(piece)
        exit_code = container.wait()["StatusCode"]
    container.reload()
    return Finish(
        ending=Ending(
            exit_code=exit_code,
            oom_killed=bool(container.attrs["State"]["OOMKilled"]),
            timed_out=timed_out.is_set(),
            stderr_tail=err.lines(),
        ),
        start_seconds=clock.seconds,
    )


@contextmanager
def _attached(container: Any) -> Iterator[Iterator[tuple[int, bytes]]]:
    """Both streams, in pieces, attached before the start so that no first line is lost."""
    socket = container.attach_socket(params={"stdout": 1, "stderr": 1, "stream": 1})
    try:
        yield frames_iter(socket, tty=False)
    finally:
        socket.close()


def _remove(container: Any) -> None:
    """Remove it; where somebody else has, or is about to, there is nothing left to do."""
    try:
        container.remove(force=True, v=True)
    except docker.errors.APIError as error:
        if error.status_code not in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
            raise


def _removed(container: Any) -> None:
    """Remove it, or warn: what the run has told is worth more than a container that is left."""
    try:
        _remove(container)
    except GONE as error:
        LOG.warning(
            "warn: the container %s could not be removed (%s): the next campaign sweeps it",
            container.name,
            brief(error),
        )


def _kill(container: Any) -> None:
    """End it within seconds, a fork bomb too: no new process first, then all of them at once."""
    client = container.client.api
    try:
        url = client._url("/containers/{0}/update", container.id)  # noqa: SLF001  not in the library
        client._post_json(url, data={"PidsLimit": 1})  # noqa: SLF001
        container.kill()
    except docker.errors.APIError:
        return  # it ended by itself in the same moment
