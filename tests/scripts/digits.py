# A small convolutional network, as a course's first exercise writes it.
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(0)
x, y = rng.random((96, 28, 28, 1)).astype("float32"), rng.integers(0, 10, 96)


def solution_model():
    model = tf.keras.models.Sequential(
        [
            tf.keras.layers.Input(shape=(28, 28, 1)),
            tf.keras.layers.Conv2D(4, 3, activation="relu"),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["acc"])
    stop = tf.keras.callbacks.EarlyStopping(monitor="val_acc", patience=50)
    model.fit(x, y, 16, 12, validation_split=0.25, callbacks=[stop])
    model.evaluate(x, y)
    return model


if __name__ == "__main__":
    solution_model().save("mymodel.keras")
