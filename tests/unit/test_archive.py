"""Records travel as they are; what a stranger sends is believed only once it is checked."""

import io
import json
import stat
import tempfile
import zipfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bench.errors import ArchiveError, CertbenchError, RecordError, StoreError
from bench.evidence import archive
from bench.evidence.archive import MANIFEST, read_archive, write_archive
from bench.evidence.record import Record
from bench.evidence.store import Store, to_json
from bench.evidence.transfer import export_records, import_records
from builders import environment, facts, record

FIRST, SECOND = record(id="20260101T000000Z-abcdef-r01-cpu-line"), record()


def filled(folder: Path, *records: Record) -> Store:
    store = Store(folder)
    for one in records:
        store.save(one)
    return store


def exported(tmp_path: Path, *records: Record) -> Path:
    out = tmp_path / "out.zip"
    export_records(filled(tmp_path / "from", *records), out, lambda _: True)
    return out


def files(store: Store) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in store.paths()}


def entry(name: str, *, mode: int = stat.S_IFREG | 0o644, method: int = zipfile.ZIP_DEFLATED):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = method
    return info


def hostile(
    path: Path, packed: list[tuple[zipfile.ZipInfo, bytes]], manifest: dict | None = None
) -> Path:
    """A zip with these members and a manifest that agrees with them, unless told otherwise."""
    hashes = {info.filename: archive._sha256(content) for info, content in packed}
    head = {"format": 1, "members": hashes} | (manifest or {})
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr(MANIFEST, json.dumps(head))
        for info, content in packed:
            zipped.writestr(info, content)
    return path


def good_entry(one: Record = FIRST) -> tuple[zipfile.ZipInfo, bytes]:
    return entry(f"runs/{one.id}.json"), to_json(one)


def refused(path: Path, store: Store, match: str, kind: type[Exception] = ArchiveError) -> None:
    """The file is refused and the store is as it was."""
    before = files(store)
    with pytest.raises(kind, match=match) as caught:
        import_records([path], store)
    assert len(str(caught.value).splitlines()) == 1
    assert files(store) == before


def test_records_come_out_byte_for_byte(tmp_path: Path) -> None:
    out = exported(tmp_path, FIRST, SECOND)
    there = Store(tmp_path / "to")

    done = import_records([out], there)

    assert files(there) == files(Store(tmp_path / "from"))
    assert (done.added, done.known) == (tuple(sorted((FIRST.id, SECOND.id))), ())


def test_the_same_records_make_the_same_archive(tmp_path: Path) -> None:
    members = read_archive(exported(tmp_path, FIRST, SECOND))

    write_archive(tmp_path / "again.zip", reversed(members))

    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "out.zip").read_bytes()


def test_only_what_is_wanted_is_exported(tmp_path: Path) -> None:
    other = record(id="other", environment=facts(environment("colab-like")))
    store = filled(tmp_path, FIRST, other)

    out = tmp_path / "out.zip"
    export_records(store, out, lambda one: one.environment.name == "colab-like")

    assert [member.record for member in read_archive(out)] == [other]


def test_an_export_never_overwrites_and_leaves_no_half_file(tmp_path: Path) -> None:
    out = exported(tmp_path, FIRST)
    before = out.read_bytes()

    with pytest.raises(StoreError, match="never overwritten"):
        export_records(Store(tmp_path / "from"), out, lambda _: True)

    assert out.read_bytes() == before
    with pytest.raises(StoreError, match="cannot be written"):
        write_archive(tmp_path / "no folder" / "out.zip", [])


def test_a_second_import_recognises_what_is_here(tmp_path: Path) -> None:
    out = exported(tmp_path, FIRST, SECOND)
    store = filled(tmp_path / "to", SECOND)

    done = import_records([out, out], store)

    assert (done.added, done.known) == ((FIRST.id,), (SECOND.id,))
    assert import_records([out], store).added == ()


def test_a_single_record_is_imported_like_an_archive(tmp_path: Path) -> None:
    [path] = filled(tmp_path / "from", FIRST).paths()

    assert import_records([path], Store(tmp_path / "to")).added == (FIRST.id,)


def test_a_record_with_other_bytes_is_refused_by_name_and_nothing_is_imported(
    tmp_path: Path,
) -> None:
    out = exported(tmp_path, FIRST, SECOND)
    changed = msgspec.structs.replace(SECOND, seed=SECOND.seed + 1)

    refused(out, filled(tmp_path / "to", changed), SECOND.id)


def test_two_files_that_disagree_are_refused(tmp_path: Path) -> None:
    changed = msgspec.structs.replace(SECOND, seed=7)
    [one] = filled(tmp_path / "a", SECOND).paths()
    [two] = filled(tmp_path / "b", changed).paths()
    store = Store(tmp_path / "to")

    with pytest.raises(ArchiveError, match="comes twice"):
        import_records([one, two], store)

    assert files(store) == {}


def test_a_write_that_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    out = exported(tmp_path, FIRST, SECOND)
    store, written = Store(tmp_path / "to"), []
    keep = store.keep

    def full_after_one(record_id: str, content: bytes) -> Path:
        if written:
            raise StoreError("no space left")
        written.append(record_id)
        return keep(record_id, content)

    monkeypatch.setattr(store, "keep", full_after_one)
    refused(out, store, "no space", StoreError)
    assert len(written) == 1


def crashed(number: int, tail: tuple[str, ...]) -> Record:
    """A record of a failed run with these last words."""
    ending = msgspec.structs.replace(FIRST.ending, exit_code=1, stderr_tail=tail)
    return msgspec.structs.replace(FIRST, id=f"crashed-{number}", status="failed", ending=ending)


TAILS = st.builds(
    lambda word, times, lines: ((word * times)[:4096],) * lines,
    st.text(min_size=1, max_size=5),
    st.integers(1, 4096),
    st.integers(0, 40),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(tails=[("x" * 4096,) * 40])
@given(st.lists(TAILS, min_size=1, max_size=4))
def test_whatever_is_exported_can_be_imported(tmp_path: Path, tails: list[tuple[str, ...]]) -> None:
    """Last words may repeat one letter: packed, such a record looks like a bomb."""
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        records = [crashed(number, tail) for number, tail in enumerate(tails)]
        there = Store(Path(folder) / "to")

        import_records([exported(Path(folder), *records)], there)

        assert files(there) == files(Store(Path(folder) / "from"))


@pytest.mark.parametrize(
    ("limit", "most", "match"),
    [
        ("MEMBERS_MOST", 1, "2 records of .* --campaign or --env"),
        ("TOTAL_BYTES_MOST", 5000, "2 records of .* --campaign or --env"),
        ("MEMBER_BYTES_MOST", 1000, "runs/.*json' is too large for a record"),
    ],
)
def test_what_import_would_refuse_is_not_exported(
    tmp_path: Path, monkeypatch, limit: str, most: int, match: str
) -> None:
    monkeypatch.setattr(archive, limit, most)

    with pytest.raises(ArchiveError, match=match):
        exported(tmp_path, FIRST, SECOND)

    assert not (tmp_path / "out.zip").exists()


def test_the_manifest_is_not_counted_as_a_record(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(archive, "MEMBERS_MOST", 2)

    assert len(read_archive(exported(tmp_path, FIRST, SECOND))) == 2


@pytest.mark.parametrize(
    "name",
    [
        "../escape.json",
        "runs/../../escape.json",
        "/etc/escape.json",
        "runs//x.json",
        "runs/a/b.json",
        "C:\\escape.json",
        "runs\\x.json",
        "runs/.hidden.json",
        "runs/x.txt",
        "x.json",
        "runs/",
        "runs/a\u202ejson.json",
        "runs/" + "x" * 300 + ".json",
    ],
)
def test_a_member_with_a_strange_name_is_refused(tmp_path: Path, name: str) -> None:
    path = hostile(tmp_path / "x.zip", [good_entry(), (entry(name), to_json(SECOND))])

    refused(path, Store(tmp_path / "to"), "name that no record has")
    assert not (tmp_path / "escape.json").exists()


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = entry(f"runs/{FIRST.id}.json", mode=stat.S_IFLNK | 0o777)

    refused(
        hostile(tmp_path / "x.zip", [(link, b"/etc/passwd")]), Store(tmp_path / "to"), "is a link"
    )


def test_a_renamed_member_is_refused(tmp_path: Path) -> None:
    path = hostile(tmp_path / "x.zip", [(entry("runs/another.json"), to_json(FIRST))])

    refused(path, Store(tmp_path / "to"), "was renamed")


def test_a_renamed_file_is_refused(tmp_path: Path) -> None:
    [path] = filled(tmp_path / "from", FIRST).paths()

    refused(path.rename(tmp_path / "mine.json"), Store(tmp_path / "to"), "was renamed")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    zeros = b"0" * (archive.MEMBER_BYTES_MOST)
    large = hostile(tmp_path / "l.zip", [(entry("runs/x.json"), zeros + b"0")])
    dense = hostile(tmp_path / "d.zip", [(entry("runs/x.json"), zeros)])

    refused(large, Store(tmp_path / "to"), "too large")
    refused(dense, Store(tmp_path / "to"), "far more than its size")


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(archive, "MEMBERS_MOST", 1)
    path = hostile(tmp_path / "x.zip", [good_entry(FIRST), good_entry(SECOND)])

    refused(path, Store(tmp_path / "to"), "too much")


def test_a_packing_that_hides_its_ratio_is_refused(tmp_path: Path) -> None:
    packed = entry(f"runs/{FIRST.id}.json", method=zipfile.ZIP_LZMA)

    refused(
        hostile(tmp_path / "x.zip", [(packed, to_json(FIRST))]), Store(tmp_path / "to"), "packed"
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = hostile(tmp_path / "x.zip", [good_entry(), good_entry()])

    refused(path, Store(tmp_path / "to"), "two members of one name")


@pytest.mark.parametrize(
    "manifest",
    [
        {"members": {}},
        {"members": {"runs/other.json": "0" * 64}},
        {"members": {f"runs/{FIRST.id}.json": "0" * 64}},
    ],
)
def test_a_manifest_that_says_something_else_is_refused(tmp_path: Path, manifest: dict) -> None:
    path = hostile(tmp_path / "x.zip", [good_entry()], manifest)

    refused(path, Store(tmp_path / "to"), "is not what manifest.json says")


@pytest.mark.parametrize("manifest", [{"format": 2}, {"members": 3}, {"more": "fields"}])
def test_a_manifest_of_another_make_is_refused(tmp_path: Path, manifest: dict) -> None:
    path = hostile(tmp_path / "x.zip", [good_entry()], manifest)

    refused(path, Store(tmp_path / "to"), "damaged or newer")


def test_a_zip_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as zipped:
        zipped.writestr(*good_entry())

    refused(tmp_path / "x.zip", Store(tmp_path / "to"), "certbench export")


@pytest.mark.parametrize(
    "content", [b"{}", b"[1]", b"null", b"\xff", b"[" * 5000, b'{"schema":99}']
)
def test_a_damaged_or_newer_record_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    """Also when a good record comes before it."""
    path = hostile(tmp_path / "x.zip", [good_entry(), (entry("runs/zzz.json"), content)])

    refused(path, Store(tmp_path / "to"), "runs/zzz.json", RecordError)


@pytest.mark.parametrize("content", [b"", b"PK", b"hello", b"PK\x05\x06" + b"\0" * 18])
def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)

    with pytest.raises(ArchiveError):
        read_archive(tmp_path / "x.zip")


def packed() -> bytes:
    """A good archive, as bytes."""
    buffer = io.BytesIO()
    content = to_json(SECOND)
    name = f"runs/{SECOND.id}.json"
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        head = {"format": 1, "members": {name: archive._sha256(content)}}
        zipped.writestr(archive._entry(MANIFEST, b""), json.dumps(head))
        zipped.writestr(archive._entry(name, content), content)
    return buffer.getvalue()


GOOD = packed()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(changes=[(len(GOOD) - 5, 255)])
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=4))
def test_an_archive_with_changed_bytes_is_refused_or_says_the_same(
    tmp_path: Path, changes: list[tuple[int, int]]
) -> None:
    """Whatever bytes are changed: one known error, or the record as it was, and never another."""
    content = bytearray(GOOD)
    for place, value in changes:
        content[place] = value
    path = tmp_path / "x.zip"
    path.write_bytes(content)

    try:
        members = read_archive(path)
    except CertbenchError:
        return
    assert [member.record for member in members] == [SECOND]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, len(GOOD) - 1))
def test_an_archive_that_was_cut_is_refused(tmp_path: Path, length: int) -> None:
    (tmp_path / "x.zip").write_bytes(GOOD[:length])

    with pytest.raises(ArchiveError):
        read_archive(tmp_path / "x.zip")
