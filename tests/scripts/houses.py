# A table from a CSV file, read as the standard library reads it, with a normalising layer.
import csv

import numpy as np
import tensorflow as tf

with open("houses.csv") as csvfile:
    reader = csv.DictReader(csvfile)
    rows = [[float(value) for value in row.values()] for row in reader]
table = np.array(rows, dtype="float32")
features, prices = table[:, :-1], table[:, -1]
split = int(len(features) * 0.8)

normalizer = tf.keras.layers.Normalization(axis=-1)
normalizer.adapt(features[:split])

model = tf.keras.Sequential([normalizer, tf.keras.layers.Dense(8), tf.keras.layers.Dense(1)])
model.compile(loss="mean_absolute_error", optimizer=tf.keras.optimizers.Adam(0.1))
history = model.fit(
    features[:split],
    prices[:split],
    epochs=100,
    verbose=0,
    validation_data=(features[split:], prices[split:]),
    callbacks=[tf.keras.callbacks.EarlyStopping(patience=10)],
)
print(model.predict(features[split:]).mean())
