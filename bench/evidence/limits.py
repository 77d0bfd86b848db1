"""Every limit of what is believed, in one table, each with its reason."""

from collections.abc import Mapping

LIMITS: Mapping[str, tuple[float, str]] = {
    "throttled": (0.02, "a quota stretches every epoch; under 2 % it is lost in the spread"),
    "suspended": (1.0, "the two clocks drift by microseconds, a suspension lasts seconds"),
    "foreign-load": (
        0.10,
        "a tenth of the run's processors taken by others moves an epoch by about as much",
    ),
    "foreign-processors": (
        0.50,
        "one busy loop among many processors is a small share, and still delays each step",
    ),
    "foreign-seconds": (
        2.0,
        "the kernel counts in ticks of 10 ms: what a shorter fit lost cannot be told from them",
    ),
    "steal": (0.05, "the hypervisor gave the processors to another machine for that share"),
    "slow-clock": (0.20, "a frequency that falls by a fifth shows heat or a power limit"),
    "gpu-throttled": (
        0.02,
        "clocks held down for longer stretch an epoch as a throttled processor does",
    ),
    "quiet": (0.05, "two such medians tell a tenth apart, which is what the advice counts"),
    "noisy": (0.15, "two such medians do not even tell a fifth apart"),
    "limit-not-honoured": (0.01, "the kernel rounds a quota to microseconds and memory to pages"),
    "clock-jump": (1.0, "a clock that is kept right moves by milliseconds, one that is set jumps"),
    "two-modes": (0.15, "a gap as wide as this between neighbours is no ordinary noise"),
}
