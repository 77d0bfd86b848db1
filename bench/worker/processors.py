"""How many processors this process really has; the backends set their thread pools to that."""

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
