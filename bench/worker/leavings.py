"""What a script left in its working folder: told at its end, and kept where that was asked for.

The folder itself goes with the run. Nothing here is timed, and nothing here fails a run.
"""

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from bench.contract.events import Event, Noticed, Wrote
from bench.contract.order import Order

NAMED = 5  # files that are told by name
NOT_WRITTEN = {"__pycache__"}


def leave(folder: Path, script: Path, order: Order, emit: Callable[[Event], None]) -> None:
    """Tell what stands in the folder beside the script and its data, and copy it to `order.keep`.

    A copy that fails, on a full disk, is told too.
    """
    given = {script, *(folder / inside for inside in order.links)}
    files = list(_files(folder, given))
    if not files:
        return
    if order.keep:
        try:
            _copy(files, folder, Path(order.keep))
        except OSError as error:
            emit(Noticed(line=None, text=f"what it wrote could not be kept: {error.strerror}"))
            return
    ordered = sorted(files, key=_size, reverse=True)
    names = [_plain(path.relative_to(folder).as_posix()) for path in ordered[:NAMED]]
    emit(
        Wrote(
            files=tuple(names),
            count=len(files),
            size_bytes=sum(map(_size, files)),
            kept=bool(order.keep),
        )
    )


def _files(folder: Path, given: set[Path]) -> Iterable[Path]:
    """Plain files below the folder; a link may lead anywhere and stays."""
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        is_given = path in given or not given.isdisjoint(path.parents)
        is_plain = path.is_file() and not path.is_symlink()
        if is_plain and not is_given and NOT_WRITTEN.isdisjoint(parts):
            yield path


def _plain(name: str) -> str:
    """A name that can be sent, whatever bytes the file system holds."""
    return name.encode(errors="replace").decode()


def _size(path: Path) -> int:
    return path.stat().st_size


def _copy(files: Iterable[Path], folder: Path, keep: Path) -> None:
    """Copy them with their folders. The owner may be another user there, so all may change them."""
    for path in files:
        target = keep / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        for each in (target, *target.parents):
            if each == keep:
                break
            with suppress(OSError):
                each.chmod(0o777 if each.is_dir() else 0o666)
