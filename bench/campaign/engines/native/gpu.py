"""Whether the TensorFlow of this interpreter can use a GPU, and what is missing where it cannot."""

import platform
import subprocess
import sys

from bench.campaign.machine import asked_driver
from bench.errors import GpuError, ImageError

PROBE = (
    "import tensorflow as tf; "
    "print('probe', int(tf.test.is_built_with_cuda()), len(tf.config.list_physical_devices('GPU')))"
)
SECONDS = 120
NO_GPU_ON = {
    "Darwin": (
        "no GPU on a Mac: the Metal plug-in (tensorflow-metal) does not work with TensorFlow 2.18 "
        "and newer; `--env native` trains on the processor"
    ),
    "Windows": (
        "no GPU on Windows: TensorFlow has no GPU support there since 2.11; install certbench in "
        "WSL2 and use --env native-gpu there, or `--env native` on the processor"
    ),
}


def require_gpu() -> None:
    """Return where TensorFlow here sees a GPU.

    Raises GpuError where the machine has none or TensorFlow cannot reach it, and ImageError where
    only the TensorFlow with GPU code is missing.
    """
    built_for_gpu, count, said = _probe()
    if count:
        return
    check_system()
    names, asked = asked_driver()
    if not names:
        raise GpuError(
            f"no GPU: NVIDIA's driver does not answer ({asked or 'nvidia-smi'}) and TensorFlow "
            "sees none; `--env native` trains on the processor"
        )
    if not built_for_gpu:
        raise ImageError(
            f"TensorFlow here has no code for the {names[0]}: `certbench build --env native-gpu`"
        )
    raise GpuError(f"TensorFlow does not see the {names[0]}: {said or 'and does not say why'}")


def check_system() -> None:
    """Raise GpuError on a system for which there is no TensorFlow with GPU code to install."""
    if advice := NO_GPU_ON.get(platform.system()):
        raise GpuError(advice)


def _probe() -> tuple[bool, int, str]:
    """Built with CUDA, GPUs seen, and the last warning; in a process, so that no GPU is held."""
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter
            [sys.executable, "-c", PROBE],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise GpuError(f"TensorFlow looked for a GPU for {SECONDS} s without an answer") from error
    found = [line.split() for line in done.stdout.splitlines() if line.startswith("probe ")]
    said = [line for line in done.stderr.splitlines() if line.strip()]
    if not found:
        raise GpuError(f"TensorFlow cannot be imported: {said[-1] if said else 'no reason given'}")
    _, built, count = found[-1]
    warned = [line for line in said if "dlopen" in line or "rror" in line]
    return built == "1", int(count), (warned or said or [""])[-1][-300:]
