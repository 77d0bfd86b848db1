"""What a user wants of a metric on held-out data: `val_accuracy>=0.89`."""

import re
from dataclasses import dataclass

WRITTEN = re.compile(r"\s*(val_[\w.-]+?)\s*(>=|<=|>|<)\s*(\S+)\s*")


@dataclass(frozen=True, kw_only=True)
class Target:
    """A metric by the name that Keras logs it under, and the bound that it is to hold."""

    metric: str
    at_least: bool
    bound: float

    def holds(self, value: float) -> bool:
        """Whether the value is as good as wanted; never for one that is not a number."""
        return value >= self.bound if self.at_least else value <= self.bound


def target_of(text: str) -> Target | None:
    """The target that a text states; None where it states none."""
    found = WRITTEN.fullmatch(text)
    try:
        bound = float(found[3]) if found else float("nan")
    except ValueError:
        return None
    if found is None or not abs(bound) < float("inf"):
        return None
    return Target(metric=found[1], at_least=found[2].startswith(">"), bound=bound)
