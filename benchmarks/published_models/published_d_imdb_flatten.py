"""IMDB reviews through word vectors and a flat layer, as published: batch 32, 782 steps.

Theirs validated on as many reviews again, each epoch. Numbers drawn at random stand for the
reviews: of the same shape, type and number. Speed is all that it is for; its score says nothing.
"""

from bench.contract.task import ArraySpec, Data, Task

VOCABULARY, LENGTH, REVIEWS = 10_000, 120, 25_000


def load(folder):
    """25,000 reviews of 120 words to learn from, 25,000 held out."""
    import numpy as np

    draw = np.random.default_rng(7)
    x = draw.integers(0, VOCABULARY, (2 * REVIEWS, LENGTH)).astype("int32")
    y = draw.integers(0, 2, (2 * REVIEWS, 1)).astype("float32")
    return Data(train=(x[:REVIEWS], y[:REVIEWS]), held_out=(x[REVIEWS:], y[REVIEWS:]))


def build():
    """As published."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32"),
            keras.layers.Embedding(VOCABULARY, 16),
            keras.layers.Flatten(),
            keras.layers.Dense(6, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


TASK = Task(
    title="Published: IMDB, flat word vectors",
    category=4,
    epochs=5,
    batch_size=32,
    metric="accuracy",
    thresholds=(0.6, 0.7, 0.8, 0.9, 0.95),
    x=ArraySpec(shape=(LENGTH,), dtype="int32", low=0, high=VOCABULARY - 1),
    y=ArraySpec(shape=(1,), dtype="float32", low=0, high=1),
    load=load,
    build=build,
)
