"""What the worker finds around itself: versions, processors, limits, devices, how closed it is."""

import os
import platform
import socket
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.contract import system
from bench.contract.facts import Closed, Seen
from bench.worker import cgroup, gpu, processors

PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "numpy", "pillow", "msgspec")


def seen() -> Seen:
    """Everything a reader of the record may ask about the environment. Imports TensorFlow."""
    import tensorflow

    threading = tensorflow.config.threading
    return Seen(
        versions=versions(),
        system=platform.system(),
        architecture=platform.machine(),
        processor=_processor(),
        processors=processors.affinity(),
        processors_online=os.cpu_count() or 1,
        processor_quota=cgroup.processor_quota(),
        threads_intra=threading.get_intra_op_parallelism_threads(),
        threads_inter=threading.get_inter_op_parallelism_threads(),
        memory_limit_bytes=cgroup.memory_limit(),
        memory_total_bytes=_memory_total(),
        devices=_devices(),
        gpus=gpu.names(),
        gpu_driver=_gpu_driver(),
        runtime_release=os.environ.get("COLAB_RELEASE_TAG"),
        cgroup_version=cgroup.version(),
        closed=closed(),
    )


def versions() -> dict[str, str]:
    """Python's and the frameworks' versions; TensorFlow under one name whichever wheel it is."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
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


def _devices() -> tuple[str, ...]:
    """`CPU`, and `GPU: its name` for each GPU that TensorFlow may use."""
    import tensorflow

    gpus = tensorflow.config.get_visible_devices("GPU")
    details = [tensorflow.config.experimental.get_device_details(device) for device in gpus]
    return ("CPU", *(f"GPU: {detail.get('device_name', 'unnamed')}" for detail in details))


def _gpu_driver() -> str | None:
    first = (system.text(Path("/proc/driver/nvidia/version")) or "").partition("\n")[0]
    if not first:
        return gpu.driver()  # some virtual machines have no such file
    return next((word for word in first.split() if word[:1].isdigit()), None)
