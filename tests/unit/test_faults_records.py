"""Faults of files: damaged, hostile or litter in the results, and disks that refuse."""

import errno
import json
import os
import shutil
from pathlib import Path

import msgspec
import pytest

from bench.campaign import journal
from bench.campaign.runner import run_campaign
from bench.contract.events import PROTOCOL, Epoch, Handshake
from bench.errors import RecordError, StoreError
from bench.evidence import store as store_module
from bench.evidence.store import Store, from_json, to_json
from builders import FakeEngine, Silent, epoch, reading, record
from test_runner import job, only_record


def changed(path: str, value: object) -> bytes:
    """A good record's bytes with one value in place of another; the path is dotted."""
    whole = msgspec.json.decode(to_json(record(readings=(reading("start", 0.0),))))
    *names, last = path.split(".")
    place = whole
    for name in names:
        place = place[int(name) if name.isdecimal() else name]
    place[last] = value
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("readings.0.memory_peak_bytes", 10**23),
        ("readings.0.processors", 10**23),
        ("readings.0.busy_seconds", -1.0),
        ("phases.build", -1e308),
        ("machine.listed_watts", 1e308),
        ("machine.processors", -1),
        ("epochs.0.train_seconds", 1e300),
        ("epochs.0.loss", 1e308),
        ("epochs.0.score", 6),
        ("round", 10**30),
        ("seed", 10**30),
        ("limits.seconds", -5),
    ],
)
def test_a_number_that_cannot_be_is_refused_by_name(path: str, value: object) -> None:
    with pytest.raises(
        RecordError, match=r"a\.json is damaged: .*" + path.rsplit(".", maxsplit=1)[-1]
    ):
        from_json(changed(path, value), "a.json")


def test_a_word_of_a_megabyte_is_cut_and_printable() -> None:
    for content in (changed("status", "\x1b[2J" * 250_000), changed("schema", "\x07" * 10**6)):
        with pytest.raises(RecordError) as caught:
            from_json(content, "a.json")

        assert len(str(caught.value)) < 400
        assert str(caught.value).isprintable()


def test_a_renamed_record_with_an_endless_id_is_cut(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.runs.mkdir()
    (store.runs / "a.json").write_bytes(changed("id", "\x1b" * 10**6))

    with pytest.raises(RecordError) as caught:
        store.load_all()

    assert len(str(caught.value)) < 400 + len(str(tmp_path))


def test_a_dot_file_is_no_record(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(record(id="good"))
    (store.runs / "._good.json").write_bytes(b"\0\5\26\7Mac OS X")

    assert [one.id for one in store.load_all()] == ["good"]


def test_a_record_nested_ten_thousand_deep_is_refused_by_name() -> None:
    for content in (b"[" * 10_000 + b"]" * 10_000, b'{"schema":1,"id":' + b"[" * 10_000):
        with pytest.raises(RecordError, match=r"a\.json is damaged"):
            from_json(content, "a.json")


def test_a_record_of_200_mb_is_refused_unread(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.runs.mkdir()
    with (store.runs / "a.json").open("wb") as file:
        file.truncate(200 << 20)

    with pytest.raises(RecordError, match=r"a\.json is larger than 64 MiB"):
        store.load_all()


def test_a_second_record_of_one_id_is_refused_and_the_first_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = store.save(record(id="one")).read_bytes()

    with pytest.raises(StoreError, match="never overwritten"):
        store.save(record(id="one", seed=9))

    assert store.path("one").read_bytes() == first


@pytest.mark.parametrize(
    "code",
    [errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EXDEV, errno.EINVAL],
    ids=errno.errorcode.get,
)
def test_a_disk_without_links_takes_a_copy(code: int, tmp_path: Path, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", refuse)
    store = Store(tmp_path)
    store.save(record(id="one"))

    assert store.load_all() == (record(id="one"),)
    assert [path.name for path in store.runs.iterdir()] == ["one.json"]
    with pytest.raises(StoreError, match="never overwritten"):
        store.save(record(id="one"))


def test_a_copy_that_fills_the_disk_leaves_no_half_record(tmp_path: Path, monkeypatch) -> None:
    calls = iter([None, OSError(errno.ENOSPC, "No space left on device")])

    def fsync(_: int) -> None:
        if error := next(calls):
            raise error

    monkeypatch.setattr(os, "link", _raise(errno.EPERM))
    monkeypatch.setattr(store_module.os, "fsync", fsync)

    with pytest.raises(StoreError, match="free some space"):
        Store(tmp_path).save(record(id="one"))

    assert list((tmp_path / "runs").iterdir()) == []


def _raise(code: int):
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return refuse


@pytest.mark.parametrize("name", ["a 'b' \"c\"", "Ergebnisse-ä-結果", "two\nlines", "-rf", "$(x)"])
def test_results_may_lie_in_a_folder_of_any_name(name: str, tmp_path: Path) -> None:
    store = Store(tmp_path / name)
    kept = only_record(FakeEngine(), store)

    assert store.load_all() == (kept,)


def test_a_results_folder_deleted_in_mid_run_is_made_again(tmp_path: Path) -> None:
    class Deleting(Silent):
        def on_event(self, event: object) -> None:
            if not store.runs.exists() or not any(store.runs.iterdir()):
                shutil.rmtree(tmp_path / "r", ignore_errors=True)

    store = Store(tmp_path / "r")
    records = run_campaign(job(FakeEngine(), rounds=2), store, Deleting())

    assert [one.status for one in records] == ["ok", "ok"]
    assert store.load_all() == records


# --- journals ------------------------------------------------------------------------------------


def killed(store: Store, **engine: object) -> Path:
    """The journal that `kill -9` leaves."""
    with pytest.raises(SystemExit):
        only_record(FakeEngine(raises=SystemExit(), **engine), store)
    [path] = journal.folder(store).glob("*.jsonl")
    return path


def test_a_journal_that_cannot_become_a_record_is_set_aside_and_stops_nothing(
    tmp_path: Path,
) -> None:
    """An older certbench let `été.py` train: its name cannot be a record's."""
    store = Store(tmp_path)
    path = killed(store)
    named = path.read_bytes().replace(b"-fashion", "-été".encode())
    (path.parent / "été.jsonl").write_bytes(named)
    (path.parent / "damaged.jsonl").write_bytes(b'{"schema": 1}\n{"event":"hello"}\n')
    (path.parent / "binary.jsonl").write_bytes(b"\xff\xfe\n\n")
    (path.parent / "._x.jsonl").write_bytes(b"a Mac's litter\n")

    found = journal.recover(store)

    assert [one.status for one in found.records] == ["ok"]
    assert {one.name for one in found.aside} == {"été.jsonl", "damaged.jsonl", "binary.jsonl"}
    assert (path.parent / "aside/été.jsonl").read_bytes() == named
    assert journal.recover(store) == journal.Recovered()


def test_a_full_disk_at_the_record_costs_nothing_of_the_run(tmp_path: Path, monkeypatch) -> None:
    """The journal has it all: after some space is freed the record is what it would have been."""
    store = Store(tmp_path)
    expected = only_record(FakeEngine(), Store(tmp_path / "other"))
    monkeypatch.setattr(os, "link", _raise(errno.ENOSPC))
    with pytest.raises(StoreError, match="free some space"):
        only_record(FakeEngine(), store)
    monkeypatch.undo()

    [kept] = journal.recover(store).records

    assert msgspec.structs.replace(kept, started_at=expected.started_at) == expected


def test_a_full_disk_in_mid_run_is_the_reason_that_is_kept(tmp_path: Path, monkeypatch) -> None:
    store = Store(tmp_path)
    written = journal.Journal.write

    def write(self: journal.Journal, line: bytes) -> None:
        if b'"index":1' in line:
            with store_module.explained(store.folder):
                _raise(errno.ENOSPC)()
        written(self, line)

    monkeypatch.setattr(journal.Journal, "write", write)
    with pytest.raises(StoreError, match="free some space"):
        only_record(FakeEngine(), store)
    monkeypatch.undo()

    [kept] = journal.recover(store).records

    assert (kept.status, kept.reasons) == ("interrupted", ("disk-full",))
    assert kept.detail == "the disk was full"
    assert len(kept.epochs) == 1


def test_a_journal_with_a_whole_run_becomes_a_whole_record(tmp_path: Path) -> None:
    """Killed after the worker's last word: how it exited is not known, what it did is."""
    store = Store(tmp_path)
    killed(store)

    [kept] = journal.recover(store).records

    assert (kept.status, len(kept.epochs), kept.result.score) == ("ok", 2, 5)
    assert kept.ending.exit_code is None
    assert kept.phases.start is None
    assert "killed before the record was written" in kept.detail


def test_a_run_cut_in_its_middle_is_still_interrupted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    killed(store, events=[Handshake(protocol=PROTOCOL), Epoch(epoch=epoch(0))])

    [kept] = journal.recover(store).records

    assert (kept.status, kept.reasons, len(kept.epochs)) == ("interrupted", ("killed",), 1)
