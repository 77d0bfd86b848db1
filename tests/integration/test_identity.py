"""Two models have one fingerprint exactly where an epoch of them does the same work."""

import importlib.util
import itertools
import sys

import pytest

from bench.worker import identity
from bench.worker.identity import Work, asked_settings, fingerprint, imported_beside, looks

pytestmark = [
    pytest.mark.native,
    pytest.mark.skipif(
        importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed here"
    ),
]


def model(*, activation="relu", l2=0.01, dropout=0.1, rate=0.001, beta=0.9, loss="mse", **compiled):
    """A small model; each argument is one thing that an epoch depends on."""
    import keras
    from keras import layers

    built = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(4, activation=activation, kernel_regularizer=keras.regularizers.L2(l2)),
            layers.Dropout(dropout),
            layers.Dense(1),
        ]
    )
    built.compile(keras.optimizers.Adam(rate, beta_1=beta), loss=loss, **compiled)
    return built


def arrays(examples=8, dtype="float32"):
    import numpy as np

    return np.zeros((examples, 3), dtype), np.zeros((examples, 1), "float32")


def of(built=None, *, data=None, **changes) -> str:
    given = {
        "model": built or model(),
        "data": {"train": data or arrays(), "held out": arrays()},
        "batch_size": 4,
        "steps": 2,
        "variant": {"backend": "tensorflow"},
        "files": {"data": "d"},
    }
    return fingerprint(Work(**given | changes))


def asked(**compiled):
    with asked_settings():
        return model(**compiled)


CHANGES = {
    "nothing": of,
    "activation": lambda: of(model(activation="tanh")),
    "regulariser": lambda: of(model(l2=0.02)),
    "dropout": lambda: of(model(dropout=0.8)),
    "learning rate": lambda: of(model(rate=0.002)),
    "optimizer setting": lambda: of(model(beta=0.8)),
    "loss": lambda: of(model(loss="mae")),
    "loss weights": lambda: of(model(loss_weights=[2.0])),
    "eager": lambda: of(model(run_eagerly=True)),
    "jit": lambda: of(asked(jit_compile=True)),
    "steps per execution": lambda: of(asked(steps_per_execution=4)),
    "ten times the data": lambda: of(data=arrays(80)),
    "another dtype": lambda: of(data=arrays(8, "float64")),
    "batch size": lambda: of(batch_size=8),
    "steps": lambda: of(steps=1),
    "variant": lambda: of(variant={"backend": "jax"}),
    "files": lambda: of(files={"data": "e"}),
}


def test_one_thing_changed_at_a_time_is_seen():
    found = {name: make() for name, make in CHANGES.items()}

    alike = [pair for pair in itertools.combinations(found, 2) if found[pair[0]] == found[pair[1]]]
    assert alike == []


def test_the_same_model_made_again_agrees_whatever_keras_calls_its_layers():
    assert of(model()) == of(model())


def test_auto_stays_auto_whatever_the_device_makes_of_it():
    """On a processor Keras resolves `jit_compile="auto"` to False, on a GPU to True."""
    on_cpu, on_gpu = asked(), asked()
    on_gpu._compile_config.config["jit_compile"] = True

    assert of(on_cpu) == of(on_gpu)
    assert of(on_cpu) != of(asked(jit_compile=False))


def test_the_policy_of_a_layer_and_of_the_program_is_seen():
    import keras

    plain = of(model())
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        assert of(model()) != plain
    finally:
        keras.config.set_dtype_policy("float32")


def split(seed):
    """Two rounds of one task: an unseeded split, an augmentation, a vocabulary that was learned."""
    import keras
    import numpy as np
    from keras import layers

    keras.utils.set_random_seed(seed)
    order = np.random.default_rng(seed).permutation(20)
    words = layers.TextVectorization(100, output_sequence_length=3)
    words.adapt([f"w{n}" for n in order[:10]])
    built = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.RandomFlip(),
            layers.RandomRotation(0.1),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    built.compile("adam", loss="mse")
    images = np.random.default_rng(seed).random((10, 8, 8, 3))
    return built, {"train": (images, order[:10]), "held out": (images, order[10:])}, words


def test_rounds_with_an_unseeded_split_and_random_augmentation_agree():
    (a, data_a, words_a), (b, data_b, words_b) = split(1), split(2)

    assert of(a, data=data_a["train"]) == of(b, data=data_b["train"])
    layer = {"class_name": "TextVectorization"}
    assert identity.canonical({**layer, "config": words_a.get_config()}) == identity.canonical(
        {**layer, "config": words_b.get_config()}
    )


def functional(factor):
    import keras

    x = keras.Input((3,))
    y = keras.layers.Dense(1)(keras.ops.sqrt(x + factor))
    built = keras.Model(x, y)
    built.compile("sgd", loss="mse")
    return built


def test_a_functional_model_with_operations_is_known_by_its_graph():
    assert of(functional(1.0)) == of(functional(1.0))
    assert of(functional(1.0)) != of(functional(2.0))


def test_a_lambda_counts_by_its_name_and_its_file(tmp_path):
    """Bytecode differs between versions of Python; the file's bytes do not."""
    import keras

    def with_lambda(function):
        built = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(function)])
        built.compile("sgd", loss="mse")
        return built

    file, other = tmp_path / "mine.py", tmp_path / "other.py"
    file.write_text("x * 2")
    other.write_text("x * 3")
    twice, thrice = with_lambda(lambda x: x * 2), with_lambda(lambda x: x * 3)

    assert of(twice, source=file) == of(thrice, source=file)
    assert of(twice, source=file) != of(thrice, source=other)
    assert of(model(), source=file) == of(model(), source=other)


def test_a_model_that_says_nothing_of_itself_is_known_by_layers_weights_and_train_step():
    import keras

    class Mine(keras.Model):
        def __init__(self, units):
            super().__init__()
            self.inner = keras.layers.Dense(units)

        def call(self, x):
            return self.inner(x)

        def get_config(self):
            raise NotImplementedError

    class Stepping(Mine):
        def train_step(self, data):
            return {}

    def made(kind, units):
        built = kind(units)
        built.compile("sgd", loss="mse")
        built(arrays()[0])
        return of(built)

    assert made(Mine, 2) == made(Mine, 2)
    assert len({made(Mine, 2), made(Mine, 3), made(Stepping, 2)}) == 3


def test_data_are_known_by_their_looks_alone():
    import numpy as np
    import tensorflow

    batches = tensorflow.data.Dataset.from_tensor_slices(arrays()).batch(4)

    assert looks(batches) == looks(batches.shuffle(8))
    assert looks(batches) != looks(batches.repeat(2))
    assert looks((np.zeros(3), np.ones(3))) == looks((np.ones(3), np.zeros(3)))
    assert looks(np.zeros(3)) != looks(np.zeros(4))


def test_a_users_file_counts_with_what_it_imports_from_beside_itself(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    file, sibling = tmp_path / "mine.py", tmp_path / "layers_of_mine.py"
    file.write_text("import layers_of_mine")
    sibling.write_text("UNITS = 3")
    (tmp_path / "unrelated.py").write_text("")
    alone = imported_beside(file)
    importlib.import_module("layers_of_mine")
    before = imported_beside(file)
    sibling.write_text("UNITS = 4")

    assert alone.keys() == {"."}
    assert before.keys() == {".", "layers_of_mine.py"}
    assert imported_beside(file) != before
    del sys.modules["layers_of_mine"]


def test_a_file_counts_by_its_bytes_under_any_name(tmp_path):
    one, other = tmp_path / "a" / "mine.py", tmp_path / "b" / "renamed.py"
    for path in (one, other):
        path.parent.mkdir()
        path.write_text("TASK = 1")

    assert imported_beside(one) == imported_beside(other)
