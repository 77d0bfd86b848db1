"""Category 4, text: tell what a dictionary is speaking of.

WordNet 3.0 (Princeton University, free licence) explains 82,115 nouns, each filed under one of 26
topics. Here the explanation comes without its noun, cut at the first semicolon, and the model says
which of six topics it belongs to. A ship that serves as a hospital is easy; a spout carved like an
animal ends in the wrong word and is an artifact all the same, which is why a recurrent layer reads
the words in their order, and in both directions. An LSTM is one long chain of small steps: a GPU is
fast at it only through the fused kernel, and that one asks for the default activations.

Measured on the held-out glosses, seeds 1-5, 2-core AMD EPYC VM, 2026-11-22, accuracy (the largest
topic alone gives 0.24): untrained 0.12 to 0.25, after epoch one 0.779 to 0.810, at the end 0.864 to
0.873, median 0.870. The same with `python benchmarks/calibrate.py glosses --data FOLDER`. On the JAX
backend (0.7.2, seeds 1-3, the same kind of machine, 2026-11-25): 0.862 to 0.871, score 5. There the
words are numbered by TensorFlow all the same, before the first epoch.
"""

import random
from collections import Counter
from pathlib import Path
from typing import Any

from bench.contract.knobs import Knob, common_knobs, compiled, width_knob
from bench.contract.task import Archive, ArraySpec, Data, Source, Task

# act, animal, artifact, communication, person, plant: the numbers of WordNet's files
TOPIC_FILES = ("04", "05", "06", "10", "18", "20")
EXAMPLES, HELD_OUT, SEED = 26_000, 5_200, 30
VOCABULARY, LENGTH, BATCH_SIZE = 5_000, 24, 64


def read_glosses(data_noun: Path) -> list[tuple[int, str]]:
    """(topic, gloss) in the file's order, without any gloss that stands there twice."""
    found = []
    for line in data_noun.read_text(encoding="ascii").splitlines():
        fields, _, gloss = line.partition(" | ")
        topic = fields[9:11]
        if topic in TOPIC_FILES:
            found.append((TOPIC_FILES.index(topic), gloss.split(";")[0].strip()))
    count = Counter(gloss.lower() for _, gloss in found)
    return [(topic, gloss) for topic, gloss in found if count[gloss.lower()] == 1]


def prepare(source: Path, folder: Path) -> None:
    """Draw 26,000 glosses and write a fifth of them aside: lines of topic, tab, gloss."""
    glosses = read_glosses(source / "data.noun")
    random.Random(SEED).shuffle(glosses)
    for name, part in (
        ("held_out", glosses[:HELD_OUT]),
        ("train", glosses[HELD_OUT:EXAMPLES]),
    ):
        text = "".join(f"{topic}\t{gloss}\n" for topic, gloss in part)
        (folder / f"{name}.tsv").write_bytes(text.encode("ascii"))


def load(folder: Path) -> Data:
    """x: (n, 24) int32 word numbers, learned from the training side; y: (n,) int32 topics."""
    import keras
    import numpy as np

    def read(name: str) -> tuple[Any, Any]:
        lines = (folder / f"{name}.tsv").read_text(encoding="ascii").splitlines()
        topics, glosses = zip(*(line.split("\t") for line in lines), strict=True)
        return np.array(glosses), np.array(topics, dtype="int32")

    (train_text, train_y), (held_out_text, held_out_y) = read("train"), read("held_out")
    words = keras.layers.TextVectorization(VOCABULARY, output_sequence_length=LENGTH)
    words.adapt(train_text)

    def numbers(text: Any) -> Any:
        return keras.ops.convert_to_numpy(words(text)).astype("int32")

    return Data(train=(numbers(train_text), train_y), held_out=(numbers(held_out_text), held_out_y))


def build(
    width: float = 1, layers: int = 1, jit: str = "auto", steps_per_execution: int = 1
) -> Any:
    """Word vectors, one LSTM in both directions or two, a dense layer; `width` times as wide."""
    import keras
    from keras.layers import LSTM, Bidirectional, Dense, Embedding

    units = round(32 * width)
    below = [Bidirectional(LSTM(units, return_sequences=True)) for _ in range(layers - 1)]
    model = keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32"),
            Embedding(VOCABULARY, units),
            *below,
            Bidirectional(LSTM(units)),
            Dense(round(24 * width), activation="relu"),
            Dense(len(TOPIC_FILES), activation="softmax", dtype="float32"),
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
    title="WordNet glosses, bidirectional LSTM",
    category=4,
    epochs=5,
    batch_size=BATCH_SIZE,
    metric="accuracy",
    thresholds=(0.50, 0.65, 0.78, 0.83, 0.855),
    x=ArraySpec(shape=(LENGTH,), dtype="int32", low=0, high=VOCABULARY - 1),
    y=ArraySpec(shape=(), dtype="int32", low=0, high=len(TOPIC_FILES) - 1),
    prepare=prepare,
    load=load,
    build=build,
    knobs=(
        *common_knobs(BATCH_SIZE, EXAMPLES - HELD_OUT),
        width_knob(),
        Knob(name="layers", default=1, low=1, high=2),
    ),
    data_sha256="3a8dbf309ef955ae66cbec323f1a1f6e30419d2bbc52bfcb37c3e138c724aafc",
    source=Source(
        package="wordnet-base",
        folder="usr/share/wordnet",
        files={"data.noun": ("fea17d2f9656611334eac790e5d69e47645fa180c4aa481fb4cd9b3520754ca2",)},
        archives=(
            Archive(
                url="https://wordnetcode.princeton.edu/3.0/WNdb-3.0.tar.gz",
                members={"dict/data.noun": "data.noun"},
            ),
        ),
    ),
)
