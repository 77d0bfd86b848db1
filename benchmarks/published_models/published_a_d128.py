"""Fashion-MNIST with one layer of 128, as published: batch 32, 1,875 steps.

Arrays drawn at random stand for the pictures: of the same shape, type and number. Speed is all
that it is for; its score says nothing. Theirs did not validate: 32 examples are held out, and the
training alone is compared.
"""

from bench.contract.task import ArraySpec, Data, Task


def load(folder):
    """60,000 pictures of 28x28 to learn from, 32 held out."""
    import numpy as np

    draw = np.random.default_rng(7)
    x = draw.random((60032, 28, 28), dtype="float32")
    y = draw.integers(0, 10, 60032).astype("int32")
    return Data(train=(x[:60000], y[:60000]), held_out=(x[60000:], y[60000:]))


def build():
    """As published."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


TASK = Task(
    title="Published: dense 128",
    category=1,
    epochs=5,
    batch_size=32,
    metric="accuracy",
    thresholds=(0.6, 0.7, 0.8, 0.9, 0.95),
    x=ArraySpec(shape=(28, 28), dtype="float32", low=0, high=1),
    y=ArraySpec(shape=(), dtype="int32", low=0, high=9),
    load=load,
    build=build,
)
