"""What is asked of a script: a target, what it writes, going on, and what is shown of its runs."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from bench.campaign.engines import Launch, Ready
from bench.campaign.engines.docker.engine import KEPT, _settings
from bench.campaign.engines.native.engine import command
from bench.campaign.script import user_script
from bench.campaign.script_options import (
    check_keep,
    check_target,
    drop_empty,
    keeping_folder,
    of_script,
    resumed,
)
from bench.cli import progress
from bench.contract.events import Epoch, Noticed, Staged, Stepped, Wrote
from bench.contract.order import decode_order
from bench.errors import StoreError, UsageError
from bench.evidence.derive import target_seconds
from bench.evidence.record import Opened
from bench.evidence.rows import row
from bench.evidence.summaries import sentences
from builders import CAMPAIGN, MACHINE, environment, epoch, facts, limits, record, stage


def script(folder: Path, **changes: object):
    import dataclasses

    file = folder / "fashion_script.py"
    file.write_text("x = 1\n")
    return dataclasses.replace(user_script(file), **changes)


def launch(given) -> Launch:
    entry = environment()
    ready = Ready(environment=entry, facts=facts(entry), limits=limits())
    return Launch(
        run_id="r01", ready=ready, task=given.file.stem, seed=1, own=given.file, script=given
    )


# --- the target ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["accuracy>=0.9", "val_accuracy", "0.9"])
def test_what_is_no_target_is_one_line_with_two_examples(text):
    with pytest.raises(UsageError, match=r"val_accuracy>=0\.89"):
        check_target(text)
    assert check_target("val_accuracy>=0.89") == "val_accuracy>=0.89"
    assert check_target(None) is None


def test_the_time_to_a_target_is_that_of_the_first_epoch_that_held_it():
    """1 s of start, and the second epoch ended 11 s after the worker's start."""
    epochs = (epoch(0, score=0), epoch(1, score=5), epoch(2, score=0))
    aimed = replace(CAMPAIGN, target="val_accuracy>=0.8")
    found = record(epochs=epochs, campaign=aimed)

    assert target_seconds(found) == 12.0
    assert row(found)["target_seconds"] == 12.0
    assert "val_accuracy>=0.8 reached after 12 s" in sentences([found])[0]
    missed = record(epochs=(epoch(0, score=0), epoch(1, score=0)), campaign=aimed)
    assert target_seconds(missed) is None
    assert "val_accuracy>=0.8 not reached in 2 epochs" in sentences([missed])[0]
    assert target_seconds(record(epochs=epochs)) is None


# --- what it writes ------------------------------------------------------------------------------


def test_each_run_has_a_folder_of_its_own_open_to_the_container(tmp_path):
    given = script(tmp_path, keep=check_keep(tmp_path / "out"), target="val_loss<=1")

    settings = _settings(launch(given), None)

    folder = tmp_path / "out/r01"
    assert folder.stat().st_mode & 0o777 == 0o777
    [mount] = [one for one in settings["mounts"] if not one["ReadOnly"]]
    assert (mount["Source"], mount["Target"]) == (str(folder), KEPT)
    told = decode_order(settings["command"][0])
    assert (told.keep, told.target) == (KEPT, "val_loss<=1")
    assert decode_order(command(launch(given))[-1]).keep == str(folder)
    drop_empty(given, "r01")
    assert not folder.exists()


def test_without_keep_nothing_of_the_container_can_be_written(tmp_path):
    given = script(tmp_path)

    assert keeping_folder(given, "r01") is None
    assert all(one["ReadOnly"] for one in _settings(launch(given), None)["mounts"])


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        check_keep(tmp_path / "file/out")


# --- going on ------------------------------------------------------------------------------------


def test_a_script_goes_on_as_its_campaign_began(tmp_path):
    begun = script(tmp_path, steps=100, arguments=("--size", "5"), target="val_loss<=1")
    campaign = of_script(replace(CAMPAIGN, tasks=("fashion_script",)), begun)
    earlier = [record(campaign=campaign)]

    assert resumed(script(tmp_path), campaign, earlier) == begun
    with pytest.raises(UsageError, match="not of fashion_script"):
        resumed(script(tmp_path), CAMPAIGN, [])


def test_data_and_network_have_to_be_opened_again(tmp_path):
    campaign = replace(CAMPAIGN, tasks=("fashion_script",))
    with_data = [record(campaign=campaign, opened=Opened(data=("horses",)))]
    with pytest.raises(UsageError, match="--data PATH:horses: give the same"):
        resumed(script(tmp_path), campaign, with_data)
    open_one = [record(campaign=campaign, opened=Opened(network=True))]
    with pytest.raises(UsageError, match="begun with --network"):
        resumed(script(tmp_path), campaign, open_one)
    with pytest.raises(UsageError, match="begun without --network"):
        resumed(script(tmp_path, network=True), campaign, [record(campaign=campaign)])


# --- what is shown -------------------------------------------------------------------------------


@pytest.fixture
def shown(monkeypatch):
    """A progress of a script that is cut to 3 epochs a fit, and what it says in lines."""
    from bench.campaign.plan import plan

    said: list[str] = []
    monkeypatch.setattr(progress, "say", lambda text, **_: said.append(text))
    found = progress.Progress(plan(CAMPAIGN), [], MACHINE.id, 3)
    found.begins(plan(CAMPAIGN)[0])
    return found, said


def test_the_epochs_of_several_fits_are_counted_together_and_long_ones_by_step(shown):
    found, _ = shown
    found.on_event(Staged(stage=stage(0, epochs_wanted=12)))
    found.on_event(Epoch(epoch=epoch(0)))
    assert (found._view().epoch, found._view().epochs) == (1, 3)
    found.on_event(Staged(stage=stage(1, epochs_wanted=2)))
    found.on_event(Stepped(epoch=3, step=1200, steps=1875))
    assert (found._view().epochs, found._view().doing) == (5, "epoch 4: step 1,200 of 1,875")
    found.on_event(Stepped(epoch=3, step=1300, steps=None))
    assert found._view().doing == "epoch 4: step 1,300"
    found.on_event(Epoch(epoch=epoch(3)))
    assert not found._view().doing


def test_what_is_noticed_is_said_once_and_what_was_written_at_the_end(shown):
    found, said = shown
    for _ in range(2):
        found.on_event(Noticed(line=7, text="too few steps"))
    found.on_event(Wrote(files=("a\x1b[2J.h5",), count=3, size_bytes=1_500_000, kept=False))

    assert said == ["warn: fashion line 7: too few steps"]
    found.ends(record())
    assert "lost with its working folder: a\ufffd[2J.h5 and 2 more (1.5 MB); --keep DIR" in said[-1]
