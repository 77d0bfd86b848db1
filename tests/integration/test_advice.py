"""Where beginners trip: each fault is brought about in Keras itself, and gets one sentence."""

import json
import os
import subprocess
import sys

import pytest

from bench.campaign.sources import ROOT
from bench.worker.advice import advised

pytestmark = pytest.mark.native

TRIP = """
import json, os, sys
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import numpy as np
import tensorflow as tf

L = tf.keras.layers
x, y = np.zeros((32, 4), "float32"), np.arange(32) % 3


def model(units, loss, shape=(4,), last="softmax"):
    made = tf.keras.Sequential([tf.keras.Input(shape), L.Dense(units, activation=last)])
    made.compile("adam", loss=loss)
    return made


def unending():
    while True:
        yield x, y


sparse, plain = "sparse_categorical_crossentropy", "categorical_crossentropy"
FAULTS = {
    "words": lambda: model(3, sparse).fit(np.array([["a", "b", "c", "d"]] * 32), y),
    "objects": lambda: model(3, sparse).fit(np.array([[1, 2, 3, None]] * 32, dtype=object), y),
    "lists": lambda: model(3, sparse).fit([[1.0, 2.0, 3.0, 4.0]] * 32, y),
    "shape": lambda: model(3, sparse).fit(np.zeros((32, 5), "float32"), y),
    "fewer_labels": lambda: model(3, sparse).fit(x, y[:10]),
    "classes": lambda: model(2, sparse).fit(x, y),
    "one_unit": lambda: model(1, sparse, last=None).fit(x, y),
    "numbers_for_one_hot": lambda: model(3, plain).fit(x, y),
    "one_hot_for_numbers": lambda: model(3, sparse).fit(x, np.eye(3)[y]),
    "binary": lambda: model(3, "binary_crossentropy").fit(x, y),
    "not_compiled": lambda: tf.keras.Sequential([L.Dense(1)]).fit(x, y),
    "split_of_a_dataset": lambda: model(3, sparse).fit(
        tf.data.Dataset.from_tensor_slices((x, y)).batch(8), validation_split=0.2
    ),
    "unbatched": lambda: model(3, sparse).fit(tf.data.Dataset.from_tensor_slices((x, y))),
    "lr": lambda: tf.keras.optimizers.Adam(lr=0.1),
    "fit_generator": lambda: model(3, sparse).fit_generator(unending(), steps_per_epoch=2),
    "tokenizer": lambda: __import__("keras.preprocessing.text"),
    "predict_classes": lambda: model(3, sparse).predict_classes(x),
    "input": lambda: input("how many? "),
}
found = {}
for name, trip in FAULTS.items():
    try:
        trip()
    except BaseException as error:
        found[name] = [type(error).__name__, str(error)]
    else:
        found[name] = None
json.dump(found, open(sys.argv[1], "w"))
"""

SAID = {
    "words": "not numbers",
    "objects": "not numbers",
    "lists": "np.array",
    "shape": "compare x.shape",
    "unbatched": "batch",
    "fewer_labels": "as many labels",
    "classes": "as many units as there are classes",
    "one_unit": "as many units as there are classes",
    "numbers_for_one_hot": "sparse_categorical_crossentropy",
    "one_hot_for_numbers": "sparse_categorical_crossentropy",
    "binary": "binary_crossentropy",
    "not_compiled": "model.compile",
    "split_of_a_dataset": "validation_data",
    "lr": "learning_rate",
    "fit_generator": "model.fit",
    "tokenizer": "TextVectorization",
    "predict_classes": "argmax",
    "input": "nobody to ask",
}


@pytest.fixture(scope="module")
def tripped(tmp_path_factory) -> dict[str, list[str] | None]:
    """What Keras says of each fault; null where it says nothing."""
    out = tmp_path_factory.mktemp("tripped") / "found.json"
    done = subprocess.run(
        [sys.executable, "-c", TRIP, str(out)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(out.read_text())


@pytest.mark.parametrize("name", SAID)
def test_a_fault_that_beginners_make_gets_one_sentence(tripped, name):
    assert tripped[name] is not None, "Keras says nothing"
    kind, text = tripped[name]
    hint = advised(f"{kind}: {text}")
    assert hint is not None, text
    assert SAID[name] in hint, f"{hint!r} of {text}"
