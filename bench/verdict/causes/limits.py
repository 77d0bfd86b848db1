"""Every limit of what `explain` finds, in one table, each with its reason (docs/explain.md)."""

from collections.abc import Mapping

LIMITS: Mapping[str, tuple[float, str]] = {
    "input-share": (
        0.25,
        "of an epoch's training: what takes less is mostly hidden behind it by prefetching",
    ),
    "gpu-step": (
        0.008,
        "seconds: published steps on a GPU have a floor of 1 to 8 ms, which is the host's",
    ),
    "processor-step": (
        0.003,
        "seconds: steps that took 2 to 3 ms on a processor took 2 to 3 ms on a T4 as well",
    ),
    "gpu-busy": (
        50.0,
        "percent: a GPU that was seen busy for half of the time or more is no idle one",
    ),
    "gpu-idle": (
        30.0,
        "percent: the reading holds for less than a second, so only a low one says something",
    ),
    "start-share": (
        0.25,
        "of the whole job: above it a faster epoch gives less than three quarters of its gain",
    ),
    "processors-in-use": (
        0.6,
        "of the processors that others left free: one busy thread of two, and a little beside it",
    ),
    "drift": (
        0.15,
        "the last third of the epochs over the first: less is ordinary noise between epochs",
    ),
    "drift-chance": (
        0.01,
        "Kendall's test of a trend: noise alone looks like one in one run of a hundred",
    ),
    "drift-epochs": (6, "later epochs: with fewer no order of them is that rare"),
    "fault-seconds": (
        0.0001,
        "a page fetched from a solid-state disk takes about 0.1 ms, from another one longer",
    ),
    "fault-share": (0.05, "of an epoch: less is lost in the noise"),
    "validation-share": (
        1 / 3,
        "of an epoch: a fifth held out, at a third of the work of training, takes a thirteenth",
    ),
    "passes": (1.5, "an epoch is one pass; half a pass more is no rounding of steps"),
    "gain": (1.1, "what differs by less than a tenth is about the same"),
}


def limit(name: str) -> float:
    """The limit of that name."""
    return LIMITS[name][0]
