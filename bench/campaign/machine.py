"""What this computer is: the facts that decide whether two records may be pooled."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import psutil

from bench.campaign.watts import SOURCE, listed_watts
from bench.contract import system
from bench.evidence.identity import identified
from bench.evidence.record import Machine
from bench.evidence.strangers import brief

DRIVER_SECONDS = 20.0
CPUINFO = Path("/proc/cpuinfo")


def this_machine() -> Machine:
    """The facts of the computer that runs this command."""
    processor = processor_name()
    watts = listed_watts(processor)
    unnamed = Machine(
        id="",
        id_v1=None,
        processor=processor,
        processors=os.cpu_count() or 1,
        memory_gib=round(psutil.virtual_memory().total / 2**30),
        system=platform.system(),
        architecture=platform.machine(),
        gpus=gpu_names(),
        listed_watts=watts,
        power_source=SOURCE if watts is not None else None,
    )
    return identified(unnamed)


def processor_name() -> str:
    """The processor's model as the system names it."""
    lines = (system.text(CPUINFO) or "").splitlines()
    named = next((line.partition(":")[2] for line in lines if line.startswith("model name")), "")
    return " ".join(named.split()) or _slow_processor_name()


def _slow_processor_name() -> str:
    """Off Linux; py-cpuinfo starts processes and takes a second."""
    import cpuinfo

    return str(cpuinfo.get_cpu_info().get("brand_raw") or platform.processor() or "unknown")


def has_tpu(devices: Path = Path("/dev")) -> bool:
    """Whether a TPU's device files are here, as Google's machines have them."""
    return any(devices.glob("accel[0-9]*")) or any(devices.glob("vfio/[0-9]*"))


def gpu_names() -> tuple[str, ...]:
    """The names of NVIDIA GPUs by the driver's own program; none where it fails or is not here."""
    return asked_driver()[0]


def asked_driver() -> tuple[tuple[str, ...], str | None]:
    """The names of the GPUs, and what the driver's program said where it failed.

    It may be there and not work ("has failed because…", exit 9): its sentence is no GPU's name.
    """
    program = shutil.which("nvidia-smi")
    if program is None:
        return (), None
    try:
        done = subprocess.run(  # noqa: S603  the driver's program
            [program, "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            timeout=DRIVER_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return (), f"nvidia-smi: {brief(error)}"
    said = done.stdout.decode(errors="replace")
    if done.returncode:
        return (), brief(said.strip() or done.stderr.decode(errors="replace")) or "nvidia-smi fails"
    return tuple(brief(line) for line in said.splitlines() if line.strip()), None
