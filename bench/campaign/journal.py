"""A started run is journalled line by line, so that even `kill -9` of the command loses nothing.

A journal is the run's record as planned, the worker's own lines, and how the run ended. The next
campaign makes a record of what it finds: the whole one where the journal holds a whole run, else
one that says what cut the run short. What cannot become a record is set aside and stops nothing.
"""

import errno
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bench.contract.bounds import Seconds
from bench.contract.events import Event, Placed, decode
from bench.errors import RecordError, StoreError
from bench.evidence.fold import fold
from bench.evidence.record import Ending, Record, Session
from bench.evidence.store import SAFE_ID, Store, explained, from_json, to_json
from bench.evidence.trust import judge_run

KILLED = Ending(exit_code=None, oom_killed=False, timed_out=False, stderr_tail=())
WELL = replace(KILLED, exit_code=0)
FULL = ".full"  # in the name of a journal that a full disk cut short


class Closing(Struct, frozen=True, tag_field="event", tag="closing", forbid_unknown_fields=True):
    """The journal's last line: what the engine knows once the worker has ended."""

    ending: Ending
    start_seconds: Seconds | None
    session: Session | None


class Journal:
    """The journal of one run, as a context manager; `discard` it once the record is kept."""

    def __init__(self, store: Store, draft: Record) -> None:
        """Open `FOLDER/.journal/RUN.jsonl` and write the plan of the run into it."""
        self._store = store
        self.path = folder(store) / f"{draft.id}.jsonl"
        with explained(store.folder):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("wb", buffering=0)
        self.write(msgspec.json.encode(draft))

    def write(self, line: bytes) -> None:
        """Keep a line. Raises StoreError where the disk is full."""
        with explained(self._store.folder):
            self._file.write(line + b"\n")

    def close(self, closing: Closing) -> None:
        """Keep how the run ended. Raises StoreError where the disk is full."""
        self.write(msgspec.json.encode(closing))

    def discard(self) -> None:
        """The record is kept: the journal is not needed any more."""
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """Nothing but itself."""
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Close the file; it stays unless it was discarded, and says what it was that cut it."""
        self._file.close()
        if isinstance(error, StoreError) and _is_full(error):
            with suppress(OSError):
                self.path.rename(self.path.with_suffix(FULL + self.path.suffix))


def _is_full(error: StoreError) -> bool:
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT)


def folder(store: Store) -> Path:
    """Where journals of started runs lie."""
    return store.folder / ".journal"


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """The records that were made of journals, and where journals lie that could not become one."""

    records: tuple[Record, ...] = ()
    aside: tuple[Path, ...] = ()


def recover(store: Store) -> Recovered:
    """Write a record for each run that a killed command left, and forget its journal.

    Raises StoreError where a record cannot be written: its journal stays.
    """
    records, aside = [], []
    for path in _journals(store):
        try:
            record = _recovered(path)
        except RecordError:
            aside.append(_set_aside(path, store))
            continue
        if record is not None and not store.path(record.id).exists():
            store.save(record)
            records.append(record)
        with explained(store.folder):
            path.unlink(missing_ok=True)
    return Recovered(records=tuple(records), aside=tuple(aside))


def _journals(store: Store) -> Sequence[Path]:
    found = sorted(folder(store).glob("*.jsonl"))
    return [path for path in found if not path.name.startswith(".") and path.is_file()]


def _set_aside(path: Path, store: Store) -> Path:
    """Move it where nothing looks for it; an older one of its name makes way by a number."""
    place = path.parent / "aside"
    names = (place / f"{path.name}{number or ''}" for number in range(1000))
    with explained(store.folder):
        place.mkdir(exist_ok=True)
        target = next(name for name in names if not name.exists())
        return path.rename(target)


def _recovered(path: Path) -> Record | None:
    """The record of a journal; None where the command died before the plan was written."""
    try:
        first, *lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror}") from error
    if not lines:
        return None
    draft = from_json(first, str(path))
    record = _made(draft, lines, full=path.stem.endswith(FULL))
    if not SAFE_ID.fullmatch(record.id):
        raise RecordError(f"{path} would be no record")
    return from_json(to_json(record), str(path))


def _made(draft: Record, lines: list[bytes], *, full: bool) -> Record:
    """What the journal tells, as a record: whole where the worker had said its last word."""
    events, closing = readable(lines), _closing(lines)
    if closing is not None:
        planned = replace(draft, session=closing.session)
        return judge_run(fold(planned, events, closing.ending, closing.start_seconds))
    cause = "the disk was full" if full else "the command was killed"
    if any(isinstance(event, Placed) for event in events):
        whole = judge_run(fold(draft, events, WELL, None))
        said = f"{cause} before the record was written: how long the start took is not known"
        return replace(whole, ending=KILLED, detail=whole.detail or said)
    cut = fold(draft, events, KILLED, None)
    reason = "disk-full" if full else "killed"
    return replace(cut, status="interrupted", reasons=(reason,), detail=cause)


def _closing(lines: list[bytes]) -> Closing | None:
    last = next((line for line in reversed(lines) if line), b"")
    with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(last, type=Closing)
    return None


def readable(lines: list[bytes]) -> list[Event]:
    """The events in the lines; a last line that was cut is left out."""
    events = []
    for line in filter(None, lines):
        try:
            events.append(decode(line))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            break
    return events
