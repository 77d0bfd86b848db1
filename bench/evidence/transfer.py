"""Records out of a results folder into an archive, and into one from archives: all, or nothing."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.errors import ArchiveError
from bench.evidence.archive import Member, read_file, write_archive
from bench.evidence.record import Record
from bench.evidence.store import Store, reading
from bench.evidence.words import counted


@dataclass(frozen=True, kw_only=True)
class Imported:
    """Ids of records that were written, and of those that were here already, byte for byte.

    `records` are both.
    """

    added: tuple[str, ...]
    known: tuple[str, ...]
    records: tuple[Record, ...]


def export_records(store: Store, out: Path, wanted: Callable[[Record], bool]) -> tuple[str, ...]:
    """Write the wanted records of a store into the archive `out`; their ids.

    The same records give the same bytes (with the same zlib). Raises RecordError for a damaged
    record, ArchiveError where it would be too much to import, StoreError where `out` exists or
    cannot be written.
    """
    members = [
        Member(name=path.name, content=path.read_bytes(), record=record)
        for path in store.paths()
        if wanted(record := store.load(path))
    ]
    write_archive(out, members)
    return tuple(member.record.id for member in members)


def import_records(files: Sequence[Path], store: Store) -> Imported:
    """Write the records of all files that are not here yet: all of them, or none.

    Raises ArchiveError, RecordError or StoreError, naming the file and the record.
    """
    members: dict[str, Member] = {}
    for path in files:
        for member in read_file(path):
            before = members.setdefault(member.record.id, member)
            if before.content != member.content:
                raise ArchiveError(f"{path}: {member.record.id} comes twice, with other bytes")
    _check_case(members)
    known = {record_id for record_id in members if store.path(record_id).exists()}
    _check_conflicts([members[record_id] for record_id in sorted(known)], store)
    added = tuple(sorted(members.keys() - known))
    _write_all([members[record_id] for record_id in added], store)
    records = tuple(members[record_id].record for record_id in sorted(members))
    return Imported(added=added, known=tuple(sorted(known)), records=records)


def _check_case(members: Mapping[str, Member]) -> None:
    """Raise ArchiveError for two ids that some disks do not tell apart."""
    plain: dict[str, str] = {}
    for record_id in sorted(members):
        if (first := plain.setdefault(record_id.lower(), record_id)) != record_id:
            raise ArchiveError(f"the records {first} and {record_id} differ in case alone: refused")


def _check_conflicts(members: Sequence[Member], store: Store) -> None:
    """Raise ArchiveError where a record that is here has other bytes."""
    with reading(store.runs):
        other = [
            member.record.id
            for member in members
            if store.path(member.record.id).read_bytes() != member.content
        ]
    if other:
        raise ArchiveError(
            f"{counted(len(other), 'record')} already here with other bytes, the first is "
            f"{other[0]}: one of the two was changed. Nothing was imported; import into another "
            "folder with --results DIR"
        )


def _write_all(members: Sequence[Member], store: Store) -> None:
    """Write each; where one cannot be written, those before it are removed again."""
    with ExitStack() as undo:
        for member in members:
            written = store.keep(member.record.id, member.content)
            undo.callback(written.unlink)
        undo.pop_all()
