# A time series in windows by tf.data, and an LSTM.
import numpy as np
import tensorflow as tf

series = np.sin(np.arange(240) / 5).astype("float32")
split_time = 200
x_train, x_valid = series[:split_time], series[split_time:]
window_size, batch_size, shuffle_buffer_size = 10, 32, 100


def windowed_dataset(series, window_size, batch_size, shuffle_buffer):
    dataset = tf.data.Dataset.from_tensor_slices(series)
    dataset = dataset.window(window_size + 1, shift=1, drop_remainder=True)
    dataset = dataset.flat_map(lambda window: window.batch(window_size + 1))
    dataset = dataset.shuffle(shuffle_buffer)
    dataset = dataset.map(lambda window: (window[:-1], window[-1]))
    return dataset.batch(batch_size).prefetch(1)


train_set = windowed_dataset(x_train, window_size, batch_size, shuffle_buffer_size)
valid_set = windowed_dataset(x_valid, window_size, batch_size, shuffle_buffer_size)

model = tf.keras.models.Sequential(
    [
        tf.keras.layers.Reshape((window_size, 1), input_shape=[window_size]),
        tf.keras.layers.LSTM(4),
        tf.keras.layers.Dense(1),
    ]
)
model.compile(loss=tf.keras.losses.Huber(), optimizer="sgd", metrics=["mae"])
history = model.fit(train_set, epochs=5, validation_data=valid_set)
