# An exam's file: five categories, each with a solution_model() of its own.
import numpy as np
import tensorflow as tf


def category_1():
    def solution_model():
        xs = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0], dtype=float)
        ys = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], dtype=float)
        model = tf.keras.Sequential([tf.keras.layers.Dense(units=1, input_shape=[1])])
        model.compile(optimizer="sgd", loss="mean_squared_error")
        model.fit(xs, ys, epochs=100, verbose=0)
        return model

    return solution_model()


def category_2():
    def solution_model():
        (x, y), (x_test, y_test) = tf.keras.datasets.fashion_mnist.load_data()
        x, y, x_test, y_test = x[:256] / 255.0, y[:256], x_test[:64] / 255.0, y_test[:64]
        model = tf.keras.Sequential(
            [tf.keras.layers.Flatten(), tf.keras.layers.Dense(10, activation="softmax")]
        )
        model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(x, y, epochs=5, validation_data=(x_test, y_test))
        return model

    return solution_model()


def category_3():
    def solution_model():
        x, y = np.random.rand(32, 16, 16, 3), np.eye(3)[np.random.randint(0, 3, 32)]
        model = tf.keras.Sequential(
            [
                tf.keras.layers.Conv2D(4, 3, activation="relu", input_shape=(16, 16, 3)),
                tf.keras.layers.Flatten(),
                tf.keras.layers.Dense(3, activation="softmax"),
            ]
        )
        model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["acc"])
        model.fit(x, y, epochs=20, validation_split=0.25, class_weight={0: 1.0, 1: 2.0, 2: 1.0})
        return model

    return solution_model()


def category_4():
    def solution_model():
        padded = np.random.randint(0, 50, (64, 12))
        labels = np.random.randint(0, 2, 64)
        model = tf.keras.Sequential(
            [
                tf.keras.layers.Embedding(50, 8),
                tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(4)),
                tf.keras.layers.Dense(1, activation="sigmoid"),
            ]
        )
        model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
        stop = tf.keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=5)
        model.fit(padded, labels, epochs=30, validation_split=0.25, callbacks=[stop])
        return model

    return solution_model()


def category_5():
    def solution_model():
        series = np.sin(np.arange(120) / 5).astype("float32")
        dataset = tf.keras.utils.timeseries_dataset_from_array(
            series[:-10], series[10:], sequence_length=10, batch_size=16
        )
        model = tf.keras.Sequential(
            [
                tf.keras.layers.Reshape((10, 1)),
                tf.keras.layers.Conv1D(4, 3, activation="relu"),
                tf.keras.layers.Flatten(),
                tf.keras.layers.Dense(1),
            ]
        )
        model.compile(loss="mae", optimizer="adam")
        model.fit(dataset, epochs=50, verbose=0)
        return model

    return solution_model()


if __name__ == "__main__":
    for number, make in enumerate([category_1, category_2, category_3, category_4, category_5], 1):
        make().save(f"category{number}.h5" if number > 1 else "mymodel.keras")
