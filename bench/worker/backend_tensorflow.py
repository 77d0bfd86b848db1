"""TensorFlow as the backend; `bench.worker.backend` says what each function is for.

TensorFlow sizes its pools by the affinity mask: it sees a cpuset and is blind to a quota.
"""

import os
import sys
from collections.abc import Iterable
from typing import Any

from bench.contract.facts import Accelerator

PACKAGES: tuple[str, ...] = ()


def prepare(threads: int, accelerator: Accelerator | None) -> None:  # noqa: ARG001  a protocol
    """The OpenMP pool, and less chatter."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")


def limit(threads: int, accelerator: Accelerator | None) -> None:
    """Both pools. A run that asked for no GPU is not to get one."""
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    if accelerator is None:
        tensorflow.config.set_visible_devices([], "GPU")


def threads() -> tuple[int, int]:
    """Within an operation, and between operations."""
    import tensorflow

    threading = tensorflow.config.threading
    return (
        threading.get_intra_op_parallelism_threads(),
        threading.get_inter_op_parallelism_threads(),
    )


def devices() -> tuple[str, ...]:
    """A TPU is only listed: TensorFlow trains on one through a strategy, which no task has."""
    import tensorflow

    gpus = tensorflow.config.get_visible_devices("GPU")
    details = [tensorflow.config.experimental.get_device_details(device) for device in gpus]
    return ("CPU", *(f"GPU: {detail.get('device_name', 'unnamed')}" for detail in details))


def devices_holding(tensor: Any) -> tuple[str, ...]:
    """Of a name such as `/job:localhost/replica:0/task:0/device:GPU:0`."""
    return (tensor.device.rpartition("/device:")[2],)


def settle() -> None:
    """`fit` reads the losses of an epoch before it says that it has ended."""


def allocated_peak() -> int | None:
    """Over all GPUs; None before TensorFlow is imported."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None:
        return None
    gpus = tensorflow.config.list_logical_devices("GPU")
    info = tensorflow.config.experimental.get_memory_info
    return max((int(info(gpu.name)["peak"]) for gpu in gpus), default=None)


def batches(side: Any, batch_size: int) -> Iterable[Any]:
    """A dataset as it is; of arrays the pipeline that Keras makes of them."""
    if not isinstance(side, tuple):
        found: Iterable[Any] = side
        return found
    import tensorflow

    whole = tensorflow.data.Dataset.from_tensor_slices(side)
    piped: Iterable[Any] = (
        whole.shuffle(len(side[0])).batch(batch_size).prefetch(tensorflow.data.AUTOTUNE)
    )
    return piped
