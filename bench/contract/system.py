"""Files that the system makes up as they are read (/sys, /proc), which may refuse at any time.

A processor that was taken offline, a battery that was pulled out, a container that masks half of
/sys: the file is listed, and reading it fails with whatever the driver has at hand (ENODEV, EIO,
EBUSY). What does not answer is absent, never an error of ours.
"""

from collections.abc import Iterator
from pathlib import Path


def text(path: Path) -> str | None:
    """What the file says, without blanks around it; None where it does not answer."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


def number(path: Path) -> int | None:
    """The whole number in the file; None where there is none."""
    said = text(path) or ""
    digits = said.removeprefix("-")
    return int(said) if digits.isascii() and digits.isdecimal() and len(digits) < 20 else None


def found(folder: Path, pattern: str) -> Iterator[Path]:
    """The files below `folder` that fit; as many as the system lists before it refuses."""
    try:
        yield from sorted(folder.glob(pattern))
    except OSError:
        return
