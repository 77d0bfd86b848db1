"""Notebooks, further packages and own tasks with data, by the command that people type."""

import os
import shutil
from pathlib import Path

import pytest

from bench.campaign.environments import environment
from bench.campaign.setup import open_environment
from bench.campaign.sources import ROOT
from bench.contract.packages import FOLDERS
from bench.evidence.store import Store
from test_scripts import SCRIPTS, certbench, run_script

POINTS = "a,b,label\n" + "".join(f"{n % 7 - 3},{n % 5 - 2},{n % 2}\n" for n in range(64))


@pytest.fixture
def points(tmp_path) -> Path:
    path = tmp_path / "points.csv"
    path.write_text(POINTS)
    path.chmod(0o644)
    return path


@pytest.mark.docker
def test_a_notebook_with_magics_runs_unchanged_in_the_container(tmp_path, points):
    """Its drive, its plots, its displays, a function that needs its source: all as in a course."""
    data = ("--data", f"{points}:/content/drive/points.csv", "--epochs", "2")
    code, said, record = run_script("cpu", tmp_path, SCRIPTS / "lesson.ipynb", *data)
    assert code == 0, said
    assert (record.status, record.task.name, record.task.source) == ("ok", "lesson", "script")
    assert [e.held_out_metric is not None for e in record.epochs] == [True, True]
    assert record.task.epochs_wanted == 6
    out = said.split("left out of lesson.ipynb: ")[1].splitlines()[0]
    assert out.startswith("cell 1: !pip install -q tensorflow; cell 1: %matplotlib inline")
    assert "cell 6: !ls -la; cell 6: model.evaluate?" in out
    assert "--requirements" in said
    assert "AutoGraph could not" not in "\n".join(record.ending.stderr_tail)


PACKED = """import emoji
from certbench import epochs
assert emoji.__version__ == "2.14.0"
for epoch in epochs(2):
    pass
"""


@pytest.mark.docker
def test_packages_make_an_image_of_their_own_once(tmp_path, derived):
    (tmp_path / "packed.py").write_text(PACKED)
    (tmp_path / "needs.txt").write_text("emoji==2.14.0\ntensorflow>=2.19  # which is there\n")
    words = ("--requirements", str(tmp_path / "needs.txt"))
    before = derived()
    code, said, record = run_script("cpu", tmp_path, tmp_path / "packed.py", *words)
    assert code == 0, said
    [tag] = derived() - before
    assert record.environment.image == tag
    assert record.environment.isolated
    assert len(record.opened.packages) == 64
    shutil.rmtree(tmp_path / "results")
    code, said, again = run_script("cpu", tmp_path, tmp_path / "packed.py", *words)
    assert (code, again.environment.image_digest) == (0, record.environment.image_digest)
    assert "building" not in said


@pytest.mark.native
def test_natively_packages_lie_in_a_virtual_environment_beside_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "packed.py").write_text(PACKED)
    (tmp_path / "needs.txt").write_text("emoji==2.14.0\n")
    words = ("--requirements", str(tmp_path / "needs.txt"))
    code, said, record = run_script("native", tmp_path, tmp_path / "packed.py", *words)
    assert code == 0, said
    assert len(record.opened.packages) == 64
    (tmp_path / "needs.txt").write_text("numpy<2\n")
    code, said, records = certbench(
        tmp_path, "run", "--env", "native", "--script", "packed.py", *words
    )
    assert (code, len(records)) == (4, 1)
    assert "numpy<2 but this environment holds numpy==" in said


LOOK = """import importlib.util, sys
names = ("pandas", "scipy", "matplotlib", "sklearn")
print([name for name in names if importlib.util.find_spec(name)])
from bench.worker.packages import use_packages
use_packages()
import keras, pandas, scipy, matplotlib, sklearn, sys
print(keras.__version__, pandas.__version__, sklearn.__version__)
"""


@pytest.mark.docker
def test_our_own_tasks_never_see_what_is_there_for_users(engine):
    """Keras imports pandas where it finds it: their import would take longer than it did."""
    image = open_environment(environment("cpu"), ("line",), 60.0, print).ready.facts.image_digest
    said = engine.client.containers.run(
        image, ["-c", LOOK], entrypoint="python", network_mode="none", remove=True
    )
    first, second = said.decode().splitlines()
    assert (first, second) == ("[]", "3.13.2 3.1.1 1.9.1")


IDENTITY = """import tasks
from bench.contract.events import Built
from bench.contract.order import Order
from bench.worker import train
for name in tasks.names():
    wanted, said = train._wanted(Order(name=name, variant={"backend": "tensorflow"})), []
    with train._data_folder(wanted) as folder:
        digest = train._describe(wanted, folder, said.append)
        train._made(wanted, folder, digest, said.append)
    [built] = [event for event in said if isinstance(event, Built)]
    print(name, built.fingerprint)
"""


@pytest.mark.docker
def test_an_epoch_of_our_own_tasks_is_what_it_was_in_the_committed_campaign(engine):
    """Packages that are added for users split no pool."""
    image = open_environment(environment("cpu"), ("line",), 60.0, print).ready.facts.image_digest
    said = engine.client.containers.run(
        image, ["-c", IDENTITY], entrypoint="python", network_mode="none", remove=True
    )
    committed = Store(ROOT / "results").load_all()
    newest = max(record.campaign.id for record in committed)
    kept = {r.task.name: r.task.fingerprint for r in committed if r.campaign.id == newest}
    assert dict(line.split() for line in said.decode().splitlines()) == kept


OWN = """from bench.contract.task import ArraySpec, Data, Task
import shapes

def prepare(source, folder):
    (folder / "points.csv").write_bytes((source / "points.csv").read_bytes())

def load(folder):
    import pandas as pd
    import tensorflow as tf
    table = pd.read_csv("points.csv")
    assert (folder / "points.csv").is_file()
    x, y = table[["a", "b"]].astype("float32"), table["label"].astype("int32")
    return Data(train=(tf.constant(x), tf.constant(y)))

def build():
    import keras
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(shapes.CLASSES, "softmax")])
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["acc"])
    return model

def fit_settings():
    import keras
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=9)
    return {"callbacks": [stop], "class_weight": {0: 1.0, 1: 2.0}, "validation_split": 0.25}

TASK = Task(title="own", category=1, epochs=3, batch_size=8, metric="accuracy",
    thresholds=(0.1, 0.2, 0.3, 0.4, 0.5), prepare=prepare, load=load, build=build,
    fit_settings=fit_settings, x=ArraySpec(shape=(2,), dtype="float32"),
    y=ArraySpec(shape=(), dtype="int32", low=0, high=1))
"""
GENERATOR = (
    OWN.replace(
        "return Data(train=(tf.constant(x), tf.constant(y)))",
        """def batches():
        while True:
            yield x.to_numpy()[:8], y.to_numpy()[:8]
    return Data(train=batches(), held_out=batches())""",
    )
    .replace('"validation_split": 0.25', '"steps_per_epoch": 4, "validation_steps": 2')
    .replace('"class_weight": {0: 1.0, 1: 2.0}, ', "")
)


def train_own(place: str, folder: Path, text: str):
    (folder / "mine.py").write_text(text)
    (folder / "shapes.py").write_text("CLASSES = 2\n")
    words = ("--env", place, "--task", "./mine.py", "--data", "points.csv", "--repeats", "1")
    code, said, [record] = certbench(folder, "run", *words, "--results", "results")
    assert code == 0, said + str(record.detail)
    return record


@pytest.mark.docker
def test_an_own_task_has_data_siblings_tensors_and_settings_of_fit(tmp_path, points):
    record = train_own("cpu", tmp_path, OWN)
    assert (record.task.source, record.task.steps) == ("user-task", 6)
    assert record.stages[0].at_most
    assert record.opened.data == ("points.csv",)
    assert len(record.epochs) == 3


@pytest.mark.native
def test_an_own_task_may_give_generators(tmp_path, points):
    record = train_own("native", tmp_path, GENERATOR)
    assert (record.task.steps, record.stages[0].examples) == (4, None)
    assert record.result.score is not None


def test_the_variable_is_the_one_that_the_images_set():
    for recipe in ROOT.glob("Dockerfile*"):
        assert f"{FOLDERS}=/opt/certbench/packages" in recipe.read_text()
    assert os.environ.get(FOLDERS) is None
