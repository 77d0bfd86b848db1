"""A user's own task files, looked at before the first run: a name, a way in, and a `TASK`.

Nothing of a file is run here: that is for the closed container. What is found wrong now is one
line; found later it would be one failed run for each that was planned.
"""

import ast
import keyword
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import tasks
from bench.errors import UsageError

GUIDE = "docs/your-own-task.md shows a whole one"
INSIDE = (3, 13)  # the Python of the images: what it can read, an older one here may not
BYTES_MOST = 4 << 20


def own_files(wanted: Sequence[str]) -> tuple[Path, ...]:
    """The user's own task files among what was asked for.

    Raises UsageError for one that is not there, cannot be read where it is trained, has a name
    that no record can have, comes twice, or defines no `TASK`.
    """
    paths = tuple(dict.fromkeys(Path(name) for name in wanted if name.endswith(".py")))
    for path in paths:
        check_name(path)
        check_readable(path)
        check_defines_task(path)
    _check_once(paths)
    return paths


def check_name(path: Path) -> None:
    """Raise UsageError for a name that cannot be a task's: it becomes part of a file's name."""
    name = path.stem
    plain = name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
    if not plain or name in tasks.names() or len(name) > 64:
        raise UsageError(
            f"{path.name}: a task of your own needs a name of its own, a Python name of ASCII "
            "letters: rename the file"
        )


def check_readable(path: Path) -> None:
    """Raise UsageError for what cannot be read here, or is no file of a bearable size."""
    try:
        status = path.stat()
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{path} is not a file")
    if status.st_size > BYTES_MOST:
        raise UsageError(f"{path} is larger than {BYTES_MOST >> 20} MiB: no task file is")


def check_shared(paths: Sequence[Path]) -> None:
    """Raise UsageError where a container's worker, which is another user, could not read one.

    A container is given the file itself, whatever the folders above it allow.
    """
    for path in paths:
        if hasattr(os, "getuid") and not path.stat().st_mode & stat.S_IROTH:
            raise UsageError(
                f"{path} can be read by nobody else, and a container's worker is somebody else: "
                f"`chmod a+r {path}`"
            )


def check_defines_task(path: Path) -> None:
    """Raise UsageError where the file, as it is written, gives no value to `TASK`."""
    content = path.read_bytes()
    try:
        names = _given(ast.parse(content))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if sys.version_info >= INSIDE:
            where = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
            raise UsageError(f"{path} is no Python{where}: {error}; {GUIDE}") from error
        names = iter(["TASK"] if b"TASK" in content else [])
    if not {"TASK", "*"} & set(names):
        raise UsageError(f"{path} defines no TASK = Task(...): {GUIDE}")


def _given(tree: ast.Module) -> Iterator[str]:
    """The names that a module gives a value anywhere, and those it speaks of as text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _check_once(paths: Sequence[Path]) -> None:
    """Two files of one name would be one task in the records."""
    seen: dict[str, Path] = {}
    for path in paths:
        if (first := seen.setdefault(path.stem, path)) is not path:
            raise UsageError(f"{first} and {path} are two tasks of one name: rename one")
