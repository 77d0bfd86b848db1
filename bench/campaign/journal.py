"""A started run is journalled line by line, so that even `kill -9` of the command loses nothing.

A journal is the run's record as planned, then the worker's own lines. The next campaign turns what
it finds into `interrupted` records.
"""

from pathlib import Path
from typing import Self

import msgspec

from bench.contract.events import Event, decode
from bench.errors import RecordError
from bench.evidence.fold import fold
from bench.evidence.record import Ending, Record
from bench.evidence.store import Store, explained

KILLED = Ending(exit_code=None, oom_killed=False, timed_out=False, stderr_tail=())


class Journal:
    """The journal of one run; use as a context manager, and `close` it once the record is kept."""

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

    def discard(self) -> None:
        """The record is kept: the journal is not needed any more."""
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """Nothing but itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file; it stays unless it was discarded."""
        self._file.close()


def folder(store: Store) -> Path:
    """Where journals of started runs lie."""
    return store.folder / ".journal"


def recover(store: Store) -> tuple[Record, ...]:
    """Write an `interrupted` record for each run that a killed command left, and forget it."""
    found = []
    for path in sorted(folder(store).glob("*.jsonl")):
        record = _recovered(path)
        if record is not None and not (store.runs / f"{record.id}.json").exists():
            store.save(record)
            found.append(record)
        path.unlink()
    return tuple(found)


def _recovered(path: Path) -> Record | None:
    """The record of a journal; None where the command died before the plan was written."""
    first, *lines = path.read_bytes().split(b"\n")
    try:
        draft = msgspec.json.decode(first, type=Record)
    except msgspec.MsgspecError as error:
        if lines:
            raise RecordError(f"{path} is damaged: move it away") from error
        return None
    record = fold(draft, readable(lines), KILLED, None)
    return msgspec.structs.replace(
        record, status="interrupted", reasons=("killed",), detail="the command was killed"
    )


def readable(lines: list[bytes]) -> list[Event]:
    """The events in the lines; a last line that was cut is left out."""
    events = []
    for line in filter(None, lines):
        try:
            events.append(decode(line))
        except msgspec.MsgspecError:
            break
    return events
