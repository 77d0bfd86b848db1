"""`certbench export` and `certbench import`, as a user types them."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from bench.cli import certbench
from bench.cli.publish import packed
from bench.errors import ArchiveError, UsageError
from bench.evidence import archive
from bench.evidence.store import Store
from builders import environment, facts, record

FIRST = record()
OTHER = record(id="other", environment=facts(environment("colab-like", emulated=True)))


def call(*arguments: object) -> Result:
    return CliRunner().invoke(certbench, [str(part) for part in arguments])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two records, of two environments."""
    made = Store(tmp_path / "from")
    made.save(FIRST)
    made.save(OTHER)
    return made


def test_records_go_out_and_come_in(store, tmp_path):
    out = tmp_path / "out.zip"

    assert "2 records" in call("export", out, "--results", store.folder).stderr
    said = call("import", out, "--results", tmp_path / "to").stderr
    again = call("import", out, out, "--results", tmp_path / "to").stderr

    assert said.startswith("2 records imported, 0 already here\n")
    assert again.startswith("0 records imported, 2 already here\n")
    assert Store(tmp_path / "to").load_all() == store.load_all()


@pytest.mark.parametrize("chosen", [("--env", "colab-like"), ("--campaign", "elsewhere")])
def test_only_what_was_asked_for_goes_out(store, tmp_path, chosen):
    store.save(record(id="third", campaign=_elsewhere(), environment=OTHER.environment))

    done = call("export", tmp_path / "out.zip", *chosen, "--results", store.folder)

    assert done.stderr.startswith("2 records" if chosen[0] == "--env" else "1 record ")


def _elsewhere():
    return msgspec.structs.replace(FIRST.campaign, id="elsewhere")


def test_an_export_of_nothing_writes_nothing(store, tmp_path):
    done = call("export", tmp_path / "out.zip", "--env", "none", "--results", store.folder)

    assert isinstance(done.exception, UsageError)
    assert not (tmp_path / "out.zip").exists()


def test_a_file_of_something_else_is_one_line(store, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"hello")

    done = call("import", tmp_path / "x.zip", "--results", store.folder)

    assert isinstance(done.exception, ArchiveError)
    assert "damaged" in str(done.exception)


def test_who_imports_is_told_whose_records_they_are_and_what_to_type_next(store, tmp_path):
    call("export", tmp_path / "out.zip", "--results", store.folder)

    said = call("import", tmp_path / "out.zip", "--results", tmp_path / "a b").stderr

    machine = FIRST.machine
    assert f"of machine {machine.id} ({machine.processor}, {machine.processors} processors" in said
    assert "): colab-like, cpu\n" in said
    assert f"next: `certbench show --all --results '{tmp_path / 'a b'}'`" in said
    assert f"`certbench compare {machine.id}:colab-like {machine.id}:cpu --results" in said


def test_a_strangers_name_is_never_put_into_a_command(tmp_path):
    machine = msgspec.structs.replace(FIRST.machine, id="x; rm -rf ~")
    Store(tmp_path / "from").save(msgspec.structs.replace(FIRST, machine=machine))
    Store(tmp_path / "from").save(msgspec.structs.replace(OTHER, machine=machine))
    call("export", tmp_path / "out.zip", "--results", tmp_path / "from")

    said = call("import", tmp_path / "out.zip", "--results", tmp_path / "to").stderr

    assert "next: `certbench show" in said
    assert "certbench compare" not in said


def test_this_machine_is_compared_with_the_one_whose_records_come_in(store, tmp_path, monkeypatch):
    monkeypatch.setattr("bench.campaign.machine.this_machine", lambda: FIRST.machine)
    machine = msgspec.structs.replace(FIRST.machine, id="abcdef")
    Store(tmp_path / "from2").save(record(id="theirs", machine=machine))
    call("export", tmp_path / "out.zip", "--results", tmp_path / "from2")

    said = call("import", tmp_path / "out.zip", "--results", store.folder).stderr

    assert "`certbench compare cpu abcdef:cpu --results" in said


def test_a_zip_that_cannot_be_written_is_answered_with_another_path(store, tmp_path):
    (tmp_path / "there.zip").touch()

    exists = call("export", tmp_path / "there.zip", "--results", store.folder).exception
    missing = call("export", tmp_path / "no" / "out.zip", "--results", store.folder).exception

    assert str(exists).endswith("choose another path for the zip")
    assert str(missing).endswith("choose another path for the zip")


def test_a_page_whose_records_are_too_much_for_an_archive_has_none(monkeypatch):
    monkeypatch.setattr(archive, "MEMBER_BYTES_MOST", 1000)

    assert packed([FIRST]) is None
