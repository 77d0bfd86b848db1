"""Writes a page into a folder, and touches nothing in it that it did not write itself.

A list of what was written lies in the folder, and makes it ours. A second page takes away the
files on that list, and no other: whoever keeps a page in a git checkout keeps the checkout.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.errors import StoreError

PART = ".certbench-part-"  # killed in between, it is taken away by the next page
MARKER = ".certbench-page"
HEAD = "certbench page 1: the files below were written by certbench and are replaced by it"
SAFE_NAME = re.compile(r"(?:(?:charts|runs|records|data)/)?[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
SUBFOLDERS = ("charts", "runs", "records", "data")
MADE_BY = b"certbench charts"
HEAD_BYTES = 2048


def write_page(out: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write the files, in place of an earlier page; how many they are.

    Raises StoreError for a folder that holds anything and is not ours, for one that cannot be
    written, and for a file that is in the way.
    """
    with explained(out):
        check(out)
        out.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        with _beside(out) as part:
            names = _write(part, files)
            _check_free(out, names)
            _clear(out)
            _move(part, out, names)
        return len(names)


@contextmanager
def explained(out: Path) -> Iterator[None]:
    """TippingPoint the system's refusal to write into one line with the next step."""
    try:
        yield
    except FileExistsError as error:
        raise StoreError(
            f"{error.filename} is in the way and was not made by certbench: move it away"
        ) from error
    except OSError as error:
        raise StoreError(
            f"{out} cannot be written: {error.strerror}; choose another folder with --out DIR"
        ) from error


def check(out: Path) -> None:
    """Raise StoreError unless `out` is new, empty or ours."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise StoreError(f"{out} is no folder: choose another with --out DIR")
    if out.exists() and _holds_anything(out) and not _is_ours(out):
        raise StoreError(
            f"{out} holds other things and was not made by certbench: choose another with --out DIR"
        )
    links = [name for name in SUBFOLDERS if (out / name).is_symlink()]
    if links:
        raise StoreError(f"{out / links[0]} is a link: nothing is written through it, remove it")


def _holds_anything(out: Path) -> bool:
    return any(not one.name.startswith(PART) for one in out.iterdir())


def _is_ours(out: Path) -> bool:
    marker = out / MARKER
    return (
        marker.is_file()
        and not marker.is_symlink()
        and marker.read_text(encoding="utf-8", errors="replace").startswith(HEAD + "\n")
    )


def _clear(out: Path) -> None:
    """Take away what an earlier page wrote."""
    for name in _listed(out):
        (out / name).unlink(missing_ok=True)


def _listed(out: Path) -> list[str]:
    """What an earlier page wrote, by its own list."""
    marker = out / MARKER
    if not marker.exists():
        return []
    lines = marker.read_text(encoding="utf-8", errors="replace").splitlines()[1:]
    return [name for name in lines if SAFE_NAME.fullmatch(name)]


def _sweep(out: Path) -> None:
    """Take away what a killed command left half written."""
    for left in out.glob(f"{PART}*"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A folder on the same disk, gone afterwards: a disk that is full leaves no half page."""
    part = Path(tempfile.mkdtemp(prefix=PART, dir=out))
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write(part: Path, files: Iterable[tuple[str, bytes]]) -> list[str]:
    """Write the files and the list of them; their names."""
    names = []
    for name in SUBFOLDERS:
        (part / name).mkdir()
    for name, content in files:
        if not SAFE_NAME.fullmatch(name):
            raise StoreError(f"{name[:80]!r} is no name for a file of a page")
        with (part / name).open("xb") as file:
            file.write(content)
        names.append(name)
    (part / MARKER).write_text("\n".join([HEAD, *names, ""]), encoding="utf-8")
    return names


def _check_free(out: Path, names: Iterable[str]) -> None:
    """Raise FileExistsError where a file that is not ours is in the way of one of the page's."""
    ours = set(_listed(out))
    for name in names:
        if name not in ours and (out / name).is_symlink() | (out / name).exists():
            raise FileExistsError(None, None, str(out / name))


def _move(part: Path, out: Path, names: Iterable[str]) -> None:
    """Into the page's folder; it takes no space, and the list goes first: all of it is ours."""
    for name in SUBFOLDERS:
        (out / name).mkdir(exist_ok=True)
    for name in (MARKER, *names):
        (part / name).replace(out / name)


def write_picture(out: Path, name: str, content: bytes) -> Path:
    """Write one picture, whole or not at all, in place of an earlier one of ours; where it lies.

    A picture says inside who made it. Raises StoreError for a folder that is a link, and for a file
    of that name that is a link or was not made by certbench.
    """
    target = out / name
    with explained(out):
        if out.is_symlink() or (out.exists() and not out.is_dir()):
            raise StoreError(f"{out} is no folder: choose another with --out DIR")
        if target.is_symlink() or (target.exists() and not _is_our_picture(target)):
            raise StoreError(f"{target} is in the way and was not made by certbench: move it away")
        out.mkdir(parents=True, exist_ok=True)
        _put(target, content)
    return target


def _is_our_picture(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return MADE_BY in file.read(HEAD_BYTES)


def _put(target: Path, content: bytes) -> None:
    """Beside it first, then in its place: nobody sees half a file, and no link is followed."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
