"""Which metric on held-out data a script is graded by, and whether it reached what was wanted."""

from collections.abc import Callable, Mapping
from typing import Any

from bench.contract.bounds import LOSS_MOST
from bench.contract.events import Event, Monitored
from bench.contract.facts import Result
from bench.contract.target import Target, target_of
from bench.contract.task import TOP_SCORE
from bench.worker.checks import Stop

Values = dict[str, float | None]


class Grading:
    """Takes each epoch's logs; `result` is that of the last that held anything out."""

    def __init__(self, target: str | None, emit: Callable[[Event], None]) -> None:
        """`target` is what the metric is to reach, `val_accuracy>=0.89`; None grades nothing."""
        self._target: Target | None = target_of(target) if target else None
        self._emit = emit
        self._metric: str | None = None
        self.result = Result(metric=None, score=None)

    def take(self, logs: Mapping[str, Any], watched: str | None) -> tuple[Values, int | None]:
        """Loss and held-out values of an epoch by their fields' names, and its score.

        `watched` is the metric that the script itself watches. Raises Stop where there is a target
        and no such metric among others.
        """
        name = self._named(logs, watched)
        values = {
            "loss": _number(logs.get("loss")),
            "held_out_loss": _number(logs.get("val_loss")),
            "held_out_metric": _number(logs.get(name)) if name else None,
        }
        value = kept(values)["held_out_metric"]
        score = self._score(name, value)
        if name:
            self.result = Result(metric=value, score=score)
        return values, score

    def _named(self, logs: Mapping[str, Any], watched: str | None) -> str | None:
        """The metric that counts: the target's, else the watched one, else the first."""
        held_out = sorted((n for n in logs if n.startswith("val_")), key=lambda n: n == "val_loss")
        wanted = self._target.metric if self._target else watched
        if self._target and held_out and wanted not in held_out:
            raise Stop("no-target", f"nothing is called {wanted}; there are: {', '.join(held_out)}")
        name = wanted if wanted in held_out else next(iter(held_out), None)
        if name and name != self._metric:
            self._metric = name
            self._emit(Monitored(metric=name))
        return name

    def _score(self, name: str | None, value: float | None) -> int | None:
        """The best where the target is reached, else none; without a target nothing is graded."""
        if self._target is None or name != self._target.metric or value is None:
            return None
        return TOP_SCORE if self._target.holds(value) else 0

    def check(self) -> None:
        """Raise Stop where there is a target and nothing was ever held out."""
        if self._target and self._metric is None:
            raise Stop(
                "no-target",
                f"nothing was held out, so there is no {self._target.metric}: give fit "
                "validation_data or validation_split",
            )


def kept(values: Values) -> Values:
    """The values, without those that are no number or on their way out."""
    return {n: v if v is not None and abs(v) <= LOSS_MOST else None for n, v in values.items()}


def lost(values: Values) -> tuple[str, ...]:
    """The names of those that are left out."""
    finite = kept(values)
    return tuple(n for n, v in values.items() if v is not None and finite[n] is None)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
