"""What crosses between the machine that commands and one that trains: one order, one answer."""

import hashlib
from pathlib import Path
from typing import Literal

import msgspec

from bench import __version__

State = Literal["absent", "running", "ended", "cut"]


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A verb about one campaign of one entry. `words` are the options of `certbench run`.

    `offset` is how many bytes of the progress are known already.
    """

    verb: Literal["about", "start", "follow", "fetch", "stop"]
    campaign: str = ""
    entry: str = ""
    words: tuple[str, ...] = ()
    offset: int = 0


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the run stands there, its new progress, and on `fetch` the archive of its records.

    cut: it ended without saying how, by a kill for one. `error` is one line with the next step.
    """

    version: str = __version__
    digest: str = ""
    state: State = "absent"
    exit_code: int | None = None
    text: str = ""
    offset: int = 0
    archive: bytes | None = None
    error: str | None = None


def source_digest() -> str:
    """SHA-256 over the program's Python sources, the tasks included."""
    root = Path(__file__).resolve().parents[2]
    total = hashlib.sha256()
    for path in sorted([*root.glob("bench/**/*.py"), *root.glob("tasks/*.py")]):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root).as_posix()}\0{content}\n".encode())
    return total.hexdigest()
