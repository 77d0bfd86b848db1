"""JAX as the backend; `bench.worker.backend` says what each function is for.

JAX sizes its one pool by the affinity mask too, unless `NPROC` says otherwise. It hands work to
that pool and goes on: whoever reads a clock has to wait for it. TensorFlow may be here as well, for
`tf.data` alone; its pools are set by variables, so that it need not be imported for that.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from bench.contract.facts import Accelerator

PACKAGES = ("jax", "jaxlib")
THREADS = "NPROC"


def prepare(threads: int, accelerator: Accelerator | None) -> None:
    """The pools, and which platforms there are: JAX would take a GPU that nobody asked for."""
    for name in ("OMP_NUM_THREADS", THREADS, "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ[name] = str(threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"  # a TensorFlow with GPU code would take it all
    if accelerator is None:
        os.environ["JAX_PLATFORMS"] = "cpu"


def limit(threads: int, accelerator: Accelerator | None) -> None:
    """Nothing is left to set: the variables are read as JAX begins."""


def threads() -> tuple[int, int]:
    """One pool for both."""
    count = int(os.environ.get(THREADS, os.cpu_count() or 1))
    return count, count


def devices() -> tuple[str, ...]:
    """Without an accelerator, or where JAX fell back from one, the processor alone."""
    found = [d for d in _jax().devices() if d.platform != "cpu"]
    return ("CPU", *(f"{d.platform.upper()}: {d.device_kind}" for d in found))


def devices_holding(tensor: Any) -> tuple[str, ...]:
    """A sharded array lies on several."""
    return tuple(f"{device.platform.upper()}:{device.id}" for device in tensor.devices())


def settle() -> None:
    """Wait for every array that lives."""
    jax = _jax()
    jax.block_until_ready([array for array in jax.live_arrays() if not array.is_deleted()])


def allocated_peak() -> int | None:
    """Over all accelerators; None before JAX is imported, and on the processor."""
    jax = sys.modules.get("jax")
    if jax is None:
        return None
    stats = [device.memory_stats() for device in jax.devices() if device.platform != "cpu"]
    return max((int(one["peak_bytes_in_use"]) for one in stats if one), default=None)


def batches(side: Any, batch_size: int) -> Iterable[Any]:
    """A dataset's batches as arrays; of arrays a shuffled slice at a time, as Keras takes them."""
    if not isinstance(side, tuple):
        found: Iterable[Any] = side.as_numpy_iterator() if _is_dataset(side) else side
        return found
    return _slices(side, batch_size)


def _is_dataset(side: Any) -> bool:
    return hasattr(side, "as_numpy_iterator")


def _slices(side: tuple[Any, ...], batch_size: int) -> Iterator[Any]:
    import numpy as np

    order = np.random.default_rng().permutation(len(side[0]))
    for begin in range(0, len(order), batch_size):
        chosen = order[begin : begin + batch_size]
        yield _jax().device_put([part[chosen] for part in side])


def _jax() -> Any:
    import jax

    return jax
