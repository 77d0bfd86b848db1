"""Records in a zip, for the way from one machine to another: the same bytes, checked twice.

An archive holds `manifest.json` and `runs/ID.json` for each record, with the SHA-256 of every
record in the manifest. Archives come from strangers: nothing in one is believed before it is
checked. Reading one writes nothing; `bench.evidence.transfer` does.
"""

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from bench.contract.facts import Fact
from bench.errors import ArchiveError, CertbenchError, StoreError
from bench.evidence.record import Record
from bench.evidence.store import SAFE_ID, explained, from_json

MANIFEST = "manifest.json"
FOLDER = "runs/"
SUFFIX = ".json"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can name: the same bytes on every day

# A record of 300 epochs has 90 kB and shrinks to a tenth; what is far beyond was made to harm.
MEMBERS_MOST = 10_000
MEMBER_BYTES_MOST = 4 << 20
TOTAL_BYTES_MOST = 256 << 20
RATIO_MOST = 100  # a record that is denser is stored as it is
SMALL_BYTES = 64 << 10  # below this the ratio does no harm, and text of few words exceeds it

# What the library raises on bytes that are no zip, or not the one their directory describes.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, kw_only=True)
class Member:
    """A record with the bytes it came in; `name` is that of its file."""

    name: str
    content: bytes
    record: Record


class Manifest(Fact, frozen=True):
    """What an archive says it holds: SHA-256, in hexadecimal, of each record's bytes by name."""

    format: Literal[1]
    members: dict[str, str]


def write_archive(out: Path, members: Iterable[Member]) -> None:
    """Write an archive, whole or not at all, never over another file.

    Raises ArchiveError for what `read_archive` would refuse: its own checks are asked.
    """
    contents = {FOLDER + m.name: m.content for m in sorted(members, key=lambda m: m.name)}
    manifest = Manifest(
        format=1, members={name: _sha256(content) for name, content in contents.items()}
    )
    head = msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
    with explained(out, "choose another path for the zip"), ExitStack() as undo:
        with out.open("x+b") as file:
            undo.callback(out.unlink)
            with zipfile.ZipFile(file, "w") as archive:
                for name, content in {MANIFEST: head, **contents}.items():
                    archive.writestr(_entry(name, content), content, compresslevel=9)
            with zipfile.ZipFile(file) as written:
                _safe_entries(out, written)
        undo.pop_all()


def _entry(name: str, content: bytes) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=EARLIEST)
    entry.compress_type = zipfile.ZIP_STORED if _is_dense(content) else zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    return entry


def _is_dense(content: bytes) -> bool:
    """Whether it would shrink so much that it looked like one made to harm."""
    if len(content) <= SMALL_BYTES:
        return False
    return len(content) > RATIO_MOST * len(zlib.compress(content, 9, -zlib.MAX_WBITS))


def read_archive(path: Path) -> tuple[Member, ...]:
    """The records in an archive, each one checked, by name; nothing is written anywhere.

    Raises ArchiveError for an archive that is unsafe or not what its manifest says, RecordError
    for a record that is damaged or newer, both naming the member.
    """
    found = tuple(each_member(path))
    return tuple(_whole(member) for member in found)


def _whole(found: Member | CertbenchError) -> Member:
    if isinstance(found, CertbenchError):
        raise found
    return found


def each_member(path: Path) -> Iterator[Member | CertbenchError]:
    """The records in an archive by name, and in place of one that is damaged, what is wrong.

    Raises ArchiveError for an archive that is unsafe or has no manifest: nothing of it is read.
    """
    with _reading(path), zipfile.ZipFile(path) as archive:
        entries = _safe_entries(path, archive)
        manifest = _manifest(path, archive, entries)
        names = sorted((manifest.members.keys() | entries.keys()) - {MANIFEST})
        found = {name: _content(path, archive, name, manifest) for name in names}
    for name, content in found.items():
        yield content if isinstance(content, CertbenchError) else _decoded(path, name, content)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn what the library raises into one line that names the archive."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}") from error
    except DAMAGED as error:
        raise ArchiveError(f"{path} is damaged: {error}. Fetch it again") from error


def _content(
    path: Path, archive: zipfile.ZipFile, name: str, manifest: Manifest
) -> bytes | CertbenchError:
    """A member's bytes, if they are those of the manifest."""
    known = name in archive.NameToInfo
    try:
        with _reading(path):
            content = _read(path, archive, archive.getinfo(name)) if known else b""
    except CertbenchError as error:
        return error
    if manifest.members.get(name) != _sha256(content):
        return ArchiveError(f"{path}: {name!r} is not what {MANIFEST} says; fetch it again")
    return content


def _decoded(path: Path, name: str, content: bytes) -> Member | CertbenchError:
    try:
        return _member(path, name, content)
    except CertbenchError as error:
        return error


def _safe_entries(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The entries by name, once sizes, kinds and names are seen to be harmless."""
    entries, total = archive.infolist(), sum(e.file_size for e in archive.infolist())
    records = len(entries) - 1  # the manifest is none
    if records > MEMBERS_MOST or total > TOTAL_BYTES_MOST:
        raise ArchiveError(
            f"{path} would hold too much, {records} records of {total / 2**20:.0f} MiB (at most "
            f"{MEMBERS_MOST} of {TOTAL_BYTES_MOST >> 20} MiB are read): export fewer at once, with "
            "--campaign or --env"
        )
    for entry in entries:
        fault = _fault(entry)
        if fault:
            raise ArchiveError(f"{path}: the member {entry.orig_filename!r} {fault}: refused")
    named = {entry.filename: entry for entry in entries}
    if len(named) < len(entries):
        raise ArchiveError(f"{path} holds two members of one name; not imported")
    return named


def _fault(entry: zipfile.ZipInfo) -> str | None:
    """What makes an entry one that no export of ours has; None where nothing does."""
    return next((fault for fault, is_so in FAULTS.items() if is_so(entry)), None)


def _is_ours(name: str) -> bool:
    stem = name.removeprefix(FOLDER).removesuffix(SUFFIX)
    return name == MANIFEST or (name == f"{FOLDER}{stem}{SUFFIX}" and bool(SAFE_ID.fullmatch(stem)))


FAULTS: dict[str, Callable[[zipfile.ZipInfo], bool]] = {
    "has a name that no record has": lambda e: (
        e.filename != e.orig_filename or not _is_ours(e.filename)
    ),
    "is a link or no plain file": lambda e: (
        stat.S_IFMT(e.external_attr >> 16) not in (0, stat.S_IFREG)
    ),
    "is encrypted": lambda e: bool(e.flag_bits & 1),
    "is packed in a way that is not read here": lambda e: (
        e.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    ),
    "is too large for a record": lambda e: e.file_size > MEMBER_BYTES_MOST,
    "unpacks to far more than its size": lambda e: (
        e.file_size > max(SMALL_BYTES, RATIO_MOST * e.compress_size)
    ),
}


def _read(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """A member's bytes, never more than it announced."""
    with archive.open(entry) as file:
        content = file.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise ArchiveError(f"{path}: the member {entry.filename!r} has not the size it announces")
    return content


def _manifest(
    path: Path, archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]
) -> Manifest:
    """What the archive says of itself; raises ArchiveError where it says nothing."""
    if MANIFEST not in entries:
        raise ArchiveError(f"{path} has no {MANIFEST}: make it with `certbench export`")
    try:
        return msgspec.json.decode(_read(path, archive, entries[MANIFEST]), type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ArchiveError(f"{path}: {MANIFEST} is damaged or newer: {error}") from error


def read_file(path: Path) -> tuple[Member, ...]:
    """The records in a file: an archive, or a single record as `.json`."""
    if path.suffix.lower() != SUFFIX:
        return read_archive(path)
    try:
        if path.stat().st_size > MEMBER_BYTES_MOST:
            raise ArchiveError(f"{path} is larger than {MEMBER_BYTES_MOST >> 20} MiB: no record is")
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error
    return (_member(path.parent, path.name, content),)


def _member(place: Path, name: str, content: bytes) -> Member:
    file = Path(name).name
    where = f"{place}: {name}"
    record = from_json(content, where)
    if f"{record.id}{SUFFIX}" != file:
        raise ArchiveError(f"{where} holds the record {record.id!r}: it was renamed")
    return Member(name=file, content=content, record=record)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
