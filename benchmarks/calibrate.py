"""Measure what a task's five thresholds are chosen from: `python benchmarks/calibrate.py fashion`.

For each seed it prints the held-out metric untrained, after epoch one and at the end, each with
its score, and the seconds of the fit; then the median of each. It trains as the worker does, but
several times in one process, so its seconds are for orientation only.
"""

import argparse
import importlib
import statistics
import time
from pathlib import Path
from typing import Any

from bench.contract.task import Data, Task, score

COLUMNS = ("untrained", "epoch one", "final")


def held_out_metric(model: Any, task: Task, data: Data) -> float:
    values = model.evaluate(**as_arguments(data.held_out), verbose=0, return_dict=True)
    return float(values[task.metric])


def as_arguments(side: Any) -> dict[str, Any]:
    """A pair of arrays goes in as x and y, a dataset as x alone."""
    return dict(zip(("x", "y"), side, strict=True)) if isinstance(side, tuple) else {"x": side}


def train(task: Task, folder: Path, seed: int) -> tuple[list[float], float]:
    """The three metrics in the order of COLUMNS, and the seconds of the fit."""
    import keras

    keras.utils.set_random_seed(seed)
    data = task.load(folder)
    untrained = held_out_metric(task.build(), task, data)
    keras.utils.set_random_seed(seed)
    model = task.build()
    batch = {"batch_size": task.batch_size} if isinstance(data.train, tuple) else {}
    start = time.perf_counter()
    history = model.fit(
        **as_arguments(data.train),
        **batch,
        epochs=task.epochs,
        validation_data=data.held_out,
        verbose=0,
    )
    seconds = time.perf_counter() - start
    first = history.history[f"val_{task.metric}"][0]
    return [untrained, first, held_out_metric(model, task, data)], seconds


def row(label: str, task: Task, values: list[float], seconds: float) -> str:
    cells = (f"{value:.4g} ({score(task.metric, task.thresholds, value)})" for value in values)
    return f"{label:>8}" + "".join(f"{cell:>16}" for cell in cells) + f"{seconds:>9.1f}"


def calibrate(name: str, seeds: int, data: Path) -> None:
    task: Task = importlib.import_module(f"tasks.{name}").TASK
    print(f"\n{name}: {task.metric}, thresholds {task.thresholds}")
    print(f"{'seed':>8}" + "".join(f"{column:>16}" for column in COLUMNS) + f"{'seconds':>9}")
    rows = []
    for seed in range(1, seeds + 1):
        values, seconds = train(task, data / name, seed)
        rows.append([*values, seconds])
        print(row(str(seed), task, values, seconds), flush=True)
    *values, seconds = (statistics.median(column) for column in zip(*rows, strict=True))
    print(row("median", task, values, seconds), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="+", metavar="TASK")
    parser.add_argument("--seeds", type=int, default=5, help="train with seeds 1 to SEEDS")
    parser.add_argument("--data", type=Path, required=True, help="holds one prepared folder a task")
    arguments = parser.parse_args()
    for name in arguments.tasks:
        calibrate(name, arguments.seeds, arguments.data)


if __name__ == "__main__":
    main()
