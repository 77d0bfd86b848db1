"""What a task's own file gives is made into what Keras' fit takes."""

import numpy as np
import pandas as pd
import pytest

from bench.contract.task import ArraySpec, Data, Task
from bench.worker.checks import Stop, check_data
from bench.worker.clock import Measured
from bench.worker.feeding import feed
from bench.worker.learning import epoch_facts

X, Y = np.zeros((10, 2), "float32"), np.arange(10, dtype="int32") % 2


def task(metric: str = "accuracy", **settings: object) -> Task:
    return Task(
        title="t",
        category=1,
        epochs=1,
        batch_size=2,
        metric=metric,
        thresholds=(0.1, 0.2, 0.3, 0.4, 0.5),
        x=ArraySpec(shape=(2,), dtype="float32", low=0, high=1),
        y=ArraySpec(shape=(), dtype="int32", low=0, high=1),
        load=lambda folder: Data(train=None, held_out=None),
        build=lambda: None,
        fit_settings=lambda: settings,
    )


def test_a_task_that_says_nothing_is_fed_as_it_is():
    fed = feed(task(), Data(train=(X, Y), held_out=(X, Y)))
    assert fed.settings == {}
    assert fed.data.train[0] is X
    assert (fed.steps, fed.stops_early) == (5, False)


def test_a_validation_split_holds_the_last_part_out():
    fed = feed(task(validation_split=0.25), Data(train=(X, Y)))
    assert [len(side[0]) for side in (fed.data.train, fed.data.held_out)] == [7, 3]
    assert list(fed.data.held_out[1]) == list(Y[7:])
    assert (fed.settings, fed.steps) == ({}, 4)


def test_frames_and_lists_become_arrays():
    frame = pd.DataFrame(X, columns=["a", "b"])
    fed = feed(task(), Data(train=[frame, pd.Series(Y)], held_out=(X, Y.tolist())))
    check_data(task(), Data(train=fed.data.train, held_out=(X, Y)))
    assert isinstance(fed.data.held_out[1], np.ndarray)


def batches():
    while True:
        yield X[:2], Y[:2]


def test_a_generator_needs_to_know_how_long_an_epoch_is():
    with pytest.raises(Stop, match="as steps_per_epoch"):
        feed(task(), Data(train=batches(), held_out=(X, Y)))
    with pytest.raises(Stop, match="as validation_steps"):
        feed(task(steps_per_epoch=3), Data(train=batches(), held_out=batches()))
    fed = feed(task(steps_per_epoch=3), Data(train=batches(), held_out=(X, Y)))
    check_data(task(), fed.data)
    assert fed.steps == 3


@pytest.mark.parametrize(
    ("settings", "data", "said"),
    [
        ({"epochs": 3}, Data(train=(X, Y), held_out=(X, Y)), "fit_settings gives epochs"),
        ({}, Data(train=(X, Y)), "held_out is None"),
        ({"validation_split": 0.2}, Data(train=(X, Y), held_out=(X, Y)), "in place of held_out"),
        ({"validation_split": 2}, Data(train=(X, Y)), "between 0 and 1"),
    ],
)
def test_what_does_not_go_together_is_one_line(settings, data, said):
    with pytest.raises(Stop, match=said):
        feed(task(**settings), data)


def test_early_stopping_is_seen():
    class EarlyStopping:
        pass

    class Mine(EarlyStopping):
        pass

    data = Data(train=(X, Y), held_out=(X, Y))
    assert feed(task(callbacks=[object(), Mine()]), data).stops_early
    assert not feed(task(callbacks=[object()]), data).stops_early


@pytest.mark.parametrize(
    ("metric", "logged"),
    [("accuracy", "acc"), ("accuracy", "sparse_categorical_accuracy"), ("mse", "MSE")],
)
def test_a_metric_goes_by_its_other_names(metric, logged):
    times = Measured(train_seconds=1, validation_seconds=1, processor_seconds=1, ended=1)
    logs = {"loss": 1.0, "val_loss": 1.0, logged: 0.1, f"val_{logged}": 0.3}
    assert epoch_facts(task(metric), 0, logs, times, 0.0).held_out_metric == 0.3
    with pytest.raises(Stop, match="graded by"):
        epoch_facts(task("mae"), 0, logs, times, 0.0)
