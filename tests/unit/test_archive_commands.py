"""`certbench export` and `certbench import`, as a user types them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bench.cli import certbench
from bench.errors import ArchiveError, UsageError
from bench.evidence.store import Store
from builders import environment, facts, record

FIRST = record()
OTHER = record(id="other", environment=facts(environment("colab-like")))


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

    assert said == "2 records imported, 0 already here\n"
    assert again == "0 records imported, 2 already here\n"
    assert Store(tmp_path / "to").load_all() == store.load_all()


@pytest.mark.parametrize("chosen", [("--env", "colab-like"), ("--campaign", "elsewhere")])
def test_only_what_was_asked_for_goes_out(store, tmp_path, chosen):
    store.save(record(id="third", campaign=_elsewhere(), environment=OTHER.environment))

    done = call("export", tmp_path / "out.zip", *chosen, "--results", store.folder)

    assert done.stderr.startswith("2 records" if chosen[0] == "--env" else "1 records")


def _elsewhere():
    import msgspec

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
