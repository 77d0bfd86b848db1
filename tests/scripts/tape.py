# A loop of one's own with a gradient tape; the first lines are all that certbench asks for.
import tensorflow as tf

try:
    from certbench import epochs
except ImportError:
    epochs = range

x = tf.random.normal((64, 4))
y = tf.reduce_sum(x, axis=1, keepdims=True)
dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(16)
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
optimizer = tf.keras.optimizers.SGD(0.1)


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x) - y) ** 2)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


for epoch in epochs(6):
    for batch in dataset:
        loss = step(*batch)
    print(epoch, float(loss))
