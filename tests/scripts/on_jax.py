# Keras on JAX, chosen by the script itself.
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np

x = np.random.rand(512, 32).astype("float32")
y = (x.sum(axis=1) > 16).astype("int32")
model = keras.Sequential([keras.layers.Dense(64, activation="relu"), keras.layers.Dense(2)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile("adam", loss=loss, metrics=["accuracy"])
model.fit(x, y, epochs=20, validation_split=0.25, verbose=0)
