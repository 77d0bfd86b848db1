# Horses or humans: images from a folder, through the generator that courses still teach.
import tensorflow as tf
from tensorflow.keras.preprocessing.image import ImageDataGenerator

train_datagen = ImageDataGenerator(rescale=1 / 255, horizontal_flip=True)
train_generator = train_datagen.flow_from_directory(
    "/tmp/horse-or-human/train", target_size=(32, 32), batch_size=8, class_mode="binary"
)
validation_datagen = ImageDataGenerator(rescale=1.0 / 255)
validation_generator = validation_datagen.flow_from_directory(
    "/tmp/horse-or-human/validation", target_size=(32, 32), batch_size=8, class_mode="binary"
)


class StopWhenGood(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs={}):
        if logs.get("accuracy") > 0.999:
            print("\nReached 99.9% accuracy so cancelling training!")
            self.model.stop_training = True


model = tf.keras.models.Sequential(
    [
        tf.keras.layers.Conv2D(4, (3, 3), activation="relu", input_shape=(32, 32, 3)),
        tf.keras.layers.MaxPooling2D(2, 2),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(
    loss="binary_crossentropy",
    optimizer=tf.keras.optimizers.RMSprop(learning_rate=0.001),
    metrics=["accuracy"],
)
history = model.fit(
    train_generator,
    steps_per_epoch=3,
    epochs=15,
    verbose=1,
    validation_data=validation_generator,
    callbacks=[StopWhenGood()],
)
model.save("horses.h5")
