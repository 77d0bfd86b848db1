"""A series through two LSTMs in both directions, as published: batch 32, 31 steps.

Windows are cut by tf.data while training, as theirs were. They did not validate: one batch is
held out, and the training alone is compared. A drawn series stands for theirs; its score says
nothing.
"""

from bench.contract.task import ArraySpec, Data, Task

WINDOW, POINTS, BATCH_SIZE, STEPS = 20, 1_000, 32, 31


def load(folder):
    """Batches of windows of 20 points, (n, 20, 1), each with the point that follows."""
    import numpy as np
    import tensorflow as tf

    points = np.random.default_rng(7).normal(50.0, 10.0, (POINTS, 1)).astype("float32")

    def parted(window):
        window = tf.ensure_shape(window, (WINDOW + 1, 1))
        return window[:-1], window[-1]

    windows = tf.data.Dataset.from_tensor_slices(points)
    windows = windows.window(WINDOW + 1, shift=1, drop_remainder=True)
    windows = windows.flat_map(lambda window: window.batch(WINDOW + 1))
    pairs = windows.shuffle(1000).map(parted).batch(BATCH_SIZE).prefetch(1)
    one = pairs.take(1).apply(tf.data.experimental.assert_cardinality(1))
    return Data(train=pairs.apply(tf.data.experimental.assert_cardinality(STEPS)), held_out=one)


def build():
    """As published."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((WINDOW, 1)),
            keras.layers.Bidirectional(keras.layers.LSTM(32, return_sequences=True)),
            keras.layers.Bidirectional(keras.layers.LSTM(32)),
            keras.layers.Dense(1),
            keras.layers.Rescaling(100.0),
        ]
    )
    model.compile(keras.optimizers.SGD(1e-6, momentum=0.9), loss="mse", metrics=["mae"])
    return model


TASK = Task(
    title="Published: 2 LSTMs in both directions",
    category=5,
    epochs=5,
    batch_size=BATCH_SIZE,
    metric="mae",
    thresholds=(16.0, 8.0, 4.0, 2.0, 1.0),
    x=ArraySpec(shape=(WINDOW, 1), dtype="float32"),
    y=ArraySpec(shape=(1,), dtype="float32"),
    load=load,
    build=build,
)
