"""What a student would write: plain Keras, no harness, no container. One run, told as JSON.

`python benchmarks/plain.py fashion --seed 1 --data FOLDER` prints the seconds since the process was
made until the first epoch ended, those of every epoch, and those of the whole run. Data, model and
seed are the task's own, so that the harness is all that differs. With `--gate` each epoch but the
first waits for its turn (`gate.py`).
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import psutil
from gate import ARRIVED, gated

import tasks


def since_birth() -> float:
    """Seconds since this process was made, the interpreter's own start included."""
    return time.time() - psutil.Process().create_time()


def tell(line: str) -> None:
    """Say it at once."""
    print(line, flush=True)


def arrived(epoch: int) -> None:
    """Epoch `epoch - 1` is over."""
    if epoch:
        tell(f"{ARRIVED}{epoch}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=tasks.names())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--gate", type=Path)
    wanted = parser.parse_args()
    task = tasks.named(wanted.task)

    import keras

    ends: list[float] = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(since_birth())
    )
    keras.utils.set_random_seed(wanted.seed)
    data = task.load(wanted.data / wanted.task)
    model = task.build()
    if wanted.gate:
        model = gated(model, wanted.gate, arrived, tell)
    arrays: dict[str, Any] = (
        {"batch_size": task.batch_size} if isinstance(data.train, tuple) else {}
    )
    x, y = data.train if arrays else (data.train, None)
    model.fit(
        x,
        y,
        epochs=task.epochs,
        validation_data=data.held_out,
        callbacks=[clock],
        verbose=0,
        **arrays,
    )
    held_x, held_y = data.held_out if arrays else (data.held_out, None)
    model.evaluate(held_x, held_y, verbose=0, **arrays)
    print(json.dumps({"ends": ends, "total": since_birth()}))


if __name__ == "__main__":
    main()
