# Transfer learning: a frozen base, then the same model fine-tuned.
import keras
import numpy as np

x, y = np.random.rand(64, 8).astype("float32"), np.random.randint(0, 2, 64)
base = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(16, activation="relu")])
base.trainable = False
model = keras.Sequential([base, keras.layers.Dense(1, activation="sigmoid")])
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x, y, epochs=4, validation_data=(x, y), verbose=0)
base.trainable = True
model.compile(loss="binary_crossentropy", optimizer="sgd", metrics=["accuracy"])
model.fit(x, y, epochs=9, initial_epoch=4, validation_data=(x, y), verbose=0)
