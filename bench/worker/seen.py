"""What the worker finds around itself: versions, processors, limits, devices, how closed it is."""

import os
import platform
import socket
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.contract import system
from bench.contract.facts import Closed, Seen
from bench.worker import cgroup, gpu, processors
from bench.worker.backend import Backend

PACKAGES = (
    "tensorflow",
    "tensorflow-cpu",
    "keras",
    "numpy",
    "pillow",
    "msgspec",
)


def seen(backend: Backend) -> Seen:
    """Everything a reader of the record may ask about the environment. Imports the backend."""
    intra, inter = backend.threads()
    return Seen(
        versions=versions(backend.PACKAGES),
        system=platform.system(),
        architecture=platform.machine(),
        processor=_processor(),
        processors=processors.affinity(),
        processors_online=os.cpu_count() or 1,
        processor_quota=cgroup.processor_quota(),
        threads_intra=intra,
        threads_inter=inter,
        memory_limit_bytes=cgroup.memory_limit(),
        memory_total_bytes=_memory_total(),
        devices=backend.devices(),
        gpus=gpu.names(),
        gpu_driver=_gpu_driver(),
        runtime_release=os.environ.get("COLAB_RELEASE_TAG"),
        cgroup_version=cgroup.version(),
        closed=closed(),
    )


def versions(further: tuple[str, ...]) -> dict[str, str]:
    """Python's and the frameworks' versions; TensorFlow under one name whichever wheel it is.

    `further` are the backend's: one that lies beside it unused changes nothing that is measured.
    """
    found = {"python": platform.python_version()}
    for package in (*PACKAGES, *further):
        try:
            found[package.removesuffix("-cpu")] = version(package)
        except PackageNotFoundError:
            continue
    return found


def closed() -> Closed:
    """How closed this process's surroundings are."""
    status = _proc_status()
    return Closed(
        network_interfaces=_interfaces(),
        root_writable=os.access("/", os.W_OK),
        user_id=os.getuid() if hasattr(os, "getuid") else None,
        capabilities=int(status["CapEff"], 16) if "CapEff" in status else None,
        new_privileges=status["NoNewPrivs"] == "0" if "NoNewPrivs" in status else None,
    )


def _interfaces() -> tuple[str, ...] | None:
    try:
        return tuple(sorted(name for _, name in socket.if_nameindex() if name != "lo"))
    except OSError:
        return None


def _proc_status() -> dict[str, str]:
    lines = (system.text(Path("/proc/self/status")) or "").splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def _processor() -> str | None:
    said = system.text(Path("/proc/cpuinfo"))
    if said is None:
        return platform.processor() or None
    lines = said.splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, None)


def _memory_total() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None


def _gpu_driver() -> str | None:
    first = (system.text(Path("/proc/driver/nvidia/version")) or "").partition("\n")[0]
    if not first:
        return gpu.driver()  # some virtual machines have no such file
    return next((word for word in first.split() if word[:1].isdigit()), None)
