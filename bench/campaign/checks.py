"""One line of the doctor, and the looks that the machine and every engine share."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.errors import CertbenchError

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line: what was looked at, how it stands, and what to do where it is not well."""

    name: str
    level: Level
    text: str
    advice: str = ""


def tried(
    name: str,
    look: Callable[[], object],
    errors: tuple[type[CertbenchError], ...] = (CertbenchError,),
    level: Level = "fail",
) -> Check:
    """A line that is well where `look` returns, and says what an error of `errors` says."""
    try:
        return Check(name=name, level="ok", text=str(look()))
    except errors as error:
        return refused(name, error, level)


def refused(name: str, error: CertbenchError, level: Level = "fail") -> Check:
    """An error as a line: what it says before its colon, and the next step after it."""
    text, _, advice = str(error).partition(": ")
    return Check(name=name, level=level, text=text, advice=advice)


def unreadable(name: str) -> Check:
    """What this system does not show, a virtual machine for one, is no fault and not left out."""
    return Check(name=name, level="ok", text="not readable here")


def disk(folder: Path, needed: float, what: str) -> Check:
    """Free space where records or images will lie."""
    place = next(p for p in (folder.absolute(), *folder.absolute().parents) if _is_there(p))
    try:
        free = shutil.disk_usage(place).free
    except OSError:
        return unreadable(f"disk for {what}")
    text = f"{free / 1e9:.1f} GB free for {what}, {needed / 1e9:.2g} GB needed"
    if free >= needed:
        return Check(name=f"disk for {what}", level="ok", text=text)
    return Check(name=f"disk for {what}", level="fail", text=text, advice="free some space")


def _is_there(path: Path) -> bool:
    """Whether it exists, as far as this user may see."""
    with suppress(OSError):
        return path.exists()
    return False
