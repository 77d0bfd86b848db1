"""Asking an engine for a GPU, in each way there is, before anything large is built."""

from dataclasses import dataclass
from typing import Any

import docker.errors
from docker.types import DeviceRequest

from bench.errors import GpuError

PROBE_IMAGE = "certbench:probe"
EMPTY_ARCHIVE = b"\0" * 10240


@dataclass(frozen=True, kw_only=True)
class GpuWay:
    """A way of asking: its name for the record, and the request's fields."""

    name: str
    request: dict[str, Any]


WAYS = (
    GpuWay(name="nvidia", request={"count": -1, "capabilities": [["gpu"]]}),
    GpuWay(name="cdi", request={"driver": "cdi", "device_ids": ["nvidia.com/gpu=all"]}),
)

# What the engine says, and what to do about it; the first that fits counts.
ADVICE = {
    'could not select device driver "cdi"': "the engine knows no CDI devices: "
    "`sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml`",
    "could not select device driver": "the engine has no GPU driver. With an NVIDIA GPU: install "
    "the NVIDIA container toolkit, `sudo nvidia-ctk runtime configure`, restart the engine. "
    "Without one, or on a Mac, where no container reaches the GPU: `make bench-cpu`",
    "unsatisfied condition: cuda": "the image's CUDA is newer than the driver: install a newer "
    "NVIDIA driver",
    "Failed to initialize NVML": "the GPU was taken away from the engine: set no-cgroups = false "
    "in /etc/nvidia-container-runtime/config.toml and restart the engine",
    "nvidia-container-cli": "the NVIDIA container toolkit failed: run `nvidia-smi`, then install "
    "driver and toolkit again",
    "CDI device": "the engine knows no such CDI device: "
    "`sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml`",
}


def working_way(client: Any) -> GpuWay:
    """The first way of asking that the engine accepts. Raises GpuError with the advice.

    A container of an empty image is enough: where the engine accepts the request, the start fails
    later, at the program that is not there.
    """
    refusals = [(way, refusal(client, way)) for way in WAYS]
    for way, text in refusals:
        if text is None:
            return way
    first = refusals[0][1] or ""
    advice = explain_gpu(first) or first
    raise GpuError(f"no usable GPU: {advice}")


def refusal(client: Any, way: GpuWay) -> str | None:
    """What the engine says against this way of asking; None where it accepts."""
    client.api.import_image_from_data(
        EMPTY_ARCHIVE, repository=PROBE_IMAGE.partition(":")[0], tag="probe"
    )
    container = None
    try:
        container = client.containers.create(
            PROBE_IMAGE,
            ["/nothing"],
            device_requests=[DeviceRequest(**way.request)],
            network_mode="none",
        )
        container.start()
    except docker.errors.APIError as error:
        text = str(error.explanation or error)
        return None if "/nothing" in text else text
    finally:
        if container is not None:
            container.remove(force=True, v=True)
        client.images.remove(PROBE_IMAGE, force=True)
    return None


def explain_gpu(text: str) -> str | None:
    """The advice for an engine's message about GPUs; None where the message is about none."""
    return next((advice for part, advice in ADVICE.items() if part in text), None)
