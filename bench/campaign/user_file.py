"""A user's own file, whatever it is, looked at before the first run: name, way in, Python, imports.

Nothing of a file is run here: that is for the closed container. What is found wrong now is one
line; found later it would be one failed run for each that was planned. Must not know whether it is
a task, a script or a notebook.
"""

import ast
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import tasks
from bench.errors import UsageError

INSIDE = (3, 13)  # the Python of the images: what it can read, an older one here may not
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
MIB = 1 << 20
BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError)


def check_name(path: Path) -> None:
    """Raise UsageError for a name that no record can have: it becomes part of a file's name."""
    if not NAME.fullmatch(path.stem) or path.stem in tasks.names():
        raise UsageError(
            f"{path.name}: records carry this name: rename the file, to Latin letters, digits, _ "
            "and -, and not like one of the tasks"
        )


def check_readable(path: Path, mib_most: int = 4) -> None:
    """Raise UsageError for what cannot be read here, or is no file of a bearable size."""
    try:
        status = path.stat()
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{path} is not a file")
    if status.st_size > mib_most * MIB:
        raise UsageError(f"{path} is larger than {mib_most} MiB: data come with --data")


def check_shared(paths: Iterable[Path]) -> None:
    """Raise UsageError where a container's worker, which is another user, could not read one.

    A container is given the file or folder itself, whatever the folders above it allow.
    """
    for path in paths:
        needed = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
        if hasattr(os, "getuid") and path.stat().st_mode & needed != needed:
            how = f"chmod -R o+rX {path}" if path.is_dir() else f"chmod a+r {path}"
            raise UsageError(
                f"{path} can be read by nobody else, and a container's worker is somebody else: "
                f"`{how}`"
            )


def check_once(paths: Sequence[Path]) -> None:
    """Raise UsageError for two files of one name: they would be one in the records."""
    seen: dict[str, Path] = {}
    for path in paths:
        if (first := seen.setdefault(path.stem, path)) is not path:
            raise UsageError(f"{first} and {path} are two tasks of one name: rename one")


def parsed(what: str, content: str | bytes) -> ast.Module | None:
    """The code as a tree; None where only a newer Python than this one might read it.

    Raises UsageError, with the line, for what is no Python; `what` is what people call it.
    """
    try:
        return ast.parse(content)
    except BROKEN as error:
        if sys.version_info < INSIDE:
            return None
        where = f" line {error.lineno}" if isinstance(error, SyntaxError) else ""
        said = error.msg if isinstance(error, SyntaxError) else error
        raise UsageError(f"{what}{where} is no Python that can run: {said}") from error


def gives(tree: ast.Module) -> Iterator[str]:
    """The names that a module gives a value anywhere, and those it speaks of as text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def beside(folder: Path, trees: Iterable[ast.Module]) -> tuple[Path, ...]:
    """The modules and packages in a folder that code imports, and those that they import.

    Raises UsageError for one that is no Python.
    """
    found: set[Path] = set()
    waiting = list(trees)
    while waiting:
        for name in _imported(waiting.pop()):
            for path in (folder / f"{name}.py", folder / name):
                if path in found or not _is_module(path):
                    continue
                found.add(path)
                waiting += _trees(path)
    return tuple(sorted(found))


def _is_module(path: Path) -> bool:
    return path.is_file() or (path / "__init__.py").is_file()


def _trees(path: Path) -> list[ast.Module]:
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    trees = [parsed(str(file.relative_to(path.parent)), file.read_bytes()) for file in files]
    return [tree for tree in trees if tree is not None]


def _imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
