"""Category 2, a learning data set: name the garment in a small grey picture.

Fashion-MNIST (Zalando Research, MIT licence) is 60,000 pictures to learn from and 10,000 to be
asked about, 28x28 pixels, ten kinds of garment. It is here in full, because the size of the data
set is the work. Two convolutions with strides are enough for the score and keep six epochs within
half a minute on two cores; with pooling instead the same model reached 0.89 in four times the time.
Every picture is in memory before the first epoch, so an epoch is arithmetic and little else.

Measured on the held-out pictures, seeds 1-5, 2-core AMD EPYC VM, 2026-11-22, accuracy (guessing
gives 0.10): untrained 0.07 to 0.14, after epoch one 0.820 to 0.833, at the end 0.874 to 0.885,
median 0.8795. The same with `python benchmarks/calibrate.py fashion --data FOLDER`. On the JAX backend
(0.7.2, seeds 1-3, the same kind of machine, 2026-11-25): 0.878 to 0.879, score 5.
"""

import gzip
from pathlib import Path
from typing import Any

from bench.contract.knobs import common_knobs, compiled, width_knob
from bench.contract.task import Archive, ArraySpec, Data, Source, Task

SIDE, PICTURES, BATCH_SIZE = 28, 60_000, 128
IMAGE_HEADER_BYTES, LABEL_HEADER_BYTES = 16, 8
DOWNLOADS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
# Of each file the package's edition and the published one: the gzip headers differ, the content is
# the same. (The second hashes are those that TensorFlow Datasets pins.)
EDITIONS = {
    "train-images-idx3-ubyte.gz": (
        "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    ),
    "train-labels-idx1-ubyte.gz": (
        "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    ),
    "t10k-images-idx3-ubyte.gz": (
        "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
}


def prepare(source: Path, folder: Path) -> None:
    """Unpack the four files, so that no run pays for it."""
    for name in EDITIONS:
        content = gzip.decompress((source / name).read_bytes())
        (folder / name.removesuffix(".gz")).write_bytes(content)


def load(folder: Path) -> Data:
    """x: (n, 28, 28, 1) float32 from 0 to 1; y: (n,) uint8 from 0 to 9."""
    import numpy as np

    def side(name: str) -> tuple[Any, Any]:
        images = (folder / f"{name}-images-idx3-ubyte").read_bytes()
        labels = (folder / f"{name}-labels-idx1-ubyte").read_bytes()
        x = np.frombuffer(images, np.uint8, offset=IMAGE_HEADER_BYTES)
        y = np.frombuffer(labels, np.uint8, offset=LABEL_HEADER_BYTES)
        return x.reshape(-1, SIDE, SIDE, 1).astype("float32") / 255, y

    return Data(train=side("train"), held_out=side("t10k"))


def build(width: float = 1, jit: str = "auto", steps_per_execution: int = 1) -> Any:
    """Two convolutions that each halve the picture, and a dense layer; `width` times as wide."""
    import keras
    from keras import layers

    filters, units = round(32 * width), round(64 * width)
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            layers.Conv2D(filters, 5, strides=2, activation="relu"),
            layers.Conv2D(filters, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(units, activation="relu"),
            layers.Dense(10, activation="softmax", dtype="float32"),
        ]
    )
    model.compile(
        "adam",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        **compiled(jit, steps_per_execution),
    )
    return model


TASK = Task(
    title="Fashion-MNIST, two convolutions",
    category=2,
    epochs=6,
    batch_size=BATCH_SIZE,
    metric="accuracy",
    thresholds=(0.70, 0.78, 0.83, 0.855, 0.87),
    x=ArraySpec(shape=(SIDE, SIDE, 1), dtype="float32", low=0, high=1),
    y=ArraySpec(shape=(), dtype="uint8", low=0, high=9),
    prepare=prepare,
    load=load,
    build=build,
    knobs=(*common_knobs(BATCH_SIZE, PICTURES), width_knob()),
    data_sha256="50d665350645637f18b48bd1b2d0b15d37584d204c70b86cccfd6f9a24ee9297",
    source=Source(
        package="dataset-fashion-mnist",
        folder="usr/share/datasets/fashion-mnist",
        files=EDITIONS,
        archives=tuple(Archive(url=DOWNLOADS + name, members={"": name}) for name in EDITIONS),
    ),
)
