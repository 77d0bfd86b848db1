# Transfer learning: a base with weights from a file, first frozen, then fine-tuned.
import keras
import numpy as np

x, y = np.random.rand(64, 16, 16, 3).astype("float32"), np.random.randint(0, 2, 64)
base = keras.Sequential(
    [
        keras.Input((16, 16, 3)),
        keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
        keras.layers.GlobalAveragePooling2D(),
    ]
)
base.load_weights("base.weights.h5")
base.trainable = False
model = keras.Sequential([base, keras.layers.Dense(1, activation="sigmoid")])
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x, y, epochs=4, validation_data=(x, y), verbose=0)
base.trainable = True
model.compile(loss="binary_crossentropy", optimizer="sgd", metrics=["accuracy"])
model.fit(x, y, epochs=9, initial_epoch=4, validation_data=(x, y), verbose=0)
model.save_weights("tuned.weights.h5")
