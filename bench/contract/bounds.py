"""Which numbers a record or an event may hold: every one finite, and of a size that can be.

Records come from strangers and workers run strangers' code. A number beyond these bounds is
refused where it is read, by name, so that nothing behind the types has to ask again: no sum,
square or ratio of what passed here leaves the finite.
"""

from typing import Annotated

from msgspec import Meta

MOST = 2**63 - 1  # what the kernel itself counts in

Count = Annotated[int, Meta(ge=0, le=MOST)]
"""A counter since boot, a mask of bits, a number of things."""

Bytes = Annotated[int, Meta(ge=0, le=MOST)]

Small = Annotated[int, Meta(ge=0, le=1_000_000_000)]
"""A number that people name: rounds, epochs, an index, the examples of a batch."""

Processors = Annotated[int, Meta(ge=0, le=1_000_000)]
"""Whole processors of one machine."""

Whole = Annotated[int, Meta(ge=-MOST, le=MOST)]
"""A whole number of either sign: a seed, an exit code."""

Score = Annotated[int, Meta(ge=0, le=5)]

SECONDS_MOST = 1e15
Seconds = Annotated[float, Meta(ge=0, le=SECONDS_MOST)]
"""A duration, the Unix time, or the processor time of a whole cluster since it was built."""

Drift = Annotated[float, Meta(ge=-1e15, le=1e15)]
"""Seconds between two clocks, which may run either way."""

Amount = Annotated[float, Meta(ge=0, le=1e15)]
"""Something measured that is never negative: MHz, joules, per cent, watts, a load, a quota."""

Celsius = Annotated[float, Meta(ge=-274, le=10_000)]

Balance = Annotated[float, Meta(ge=-1e12, le=1e12)]
"""Money or compute units, which may be owed."""

LOSS_MOST = 1e100
Loss = Annotated[float, Meta(ge=-LOSS_MOST, le=LOSS_MOST)]
"""A loss or a metric: far beyond float32, and its square is still a number."""
