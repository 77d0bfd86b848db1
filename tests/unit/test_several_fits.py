"""A script with several fits: what an epoch is, and t = s + sum of n * e."""

import pytest
from msgspec.structs import replace

from bench.contract.events import Epoch
from bench.errors import UsageError
from bench.evidence import derive
from bench.evidence.fold import fold
from bench.evidence.record import Record
from bench.verdict.answer import answer
from bench.verdict.data import as_data
from bench.verdict.headline import headline
from bench.verdict.model import model_error
from bench.verdict.prices import load_prices
from bench.verdict.request import Request
from bench.verdict.table import pools, start_seconds
from builders import epoch, record, stage


def fits(*each: tuple[int, float, int], steps: int | None = None, **changes: object) -> Record:
    """A record with fits of (epochs done, steady seconds, epochs wanted).

    First epochs take 1 s more. Each validates for 0.5 s, which the seconds include. `steps` is the
    cut that was ordered.
    """
    epochs, stages = [], []
    for index, (done, seconds, wanted) in enumerate(each):
        facts = {"fingerprint": f"{index}" * 64, "steps": steps or 10} | changes
        stages.append(stage(index, epochs_wanted=wanted, **facts))
        for number in range(done):
            train = seconds - 0.5 + (1.0 if number == 0 else 0.0)
            epochs.append(replace(epoch(len(epochs), train), stage=index))
    fit = sum(e.train_seconds + e.validation_seconds for e in epochs)
    plain = record()
    task = replace(plain.task, source="script", epochs_wanted=sum(wanted for _, _, wanted in each))
    return replace(
        plain,
        campaign=replace(plain.campaign, steps=steps),
        task=replace(task, steps=stages[0].steps, steps_wanted=stages[0].steps_wanted),
        phases=replace(plain.phases, build=None, evaluate=None, fit=fit),
        stages=tuple(stages),
        epochs=tuple(epochs),
    )


def test_the_steady_epoch_is_that_of_the_fit_that_takes_longest_in_all():
    """20 epochs of 2 s are longer than 3 of 10 s."""
    assert derive.steady_epoch_seconds(fits((3, 10.0, 3), (3, 2.0, 20))) == 2.0


def test_all_epochs_wanted_take_the_sum_over_the_fits():
    """Wanted 2 epochs of 10 s and 18 of 2 s: 56 s, 2.8 s an epoch; the start pays 1 s a fit."""
    found = fits((2, 10.0, 2), (3, 2.0, 18))

    assert derive.mean_epoch_seconds(found) == pytest.approx(56 / 20)
    # the phases before are 1 + 2 + 0.5 s, and each of the two fits paid 1 s for its tracing
    assert start_seconds(found) == pytest.approx(3.5 + 2)


def test_the_model_gives_the_measured_total_back_whatever_was_wanted_of_each_fit():
    [pool] = pools([fits((2, 10.0, 2), (3, 2.0, 200))])

    assert model_error(pool) == pytest.approx(0)


def test_one_fit_is_known_as_any_task_is():
    """3 epochs of 2, 1 and 1.5 s and 0.5 s of validation each: the later two have 1.75 s."""
    assert derive.steady_epoch_seconds(record()) == derive.mean_epoch_seconds(record()) == 1.75
    assert derive.tracing_seconds(record()) == pytest.approx(2.5 - 1.75)


def test_cut_steps_are_made_whole_and_a_whole_validation_stays_as_it_is():
    """10 of 40 steps took 1.5 s, validation 0.5 s: a whole epoch takes 6.5 s."""
    found = fits((3, 2.0, 5), steps=10, steps_wanted=40)

    assert derive.mean_epoch_seconds(found) == pytest.approx(6.5)
    assert derive.steady_epoch_seconds(found) == pytest.approx(2.0)


def test_an_epoch_that_ran_short_counts_by_the_steps_that_it_did():
    """5 of 40 steps in 1.5 s, and 2 of 8 of validation in 0.5 s: 12 + 2 s."""
    cut = fits((3, 2.0, 5), steps=10, steps_wanted=40, validation_steps_wanted=8)
    short = [replace(one, steps=5, validation_steps=2) for one in cut.epochs]

    assert derive.mean_epoch_seconds(replace(cut, epochs=tuple(short))) == pytest.approx(14.0)


def test_no_epoch_is_whole_where_nothing_says_how_many_steps_it_has():
    assert derive.mean_epoch_seconds(fits((3, 2.0, 5), steps=10, steps_wanted=None)) is None


def test_a_fit_of_one_epoch_is_known_by_that_one():
    """One epoch of 11 s and 4 of 2 s: 19 s in all."""
    assert derive.mean_epoch_seconds(fits((1, 10.0, 1), (2, 2.0, 4))) == pytest.approx(19 / 5)


def test_without_a_second_epoch_nothing_is_steady():
    assert derive.steady_epoch_seconds(fits((1, 2.0, 1), (1, 2.0, 1))) is None


def test_fits_of_one_epoch_each_that_do_the_same_are_as_good_as_one_fit():
    """`for _ in range(4): model.fit(epochs=1)`: the last three are steady."""
    found = fits((1, 2.0, 1), (1, 2.0, 1), (1, 2.0, 1), (1, 2.0, 1), fingerprint="f" * 64)
    traced_once = [replace(one, train_seconds=1.5) for one in found.epochs[1:]]
    again = replace(found, epochs=(found.epochs[0], *traced_once))

    assert derive.steady_epoch_seconds(again) == 2.0
    assert derive.mean_epoch_seconds(again) == 2.0
    assert derive.tracing_seconds(again) == pytest.approx(1.0)


def test_steps_that_only_the_pass_could_tell_are_taken_from_the_epoch():
    draft = record(epochs=(), stages=())
    script = replace(draft.task, source="script", steps=None, steps_wanted=None)
    said = [Epoch(epoch=replace(epoch(0), steps=63))]

    kept = fold(replace(draft, task=script), said, draft.ending, 1.0).task
    assert (kept.steps, kept.steps_wanted) == (63, 63)

    cut = replace(draft, task=script, campaign=replace(draft.campaign, steps=63))
    kept = fold(cut, said, draft.ending, 1.0).task
    assert (kept.steps, kept.steps_wanted) == (63, None)


def decided(found: Record, **asked: object):
    request = Request(task=found.task.name, **asked)
    return answer([found], found.machine.id, load_prices(), request)


def test_the_verdict_says_what_it_rests_on_and_that_it_may_be_less():
    found = decided(fits((3, 2.0, 20), steps=100, steps_wanted=1875, at_most=True))

    assert "at most 20 epochs (basis: 100 of 1,875 steps of an epoch)" in headline(found)
    [job] = as_data(found)["jobs"]
    assert (job["epochs_at_most"], job["basis_of_an_epoch"]) == (True, "100 of 1,875 steps")
    assert "100 of 1,875 steps" in job["options"][0]["origins"][0]["text"]


def test_a_number_of_epochs_that_was_asked_for_is_that_number():
    found = decided(fits((3, 2.0, 20), at_most=True), epochs=50)

    assert "50 epochs" in headline(found)
    assert "at most" not in headline(found)
    assert as_data(found)["jobs"][0]["basis_of_an_epoch"] is None


def test_steps_of_an_unknown_number_are_no_answer_and_the_reason_is_said():
    with pytest.raises(UsageError, match=r"cut to 100 steps .* run it without --steps"):
        decided(fits((3, 2.0, 20), steps=100, steps_wanted=None))
