"""Category 1, a basic model: learn a line from six of its points.

The answer is y = 3x - 2, and one neuron has the two numbers it takes. The arithmetic is next to
nothing: what a run spends is the price of starting TensorFlow, of tracing one step and of going
round the training loop. A GPU has nothing to win here, and a benchmark without such a task would
never show it losing.

Measured on the four held-out points, seeds 1-5, 2-core AMD EPYC VM, 2026-11-22, squared error:
untrained 141 to 511, after epoch one 113 to 399, at the end under 0.00001. The same with
`python benchmarks/calibrate.py line --data FOLDER`. On the JAX backend (0.7.2, seeds 1-3, the same
kind
of machine, 2026-11-25): under 0.00001, score 5.
"""

import csv
from pathlib import Path
from typing import Any

from bench.contract.knobs import common_knobs, compiled
from bench.contract.task import ArraySpec, Data, Task

SLOPE, INTERCEPT = 3, -2
TRAIN_X = (-2, -1, 0, 1, 2, 3)
HELD_OUT_X = (-6, -4, 5, 8)


def prepare(source: Path, folder: Path) -> None:
    """Write `line.csv`; the points are whole numbers, so the bytes are the same everywhere."""
    rows = ["side,x,y"]
    for side, xs in (("train", TRAIN_X), ("held_out", HELD_OUT_X)):
        rows += [f"{side},{x},{SLOPE * x + INTERCEPT}" for x in xs]
    (folder / "line.csv").write_bytes(("\n".join(rows) + "\n").encode())


def load(folder: Path) -> Data:
    """Six points to learn from, four further out to be asked about: x and y are (n, 1) float32."""
    import numpy as np

    with (folder / "line.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    def side(name: str) -> tuple[Any, Any]:
        points = [(row["x"], row["y"]) for row in rows if row["side"] == name]
        array = np.array(points, dtype="float32")
        return array[:, :1], array[:, 1:]

    return Data(train=side("train"), held_out=side("held_out"))


def build(jit: str = "auto", steps_per_execution: int = 1) -> Any:
    """One neuron, plain gradient descent, squared error."""
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, dtype="float32")])
    model.compile(
        keras.optimizers.SGD(0.02),
        loss="mse",
        metrics=["mse"],
        **compiled(jit, steps_per_execution),
    )
    return model


TASK = Task(
    title="Six points of a line, one neuron",
    category=1,
    epochs=200,
    batch_size=len(TRAIN_X),
    metric="mse",
    thresholds=(30.0, 3.0, 0.3, 0.03, 0.003),
    x=ArraySpec(shape=(1,), dtype="float32", low=-8, high=8),
    y=ArraySpec(shape=(1,), dtype="float32", low=-24, high=24),
    prepare=prepare,
    load=load,
    build=build,
    knobs=common_knobs(len(TRAIN_X), len(TRAIN_X)),
    data_sha256="05410d179ff7d0abc797376b71a99a38501fda91a15cf6db83a8aef87d604553",
)
