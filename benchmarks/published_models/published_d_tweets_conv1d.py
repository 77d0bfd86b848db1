"""Tweets as text through a convolution, as published: batch 32, 215 steps; the model splits words.

Theirs validated on 762 tweets each epoch. Words drawn at random stand for the tweets: as many, of
much the same length. Speed is all that it is for; its score says nothing.
"""

from bench.contract.task import ArraySpec, Data, Task

VOCABULARY, LENGTH = 10_000, 15
TRAIN, HELD_OUT, BATCH_SIZE = 6_851, 762, 32
WORDS = tuple(f"word{number}" for number in range(VOCABULARY - 2))  # two stand for none and unknown


def load(folder):
    """Batches of tweets of 15 words, (n, 1) strings, with a label each."""
    import numpy as np
    import tensorflow as tf

    draw = np.random.default_rng(7)
    chosen = draw.integers(0, len(WORDS), (TRAIN + HELD_OUT, LENGTH))
    x = np.array([[" ".join(WORDS[number] for number in tweet)] for tweet in chosen])
    y = draw.integers(0, 2, (TRAIN + HELD_OUT, 1)).astype("float32")

    def batched(side):
        return tf.data.Dataset.from_tensor_slices((x[side], y[side])).batch(BATCH_SIZE)

    return Data(
        train=batched(slice(TRAIN)).prefetch(tf.data.AUTOTUNE), held_out=batched(slice(TRAIN, None))
    )


def build():
    """As published."""
    import keras

    words = keras.layers.TextVectorization(
        VOCABULARY, output_sequence_length=LENGTH, vocabulary=list(WORDS)
    )
    model = keras.Sequential(
        [
            keras.Input((1,), dtype="string"),
            words,
            keras.layers.Embedding(VOCABULARY, 128),
            keras.layers.Conv1D(64, 5, activation="relu"),
            keras.layers.GlobalMaxPooling1D(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


TASK = Task(
    title="Published: tweets, convolution",
    category=4,
    epochs=5,
    batch_size=BATCH_SIZE,
    metric="accuracy",
    thresholds=(0.6, 0.7, 0.8, 0.9, 0.95),
    x=ArraySpec(shape=(1,), dtype="string"),
    y=ArraySpec(shape=(1,), dtype="float32", low=0, high=1),
    load=load,
    build=build,
)
