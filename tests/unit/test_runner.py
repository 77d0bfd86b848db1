"""A campaign ends every started run with a record, whatever happens."""

import errno
import os
from pathlib import Path

import msgspec
import pytest

from bench.campaign import journal, runner
from bench.campaign.plan import missing, plan
from bench.campaign.runner import Job, Started, execute, run_campaign
from bench.contract.events import PROTOCOL, Epoch, Failed, Handshake
from bench.contract.order import Order, decode_order, encode_order
from bench.errors import EngineError, Interrupted, StoreError
from bench.evidence.record import Ending, Record
from bench.evidence.store import Store
from builders import CAMPAIGN, MACHINE, FakeEngine, Silent, environment, epoch, record, story


def job(engine: FakeEngine, *, gpu: bool = False, **campaign: object) -> Job:
    planned = msgspec.structs.replace(CAMPAIGN, **campaign)
    entries = {name: environment(name, gpu=gpu) for name in planned.environments}
    return Job(
        campaign=planned,
        machine=MACHINE,
        runs=plan(planned),
        environments={
            name: Started(engine=engine, ready=engine.ready(entry, 60.0))
            for name, entry in entries.items()
        },
    )


def only_record(engine: FakeEngine, store: Store) -> Record:
    [record] = run_campaign(job(engine), store, Silent())
    return record


def dead(exit_code: int | None = 1, *, oom: bool = False, late: bool = False) -> Ending:
    return Ending(exit_code=exit_code, oom_killed=oom, timed_out=late, stderr_tail=("last words",))


def test_a_run_that_goes_well_leaves_an_ok_record_and_no_journal(tmp_path: Path) -> None:
    store = Store(tmp_path)

    record = only_record(FakeEngine(), store)

    assert (record.status, record.reasons, record.result.score) == ("ok", (), 5)
    assert record.phases.start == 1.0
    assert record.phases.check == pytest.approx(0.3)
    assert store.load_all() == (record,)
    assert list(journal.folder(store).iterdir()) == []


@pytest.mark.parametrize(
    ("ending", "status", "reason"),
    [
        (dead(137, oom=True), "oom", "oom"),
        (dead(137, late=True), "timeout", "timeout"),
        (dead(137), "failed", "killed"),
        (dead(3), "failed", "exit-3"),
        (dead(0), "failed", "no-result"),
    ],
)
def test_a_worker_that_dies_half_way_leaves_its_epochs_and_its_reason(
    tmp_path: Path, ending: Ending, status: str, reason: str
) -> None:
    engine = FakeEngine([Handshake(protocol=PROTOCOL), Epoch(epoch=epoch(0, 1.5))], ending)

    record = only_record(engine, Store(tmp_path))

    assert (record.status, record.reasons) == (status, (reason,))
    assert [e.train_seconds for e in record.epochs] == [1.5]
    assert record.ending.stderr_tail == ("last words",)


def test_an_exception_inside_is_kept_with_its_message(tmp_path: Path) -> None:
    said = Failed(code="exception", message="ValueError: no")

    record = only_record(FakeEngine([Handshake(protocol=PROTOCOL), said], dead()), Store(tmp_path))

    assert (record.status, record.reasons, record.detail) == (
        "failed",
        ("exception",),
        "ValueError: no",
    )


def test_a_gpu_that_was_not_used_is_rejected_and_kept(tmp_path: Path) -> None:
    said = Failed(code="gpu-not-used", message="trains on the processor")

    record = only_record(FakeEngine([Handshake(protocol=PROTOCOL), said], dead()), Store(tmp_path))

    assert (record.status, record.reasons) == ("rejected", ("gpu-not-used",))


def test_another_protocol_asks_for_a_new_image(tmp_path: Path) -> None:
    record = only_record(FakeEngine([Handshake(protocol=PROTOCOL + 1)]), Store(tmp_path))

    assert (record.status, record.reasons) == ("failed", ("protocol",))
    assert "certbench build" in record.detail


def test_a_worker_that_says_nonsense_ends_its_run_and_not_the_campaign(tmp_path: Path) -> None:
    store = Store(tmp_path)

    records = run_campaign(job(FakeEngine([b"Trace\x1b[2Jback"]), rounds=2), store, Silent())

    assert [(r.status, r.reasons) for r in records] == [("failed", ("protocol",))] * 2
    assert all("no event" in r.detail and r.detail.isprintable() for r in records)
    assert store.load_all() == records


def test_ctrl_c_leaves_an_interrupted_record_with_the_epochs_so_far(tmp_path: Path) -> None:
    store = Store(tmp_path)
    engine = FakeEngine(
        [Handshake(protocol=PROTOCOL), Epoch(epoch=epoch(0))], raises=KeyboardInterrupt()
    )

    with pytest.raises(Interrupted, match="--resume"):
        only_record(engine, store)

    [record] = store.load_all()
    assert (record.status, len(record.epochs)) == ("interrupted", 1)


def test_an_engine_that_goes_away_leaves_a_failed_record(tmp_path: Path) -> None:
    store = Store(tmp_path)

    with pytest.raises(EngineError):
        only_record(FakeEngine(raises=EngineError("the engine went away")), store)

    [record] = store.load_all()
    assert (record.status, record.reasons) == ("failed", ("engine",))


def test_a_killed_command_is_recovered_from_its_journal(tmp_path: Path) -> None:
    """After `kill -9` there is only the journal; the next campaign makes the record from it."""
    store = Store(tmp_path)
    killed = FakeEngine([Handshake(protocol=PROTOCOL), Epoch(epoch=epoch(0))], raises=SystemExit())
    with pytest.raises(SystemExit):
        only_record(killed, store)
    [path] = journal.folder(store).iterdir()
    with path.open("ab") as file:
        file.write(b'{"event":"epoch","epo')
    assert store.load_all() == ()

    [record] = journal.recover(store).records

    assert (record.status, record.reasons, len(record.epochs)) == ("interrupted", ("killed",), 1)
    assert store.load_all() == (record,)
    assert journal.recover(store) == journal.Recovered()


def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path: Path, monkeypatch) -> None:
    """The record cannot be written, so the journal stays for the next campaign."""
    store = Store(tmp_path)
    monkeypatch.setattr(os, "link", _full)

    with pytest.raises(StoreError, match="free some space"):
        only_record(FakeEngine(), store)

    monkeypatch.undo()
    assert store.load_all() == ()
    [record] = journal.recover(store).records
    assert (record.status, len(record.epochs)) == ("ok", 2)
    assert record.ending.exit_code == 0


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_rounds_come_one_after_the_other_and_environments_of_a_task_side_by_side() -> None:
    campaign = msgspec.structs.replace(
        CAMPAIGN, environments=("cpu", "colab-like"), tasks=("line", "fashion", "solids"), rounds=2
    )

    runs = plan(campaign)

    assert [run.order for run in runs] == list(range(1, 13))
    assert [run.round for run in runs] == [1] * 6 + [2] * 6
    assert [run.seed for run in runs] == [1] * 6 + [2] * 6
    for first, second in zip(runs[::2], runs[1::2], strict=True):
        assert first.task == second.task
        assert {first.environment, second.environment} == {"cpu", "colab-like"}
    assert len({run.id for run in runs}) == 12


def test_the_plan_of_a_campaign_is_always_the_same() -> None:
    campaign = msgspec.structs.replace(CAMPAIGN, tasks=("line", "fashion", "solids", "glosses"))

    assert plan(campaign) == plan(campaign)


def test_resuming_runs_what_is_missing_and_what_was_interrupted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    todo = job(FakeEngine(), rounds=3)
    first, second, third = todo.runs
    done = execute(todo, first, store, Silent())
    with pytest.raises(Interrupted):
        execute(job(FakeEngine(raises=KeyboardInterrupt()), rounds=3), second, store, Silent())
    cut = store.load(store.runs / f"{second.id}.json")

    again = missing(todo.runs, [done, cut])

    assert [(run.round, run.attempt) for run in again] == [(2, 2), (3, 1)]
    assert again[0].id == f"{second.id}-a2"
    assert again[1] == third


def test_the_worker_is_told_task_seed_and_device(tmp_path: Path) -> None:
    engine = FakeEngine(story())
    todo = job(engine, gpu=True, seed=7, epochs=2)

    run_campaign(todo, Store(tmp_path), Silent())

    told = decode_order(encode_order(engine.launched[0].order()))
    assert told == Order(
        name="fashion",
        seed=7,
        epochs=2,
        accelerator="gpu",
        variant={"backend": "tensorflow"},
    )


def test_the_host_tells_the_power_profile_that_a_container_cannot_see(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read before and after the run; what the worker read itself stands."""
    profiles = iter(["balanced", "low-power"])
    monkeypatch.setattr(runner, "power_profile", lambda: next(profiles))

    told = only_record(FakeEngine(), Store(tmp_path))

    assert [reading.power_profile for reading in told.readings] == ["balanced", "low-power"]
    assert runner.with_profile(told, "cool", "cool") == told


def test_the_hosts_power_profile_says_nothing_of_a_rented_machine() -> None:
    place = msgspec.structs.replace(record().environment, rented=True)
    rented = record(environment=place)

    assert runner.with_profile(rented, "low-power", "low-power") == rented


def test_a_campaign_that_knows_enough_leaves_out_the_rounds_that_are_left(tmp_path: Path) -> None:
    """`enough` is asked before each round, never within one."""
    answers = iter([False, False, True])
    todo = job(FakeEngine(), environments=("cpu", "colab-like"), rounds=5)

    records = run_campaign(todo, Store(tmp_path), Silent(), lambda _: next(answers))

    assert [record.round for record in records] == [1, 1, 2, 2]
