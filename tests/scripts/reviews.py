# Sentiment of texts with the TextVectorization layer, the successor of the Tokenizer.
import json

import numpy as np
import tensorflow as tf

vocab_size = 200
embedding_dim = 8
max_length = 16

with open("sarcasm.json") as f:
    datastore = json.load(f)
sentences = [item["headline"] for item in datastore]
labels = np.array([item["is_sarcastic"] for item in datastore])

training_sentences, testing_sentences = sentences[:48], sentences[48:]
training_labels, testing_labels = labels[:48], labels[48:]

vectorize = tf.keras.layers.TextVectorization(
    max_tokens=vocab_size, output_sequence_length=max_length
)
vectorize.adapt(training_sentences)
train = tf.data.Dataset.from_tensor_slices((training_sentences, training_labels)).batch(16)
test = tf.data.Dataset.from_tensor_slices((testing_sentences, testing_labels)).batch(16)
train = train.map(lambda text, label: (vectorize(text), label))
test = test.map(lambda text, label: (vectorize(text), label))

model = tf.keras.Sequential(
    [
        tf.keras.layers.Embedding(vocab_size, embedding_dim),
        tf.keras.layers.GlobalAveragePooling1D(),
        tf.keras.layers.Dense(24, activation="relu"),
        tf.keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(train, epochs=30, validation_data=test, verbose=2)
