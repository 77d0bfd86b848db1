"""A gate before each epoch of a fit, which another process opens: two trainings take turns.

Stands alone, since it is read in the container too: nothing of the project is imported. A gate is
a file; it is open for epoch `n` once it has grown by `n` bytes, so the first epoch does not wait.
The time from the opening to the arrival at the next gate is an epoch with all that lies around it;
the waiting is in none of it.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIGN = "gated epochs: "  # begins the line that tells their seconds
ARRIVED = "at the gate of epoch "
WAIT_SECONDS = 0.02  # between two looks at the gate: 50 a second cost the other side nothing


def gated(
    model: Any, gate: Path, arrived: Callable[[int], None], told: Callable[[str], None]
) -> Any:
    """The model, with a `fit` that waits before each epoch, as the last thing before it.

    `arrived` is called at each gate with the epoch's index, `told` once with all seconds.
    """
    import keras

    closed = gate.stat().st_size
    seconds: list[float] = []

    class Gate(keras.callbacks.Callback):  # type: ignore[misc]
        """Waits for its turn."""

        opened: float | None = None

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self._note()
            arrived(epoch)
            while gate.stat().st_size < closed + epoch:
                time.sleep(WAIT_SECONDS)
            self.opened = time.perf_counter()

        def on_train_end(self, logs: Any = None) -> None:
            self._note()
            told(SIGN + json.dumps([round(each, 6) for each in seconds]))

        def _note(self) -> None:
            if self.opened is not None:
                seconds.append(time.perf_counter() - self.opened)

    fit = model.fit

    def fit_in_turn(*given: Any, callbacks: Any = (), **wanted: Any) -> Any:
        return fit(*given, callbacks=[*callbacks, Gate()], **wanted)

    model.fit = fit_in_turn
    return model
