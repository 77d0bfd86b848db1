"""Records of several places for `charts` and `publish`: this store, folders and archives."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import rich_click as click

from bench.cli.options import say
from bench.errors import CertbenchError, RecordError, StoreError, UsageError
from bench.evidence.archive import each_member, read_file
from bench.evidence.record import Record
from bench.evidence.store import Store, record_files

Reader = Callable[[], Iterable[Record | CertbenchError]]

with_option = click.option(
    "--with",
    "places",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Add further records: a results folder, or a zip made by `certbench export`.",
)
skip_option = click.option(
    "--skip-damaged", "skip", is_flag=True, help="Leave out what cannot be read, and say so."
)
name_option = click.option(
    "--name", "names", multiple=True, metavar="MACHINE=TEXT", help="Call a machine by this name."
)


def gather(store: Store, places: Sequence[Path], *, skip: bool) -> tuple[list[Record], list[str]]:
    """All records, one of each id, and a sentence about each that is left out.

    Raises a CertbenchError for the first that cannot be shown, unless `skip` is given.
    """
    found: dict[str, Record] = {}
    refused: list[str] = []
    for read in _readers(store, places):
        for record in _each(read):
            error = record if isinstance(record, CertbenchError) else _add(found, record)
            if error is None:
                continue
            if not skip:
                raise type(error)(f"{error}; or leave it out with --skip-damaged") from error
            say(f"left out: {error}")
            refused.append(str(error))
    return list(found.values()), refused


def _each(read: Reader) -> Iterator[Record | CertbenchError]:
    """What a file holds; where it cannot be read at all, why."""
    try:
        yield from read()
    except CertbenchError as error:
        yield error


def _readers(store: Store, places: Sequence[Path]) -> Iterator[Reader]:
    """One for each file, so that a damaged one takes no other with it."""
    for path in store.paths():
        yield partial(_stored, store, path)
    for place in places:
        if not place.exists():
            raise StoreError(f"{place} does not exist: --with takes a folder or a zip")
        if place.is_dir():
            yield from (partial(_single, path) for path in _files(place))
        else:
            yield partial(_packed, place)


def _stored(store: Store, path: Path) -> list[Record]:
    return [store.load(path)]


def _single(path: Path) -> list[Record]:
    return [member.record for member in read_file(path)]


def _packed(path: Path) -> Iterator[Record | CertbenchError]:
    """The records of an archive; a damaged one takes no other with it, an unsafe archive all."""
    for member in each_member(path):
        yield member if isinstance(member, CertbenchError) else member.record


def _files(folder: Path) -> list[Path]:
    runs = folder / "runs"
    found = record_files(runs if runs.is_dir() else folder)
    if not found:
        raise UsageError(f"{folder} holds no records: --with takes a results folder or a zip")
    return found


def _add(found: dict[str, Record], record: Record) -> RecordError | None:
    """Keep a record; why not, where it cannot be shown or contradicts another."""
    from bench.publish.vetting import fault

    wrong = fault(record)
    if wrong:
        return RecordError(f"the record {record.id[:80]!r} {wrong}: move it away")
    known = found.setdefault(record.id, record)
    if known is not record and known != record:
        return RecordError(f"there are two different records of the id {record.id}: keep one")
    return None


def named(pairs: Sequence[str]) -> dict[str, str]:
    """Machine id → name. Raises UsageError for what is no such pair."""
    names = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not (key and equals and text.strip()):
            raise UsageError(f"--name {pair}: say MACHINE=TEXT, with the id that `show` tells")
        names[key] = text
    return names


def typed(
    own: Path | None, results: Path, places: Sequence[Path], names: Sequence[str], *, skip: bool
) -> list[str]:
    """The options that tell this story again; of a path its last part, which says enough."""
    words = [] if results == Path("results") else ["--results", results.absolute().name]
    for place in places:
        words += ["--with", place.absolute().name]
    for pair in names:
        words += ["--name", pair]
    if own is not None:
        words += ["--prices", own.name]
    return [*words, "--skip-damaged"] if skip else words
