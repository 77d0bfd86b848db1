# A time series in windows by tf.data, and a model of one's own class with its own train_step.
import numpy as np
import tensorflow as tf

series = np.sin(np.arange(200) / 5).astype("float32")
windows = tf.data.Dataset.from_tensor_slices(series).window(11, shift=1, drop_remainder=True)
windows = windows.flat_map(lambda w: w.batch(11, drop_remainder=True))
dataset = windows.map(lambda w: (w[:-1], w[-1:])).batch(32)


class Forecaster(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = tf.keras.layers.Dense(8, activation="relu")
        self.out = tf.keras.layers.Dense(1)

    def call(self, x):
        return self.out(self.inner(x))

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(y=y, y_pred=self(x, training=True))
        variables = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return {"loss": loss}


model = Forecaster()
model.compile(loss="mse", optimizer="adam")
model.fit(dataset, epochs=5)
