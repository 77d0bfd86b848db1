"""Hostile records and archives: whatever they hold, a command answers or refuses in one line.

Every leaf of a real record is replaced by every kind of nonsense. What the types let through is
shown to every command that reads records.
"""

import json
import stat
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.cli import certbench
from bench.errors import ArchiveError, CertbenchError
from bench.evidence.archive import MANIFEST, Member, read_archive, write_archive
from bench.evidence.record import Record
from bench.evidence.store import Store, from_json, to_json
from bench.evidence.transfer import import_records
from builders import record
from test_archive import FIRST, entry, exported, hostile

ROOT = Path(__file__).resolve().parents[2]
NONSENSE = (
    None,
    True,
    -1,
    0,
    6,
    10**23,
    -(10**23),
    2**63 - 1,
    0.5,
    1e15,
    1e-300,
    1e308,
    -1e308,
    "",
    "\x1b[2J\x07",
    "é" * 50,
    "x" * 10_000,
    "\u202egnp.exe",
    "=cmd()",
    [],
    {},
    ["a"],
)
PURE = [
    ["show", "--all"],
    ["show", "--all", "--format", "json"],
    ["compare", "cpu", "colab-like"],
    ["compare", "cpu", "colab-like", "--format", "json"],
    ["decide"],
    ["decide", "--task", "line"],
    ["decide", "--format", "json"],
    ["export"],
    ["import"],
]
HEAVY = [["charts"], ["publish"]]


def leaves(node: object, path: tuple = ()) -> Iterator[tuple]:
    """Every place in a record, the first two of each list."""
    children = node.items() if isinstance(node, dict) else ()
    children = enumerate(node[:2]) if isinstance(node, list) else children
    for key, child in children:
        yield (*path, key)
        yield from leaves(child, (*path, key))


def originals() -> list[Path]:
    """The records of one campaign of the project's own, of the smallest task."""
    return sorted((ROOT / "results/runs").glob("*-line.json"))


def changed(content: bytes, path: tuple, value: object) -> bytes:
    whole = json.loads(content)
    place = whole
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(whole).encode()


def read_or_refused(content: bytes) -> Record | str:
    try:
        return from_json(content, "a.json")
    except CertbenchError as error:
        return str(error)


TODAY = to_json(from_json(originals()[0].read_bytes(), "today's"))
OLDER = originals()[0].read_bytes()


def mutations(original: bytes) -> Iterator[bytes]:
    for path in leaves(json.loads(original)):
        for value in NONSENSE:
            yield changed(original, path, value)


@pytest.mark.parametrize("original", [TODAY, OLDER], ids=["today's", "version 1"])
def test_every_mutation_of_a_record_is_read_or_refused_by_name(original: bytes) -> None:
    """Thousands of them; those that pass can be written and read again."""
    read = [read_or_refused(content) for content in mutations(original)]

    assert sum(isinstance(one, Record) for one in read) > 100
    for one in read:
        if isinstance(one, Record):
            assert from_json(to_json(one), "again") == one
        else:
            assert "a.json" in one
            assert one.isprintable()
            assert len(one) < 500


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    """The good records, among which one changes."""
    store = Store(tmp_path_factory.mktemp("hostile"))
    for path in originals():
        store.keep(path.stem, path.read_bytes())
    return store.folder


@cache
def accepted() -> list[bytes]:
    """The mutations that the types let through."""
    return [one for one in mutations(TODAY) if isinstance(read_or_refused(one), Record)]


DRAWN = st.deferred(lambda: st.sampled_from(accepted()))


def answers(results: Path, command: list[str], content: bytes) -> None:
    """The command answers or refuses; what it says is printable, and JSON is JSON."""
    target = Store(results).path(originals()[0].stem)
    target.write_bytes(content)
    extra = []
    if command == ["export"]:
        out = results / "out.zip"
        out.unlink(missing_ok=True)
        extra = [str(out)]
    if command == ["import"]:
        extra = [str(target)]
    done = CliRunner().invoke(certbench, [*command, *extra, "--results", str(results)])

    expected = done.exception is None or isinstance(done.exception, CertbenchError | SystemExit)
    assert expected, (command, done.exc_info)
    assert "\x1b[2J" not in done.output + str(done.exception)
    if command[-1] == "json" and done.exception is None:
        json.loads(done.stdout, parse_constant=pytest.fail)


@pytest.mark.parametrize("command", PURE, ids=" ".join)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=DRAWN)
def test_a_hostile_record_stops_no_command_with_a_traceback(
    command, content, results, monkeypatch
) -> None:
    monkeypatch.setattr("bench.campaign.machine.this_machine", lambda: from_json(TODAY, "").machine)

    answers(results, command, content)


@pytest.mark.parametrize("command", HEAVY, ids=" ".join)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=DRAWN)
def test_a_hostile_record_stops_no_picture_and_no_page(
    command, content, results, monkeypatch
) -> None:
    monkeypatch.setattr("bench.campaign.machine.this_machine", lambda: from_json(TODAY, "").machine)

    answers(results, command, content)


# --- archives ------------------------------------------------------------------------------------


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    out = exported(tmp_path, FIRST)
    content = bytearray(out.read_bytes())
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = content.rindex(signature)
        content[place + offset] |= 1
    out.write_bytes(content)

    with pytest.raises(ArchiveError, match="encrypted"):
        read_archive(out)


def test_a_zip64_archive_is_read_like_another(tmp_path: Path) -> None:
    out, head = tmp_path / "big.zip", tmp_path / "small.zip"
    write_archive(head, [Member(name=f"{FIRST.id}.json", content=to_json(FIRST), record=FIRST)])
    with zipfile.ZipFile(head) as packed, zipfile.ZipFile(out, "w") as big:
        for info in packed.infolist():
            with big.open(entry(info.filename), "w", force_zip64=True) as file:
                file.write(packed.read(info))

    assert [member.record for member in read_archive(out)] == [FIRST]


def test_a_hundred_thousand_members_are_refused_unread(tmp_path: Path) -> None:
    out = tmp_path / "many.zip"
    with zipfile.ZipFile(out, "w") as packed:
        for number in range(100_000):
            packed.writestr(entry(f"runs/{number}.json", method=zipfile.ZIP_STORED), b"")
        packed.writestr(MANIFEST, json.dumps({"format": 1, "members": {}}))

    with pytest.raises(ArchiveError, match="would hold too much, 100000 records"):
        read_archive(out)


def test_a_device_among_the_members_is_refused(tmp_path: Path) -> None:
    name = f"runs/{FIRST.id}.json"
    out = hostile(tmp_path / "a.zip", [(entry(name, mode=stat.S_IFCHR | 0o666), to_json(FIRST))])

    with pytest.raises(ArchiveError, match="no plain file"):
        read_archive(out)


def test_two_records_that_differ_in_case_alone_are_refused(tmp_path: Path) -> None:
    """On a disk that does not tell them apart, one would be written over, or half imported."""
    lower, upper = record(id="abc-r01"), record(id="ABC-r01")
    names = [(entry(f"runs/{one.id}.json"), to_json(one)) for one in (lower, upper)]

    with pytest.raises(ArchiveError, match="differ in case alone"):
        import_records([hostile(tmp_path / "a.zip", names)], Store(tmp_path / "to"))

    assert not (tmp_path / "to/runs").exists()
