"""The results folder: one JSON file a record, written whole, once, and never over another.

Damaged and newer files are refused by name. Reading is the only way in; nothing here judges.
"""

import contextlib
import errno
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench.contract.bounds import Whole
from bench.errors import RecordError, StoreError
from bench.evidence.migrate import MIGRATIONS
from bench.evidence.record import SCHEMA, Record
from bench.evidence.strangers import brief

RECORD_BYTES_MOST = 64 << 20  # 200,000 epochs
SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,180}")


# what decoding and migrating raise on what is no record
DAMAGED = (
    msgspec.MsgspecError,
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
    ArithmeticError,
    RecursionError,
)


class _Numbered(msgspec.Struct):
    schema: Whole


_NUMBER, _TODAY = msgspec.json.Decoder(_Numbered), msgspec.json.Decoder(Record)


class Store:
    """Records below `folder/runs`."""

    def __init__(self, folder: Path) -> None:
        """`folder` need not exist yet."""
        self.folder = folder
        self.runs = folder / "runs"

    def save(self, record: Record) -> Path:
        """Write a record. Raises StoreError where that id exists or nothing can be written."""
        return self.keep(record.id, to_json(record))

    def keep(self, record_id: str, content: bytes) -> Path:
        """Write a record's bytes as they are, under its id. Raises StoreError as `save` does."""
        if not SAFE_ID.fullmatch(record_id):
            raise StoreError(f"{record_id!r} cannot be a record's name")
        target = self.path(record_id)
        with explained(self.folder):
            self.runs.mkdir(parents=True, exist_ok=True)
            _write_once(target, content)
        return target

    def path(self, record_id: str) -> Path:
        """Where the record of that id lies, or would lie."""
        return self.runs / f"{record_id}.json"

    def load(self, path: Path) -> Record:
        """The record in a file. Raises RecordError for one that is damaged or newer."""
        try:
            size = path.stat().st_size
            content = path.read_bytes() if size <= RECORD_BYTES_MOST else b""
        except OSError as error:
            raise StoreError(f"{path} cannot be read: {error.strerror}") from error
        if not content and size:
            raise RecordError(
                f"{path} is larger than {RECORD_BYTES_MOST >> 20} MiB, which no record is: move it "
                "away"
            )
        record = from_json(content, str(path))
        if record.id != path.stem:
            raise RecordError(f"{path} holds the record {brief(record.id)}: it was renamed")
        return record

    def paths(self) -> Sequence[Path]:
        """The files of all records, by name."""
        return record_files(self.runs)

    def load_all(self) -> tuple[Record, ...]:
        """Every record, by name of its file."""
        return tuple(self.load(path) for path in self.paths())

    def check_writable(self) -> None:
        """Raise StoreError where a record could not be written: before an hour is spent."""
        with explained(self.folder):
            self.runs.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.runs) as file:
                file.write(b"x" * 4096)


def record_files(folder: Path) -> list[Path]:
    """The records right below a folder, by name; a dot file (a Mac's litter, a part) is none."""
    with reading(folder):
        return sorted(path for path in folder.glob("*.json") if not path.name.startswith("."))


@contextlib.contextmanager
def reading(place: Path) -> Iterator[None]:
    """Turn the system's refusal to read into one line."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{place} cannot be read: {error.strerror}") from error


def to_json(record: Record) -> bytes:
    """The record as it lies in its file: readable, one field a line, ending in a newline."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def from_json(content: bytes, name: str) -> Record:
    """The record in `content`, migrated to today's schema. Raises RecordError, naming `name`."""
    with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        record = _TODAY.decode(content)
        if record.schema == SCHEMA:
            return record
    try:
        schema = _NUMBER.decode(content).schema
        if schema > SCHEMA:
            raise RecordError(
                f"{name} has schema {schema}, this program reads up to {SCHEMA}: update certbench"
            )
        if schema == SCHEMA:
            return _TODAY.decode(content)
        raw = msgspec.json.decode(content)
        for version in range(schema, SCHEMA):
            raw = MIGRATIONS[version](raw)
        return msgspec.convert(raw, Record)
    except DAMAGED as error:
        raise RecordError(
            f"{name} is damaged: {brief(error)}. Restore it or move it away"
        ) from error


@contextlib.contextmanager
def explained(
    folder: Path, elsewhere: str = "choose another folder with --results DIR"
) -> Iterator[None]:
    """Turn the system's refusal to write into one line with the next step.

    `elsewhere` says how to write to another place.
    """
    try:
        yield
    except FileExistsError as error:
        name = error.filename2 or error.filename
        raise StoreError(f"{name} exists: records are never overwritten; {elsewhere}") from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        advice = "free some space" if full else elsewhere
        raise StoreError(f"{folder} cannot be written: {error.strerror}; {advice}") from error


def _write_once(target: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".partial-")
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(PermissionError):  # a disk without permissions
            partial.chmod(0o644)
        _link(partial, target)
    finally:
        partial.unlink(missing_ok=True)


# No links on this disk, none to this file, or none more: EXDEV and EINVAL come from layered disks.
NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EXDEV, errno.EINVAL)


def _link(partial: Path, target: Path) -> None:
    """Give the file its name, atomically and never over another's; some disks know no links.

    There it is copied, whole or not at all.
    """
    try:
        os.link(partial, target)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        _copy(partial.read_bytes(), target)


def _copy(content: bytes, target: Path) -> None:
    with target.open("xb") as file, contextlib.ExitStack() as undo:
        undo.callback(target.unlink)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        undo.pop_all()
