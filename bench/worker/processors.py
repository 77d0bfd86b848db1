"""How many processors this process really has, and TensorFlow's thread pools set to that number.

TensorFlow sizes its pools by the affinity mask: it sees a cpuset and is blind to a quota.
"""

import math
import os

from bench.worker import cgroup


def usable() -> frozenset[int]:
    """The numbers of the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return frozenset(os.sched_getaffinity(0))
    return frozenset(range(os.cpu_count() or 1))


def affinity() -> int:
    """How many processors this process may run on."""
    return len(usable())


def available() -> int:
    """Processors by affinity, or fewer where a quota gives less than that much time."""
    quota = cgroup.processor_quota()
    return affinity() if quota is None else max(1, min(affinity(), math.ceil(quota)))


def limit_threads() -> int:
    """Set the OpenMP pool to the processors at hand. To be called before TensorFlow is imported."""
    threads = available()
    os.environ["OMP_NUM_THREADS"] = str(threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    return threads


def limit_tensorflow(threads: int) -> None:
    """Set TensorFlow's own two pools. To be called before its first operation."""
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
