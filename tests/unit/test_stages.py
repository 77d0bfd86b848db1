"""What a script's `fit` is told to do and what is told of it, without any framework."""

import sys
import types
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from bench.contract.events import Event, Monitored
from bench.contract.order import Order
from bench.contract.target import target_of
from bench.worker import lengths
from bench.worker.advice import notes
from bench.worker.checks import Stop
from bench.worker.clock import clock, monitored, stops_early, with_clock
from bench.worker.grading import Grading
from bench.worker.leavings import leave
from bench.worker.stages import Stages
from builders import stage

X, Y = np.zeros((96, 4)), np.zeros(96)


class Batches:
    """What Keras' `PyDataset` shows of itself."""

    def __len__(self) -> int:
        return 7

    def __getitem__(self, index: int) -> None:
        raise AssertionError("an example was read")


class Dataset:
    """What a `tf.data.Dataset` shows of itself."""

    def __init__(self, count: int) -> None:
        self._count = count

    def cardinality(self) -> int:
        return self._count


# --- what feeds a fit ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "steps", "examples", "validation"),
    [
        ({"x": X, "y": Y}, 3, 96, None),
        ({"x": X, "batch_size": 10}, 10, 96, None),
        ({"x": X, "batch_size": 16, "validation_split": 0.25}, 5, 72, 2),
        ({"x": {"a": X, "b": X}, "validation_data": ([X, X], Y)}, 3, 96, 3),
        ({"x": [X, X], "validation_data": (X, Y), "validation_batch_size": 96}, 3, 96, 1),
        ({"x": Batches(), "validation_data": Batches()}, 7, None, 7),
        ({"x": Dataset(5), "validation_data": Dataset(-2)}, 5, None, None),
        ({"x": Dataset(-1), "validation_data": Dataset(9), "validation_steps": 4}, None, None, 4),
        ({"x": iter([X])}, None, None, None),
    ],
)
def test_lengths_are_known_without_reading_an_example(settings, steps, examples, validation):
    size = lengths.batch_size_of(settings)

    assert lengths.own_steps_of(settings, size) == steps
    assert lengths.examples_of(settings, size) == examples
    assert lengths.validation_steps_of(settings, size) == validation


def test_only_arrays_have_keras_own_batch():
    assert lengths.batch_size_of({"x": X}) == lengths.batch_size_of({"x": [X]}) == 32
    assert lengths.batch_size_of({"x": Dataset(3)}) is None
    assert lengths.batch_size_of({"x": Batches()}) is None


# --- what is cut ---------------------------------------------------------------------------------


class Model:
    """A model whose fit runs through its callbacks as Keras does."""

    weights = ()
    built = False
    stop_training = False


def fitted(
    order: Order, logs: dict[str, float], *, does: int = 3, **settings: object
) -> tuple[list[Event], dict]:
    """What is told of one fit whose epochs do so many steps, and what Keras was asked for."""
    said: list[Event] = []
    asked: dict = {}
    stages = Stages(order, said.append, reader=Reader(), started=0.0)
    stages._fingerprint = lambda *_: "f" * 64  # which needs a real model

    def fit(
        self,
        *,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        callbacks=None,
        validation_data=None,
        validation_split=0.0,
        initial_epoch=0,
        steps_per_epoch=None,
        validation_steps=None,
    ):
        asked.update(epochs=epochs, steps=steps_per_epoch, validation_steps=validation_steps)
        [watching] = callbacks
        watching.set_params({"steps": steps_per_epoch})
        watching.on_train_begin()
        for epoch in range(initial_epoch, epochs):
            watching.on_epoch_begin(epoch)
            for batch in range(does if steps_per_epoch is None else steps_per_epoch):
                watching.on_train_batch_begin(batch)
                watching.on_train_batch_end(batch)
            watching.on_epoch_end(epoch, logs)

    stages.fit(fit, Model(), (), settings)
    return said, asked


class Reader:
    """Reads no counter."""

    def read(self, edge: str):
        from builders import reading

        return reading(edge, 0.0)


@pytest.fixture(autouse=True)
def keras(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Keras that has a base class of callbacks and nothing else."""

    class Callback:
        params: dict

        def set_params(self, params: dict) -> None:
            self.params = params

    callbacks = types.SimpleNamespace(Callback=Callback)
    monkeypatch.setitem(sys.modules, "keras", types.SimpleNamespace(callbacks=callbacks))
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)


def of(said: list[Event], tag: str) -> list:
    return [event for event in said if type(event).__name__ == tag]


def order(**changes: object) -> Order:
    return Order(name="mine", source="script", file=__file__, **changes)


def test_epochs_and_steps_are_cut_and_those_wanted_are_kept():
    said, asked = fitted(
        order(epochs=2, steps=2), {"loss": 1.0}, x=X, y=Y, epochs=9, validation_data=(X, Y)
    )

    assert asked == {"epochs": 2, "steps": 2, "validation_steps": 2}
    [found] = [event.stage for event in of(said, "Staged")]
    assert (found.epochs_wanted, found.steps, found.steps_wanted) == (9, 2, 3)
    assert found.validation_steps_wanted == 3
    assert [event.epoch.steps for event in of(said, "Epoch")] == [2, 2]


def test_a_fit_that_goes_on_wants_the_epochs_that_are_left():
    said, asked = fitted(order(epochs=2), {}, x=X, epochs=9, initial_epoch=4)

    assert asked["epochs"] == 6
    assert of(said, "Staged")[0].stage.epochs_wanted == 5
    assert len(of(said, "Epoch")) == 2


def test_steps_that_are_few_already_and_validation_of_unknown_length_stay():
    _, asked = fitted(order(steps=100), {}, x=X, epochs=2, validation_data=Dataset(-2))

    assert (asked["steps"], asked["validation_steps"]) == (None, None)


# --- the clock -----------------------------------------------------------------------------------


@dataclass
class Watching:
    told: list = field(default_factory=list)

    def settle(self) -> None:
        self.told.append("settle")

    def built(self, steps: int | None) -> None:
        self.told.append("built")

    def stepped(self, step: int) -> None:
        self.told.append(step)

    def ended(self, logs: dict, measured: object) -> None:
        self.told.append(measured)


def test_the_clock_waits_for_the_devices_at_each_edge_and_at_no_step():
    """An asynchronous backend hands work out and goes on; validation ends at two edges."""
    watching = Watching()
    ticking = clock(Model(), watching)
    ticking.on_epoch_begin(0)
    for batch in range(3):
        ticking.on_train_batch_begin(batch)
        ticking.on_train_batch_end(batch)
    ticking.on_test_begin()
    ticking.on_test_batch_end(1)
    ticking.on_test_end()
    ticking.on_epoch_end(0, {})

    assert watching.told[:3] == ["settle"] * 3
    [measured] = watching.told[3:]
    assert (measured.steps, measured.validation_steps) == (3, 2)


def test_the_steps_of_a_long_epoch_are_told_and_those_of_a_short_one_are_not(monkeypatch):
    from bench.worker import clock as module

    watching, now = Watching(), [0.0]
    monkeypatch.setattr(module.time, "perf_counter", lambda: now[0])
    ticking = clock(Model(), watching)
    ticking.on_epoch_begin(0)
    for batch in range(100):
        now[0] += 0.5
        ticking.on_train_batch_begin(batch)

    assert watching.told == [19, 39, 59, 79, 99]


class Course:
    """A callback as a course writes it."""

    def on_epoch_end(self, epoch, logs):
        if logs["accuracy"] > 0.95:
            self.model.stop_training = True


class Plain:
    monitor = "val_loss"


class Checkpoint:
    monitor = "val_acc"


def test_a_callback_that_may_end_the_fit_makes_its_epochs_a_most():
    assert stops_early(Course())
    assert stops_early([Plain(), Course()])
    assert not stops_early([Plain()])
    assert not stops_early(None)


def test_the_scripts_own_callbacks_stay_and_come_first():
    mine, ticking = Plain(), object()

    assert with_clock(None, ticking) == [ticking]
    assert with_clock(mine, ticking) == with_clock([mine], ticking) == [mine, ticking]


def test_a_metric_that_is_watched_goes_before_the_loss():
    assert monitored([Plain(), Checkpoint()]) == "val_acc"
    assert monitored([Plain()]) == "val_loss"
    assert monitored([Course()]) is None


# --- grading -------------------------------------------------------------------------------------


def graded(target: str | None, logs: dict[str, float], watched: str | None = None):
    said: list[Event] = []
    grading = Grading(target, said.append)
    grading.take(logs, watched)
    return grading.result, [event.metric for event in said if isinstance(event, Monitored)]


LOGS = {"loss": 0.5, "val_loss": 0.4, "val_acc": 0.9, "val_auc": 0.8}


def test_without_a_target_the_watched_metric_is_kept_by_its_name_and_nothing_is_graded():
    result, named = graded(None, LOGS, "val_auc")
    assert (result.metric, result.score, named) == (0.8, None, ["val_auc"])
    result, named = graded(None, LOGS)
    assert (result.metric, named) == (0.9, ["val_acc"])
    result, named = graded(None, {"loss": 1.0, "val_loss": 0.4})
    assert (result.metric, named) == (0.4, ["val_loss"])
    result, named = graded(None, {"loss": 1.0})
    assert (result.metric, named) == (None, [])


@pytest.mark.parametrize(
    ("target", "score"),
    [("val_acc>=0.9", 5), ("val_acc >= 0.91", 0), ("val_loss<=0.4", 5), ("val_loss<0.3", 0)],
)
def test_a_target_grades_all_or_nothing(target, score):
    assert graded(target, LOGS)[0].score == score


def test_a_target_that_no_epoch_logs_ends_the_run_with_the_names_there_are():
    with pytest.raises(Stop, match="nothing is called val_accuracy; there are: val_acc, val_auc"):
        graded("val_accuracy>=0.9", LOGS)
    grading = Grading("val_accuracy>=0.9", lambda _: None)
    grading.take({"loss": 1.0}, None)
    with pytest.raises(Stop, match="validation_data or validation_split"):
        grading.check()


@pytest.mark.parametrize(
    "text", ["accuracy>=0.9", "val_accuracy", "val_accuracy=0.9", "val_acc>=x", "val_acc>=nan", ""]
)
def test_what_is_no_target_is_none(text):
    assert target_of(text) is None


# --- what is hardly meant, and what is left behind -----------------------------------------------


def test_steps_that_do_not_make_the_set_are_noticed():
    found = stage(0, batch_size=32, examples=60_000)

    [said] = notes({"x": X, "steps_per_epoch": 100}, found)
    assert "3,200 of 60,000 examples" in said
    assert "give 1875" in said
    for fine in (1875, None):
        assert list(notes({"x": X, "steps_per_epoch": fine}, found)) == []


def test_an_epoch_without_data_ends_the_run_and_a_short_one_is_told():
    """A generator that ended gives Keras nothing for the epochs that follow; it trains on."""
    with pytest.raises(Stop, match="epoch 1 had no data"):
        fitted(order(), {}, x=iter([X]), epochs=2, does=0)
    said, _ = fitted(order(), {}, x=X, epochs=1, does=2)
    assert [event.text for event in of(said, "Noticed")] == [
        "an epoch had 2 of 3 steps, then its data ran out"
    ]


def test_labels_in_a_list_are_noticed():
    assert "np.array(y)" in next(notes({"x": X, "y": [0, 1]}, stage(0)))
    assert list(notes({"x": X, "y": [Y, Y]}, stage(0))) == []


def test_a_generator_without_steps_is_noticed():
    [said] = notes({"x": iter([X])}, stage(0, steps=None))
    assert "may be never" in said


def test_what_a_script_wrote_is_told_and_kept_where_that_was_asked_for(tmp_path: Path):
    folder, kept = tmp_path / "work", tmp_path / "kept"
    for name, size in (("model.keras", 2000), ("logs/a.txt", 10), ("__pycache__/a.pyc", 5)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x" * size)
    (folder / "mine.py").write_text("")
    (folder / "data").symlink_to(tmp_path)
    said: list[Event] = []

    leave(folder, folder / "mine.py", order(links={"data": str(tmp_path)}), said.append)
    leave(folder, folder / "mine.py", order(keep=str(kept)), said.append)

    lost, saved = said
    assert (lost.files, lost.count, lost.size_bytes) == (("model.keras", "logs/a.txt"), 2, 2010)
    assert (lost.kept, saved.kept) == (False, True)
    assert (kept / "logs/a.txt").read_bytes() == b"x" * 10
    assert (kept / "logs").stat().st_mode & 0o777 == 0o777
    assert sorted(path.name for path in kept.iterdir()) == ["logs", "model.keras"]


def test_a_full_disk_behind_what_is_kept_costs_no_run(tmp_path: Path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work/model.keras").write_text("x")
    (tmp_path / "file").write_text("in the way")
    said: list[Event] = []

    way = order(keep=str(tmp_path / "file"))
    leave(tmp_path / "work", tmp_path / "work/mine.py", way, said.append)

    assert "could not be kept" in said[0].text
