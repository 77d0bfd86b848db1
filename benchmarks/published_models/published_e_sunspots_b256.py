"""Sunspots through a convolution and two LSTMs, as published: batch 256, 12 steps.

Windows are cut by tf.data while training, as theirs were. They did not validate: one batch is
held out, and the training alone is compared. A drawn series stands for the spots; its score says
nothing.
"""

from bench.contract.task import ArraySpec, Data, Task

WINDOW, MONTHS, BATCH_SIZE, STEPS = 60, 3_000, 256, 12


def load(folder):
    """Batches of windows of 60 months, (n, 60, 1), each with the windows a month later."""
    import numpy as np
    import tensorflow as tf

    months = np.random.default_rng(7).gamma(1.5, 50.0, (MONTHS, 1)).astype("float32")

    def parted(window):
        window = tf.ensure_shape(window, (WINDOW + 1, 1))
        return window[:-1], window[1:]

    windows = tf.data.Dataset.from_tensor_slices(months)
    windows = windows.window(WINDOW + 1, shift=1, drop_remainder=True)
    windows = windows.flat_map(lambda window: window.batch(WINDOW + 1))
    pairs = windows.shuffle(1000).map(parted).batch(BATCH_SIZE).prefetch(1)
    one = pairs.take(1).apply(tf.data.experimental.assert_cardinality(1))
    return Data(train=pairs.apply(tf.data.experimental.assert_cardinality(STEPS)), held_out=one)


def build():
    """As published; a value for each month of a window."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((WINDOW, 1)),
            keras.layers.Conv1D(32, 5, padding="causal", activation="relu"),
            keras.layers.LSTM(64, return_sequences=True),
            keras.layers.LSTM(64, return_sequences=True),
            keras.layers.Dense(30, activation="relu"),
            keras.layers.Dense(10, activation="relu"),
            keras.layers.Dense(1),
            keras.layers.Rescaling(400.0),
        ]
    )
    falling = keras.optimizers.SGD(1e-6, momentum=0.9)
    model.compile(falling, loss=keras.losses.Huber(), metrics=["mae"])
    return model


TASK = Task(
    title="Published: sunspots, batches of 256",
    category=5,
    epochs=5,
    batch_size=BATCH_SIZE,
    metric="mae",
    thresholds=(80.0, 40.0, 20.0, 10.0, 5.0),
    x=ArraySpec(shape=(WINDOW, 1), dtype="float32"),
    y=ArraySpec(shape=(WINDOW, 1), dtype="float32"),
    load=load,
    build=build,
)
