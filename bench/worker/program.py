"""What a script consists of: one file, or the cells of a notebook, each run after the other.

Around a notebook lie things that are no package of its own: a display, Colab's drive. Here they do
nothing. Must not know Keras.
"""

import importlib.abc
import importlib.machinery
import linecache
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Self

from bench.contract.cells import SUFFIX, UPLOADED, Cells, decode_cells

CELL = re.compile(r"<cell (\d+)>")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a script; `place` is what tracebacks call its file."""

    place: str
    source: str | bytes

    def compiled(self) -> CodeType:
        """The piece, ready to run. Raises SyntaxError."""
        return compile(self.source, self.place, "exec")


def parts(file: Path) -> Iterator[Part]:
    """The script's pieces in their order; a notebook's lines are laid out for tracebacks."""
    cells = _cells(file)
    if cells is None:
        yield Part(place=str(file), source=file.read_bytes())
        return
    for cell in cells.cells:
        # as a file without a time stamp: nobody looks for it on the disk
        lines = [f"{line}\n" for line in cell.code.splitlines()]
        linecache.cache[cell.place] = (len(cell.code), None, lines, cell.place)
        yield Part(place=cell.place, source=cell.code)


def _cells(file: Path) -> Cells | None:
    return decode_cells(file.read_bytes()) if file.suffix == SUFFIX else None


def title(file: Path) -> str:
    """What people call the script."""
    cells = _cells(file)
    return cells.notebook if cells else file.name


def where(file: Path, error: BaseException) -> str:
    """`lesson.ipynb cell 3 line 2`: the script's own innermost line that an error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [(f.filename, f.lineno) for f in frames]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno))
    own = [(p, line) for p, line in places if p == str(file) or CELL.fullmatch(p)]
    place, line = own[-1] if own else ("", None)
    cell = CELL.fullmatch(place)
    return f"{title(file)}{f' cell {cell[1]}' if cell else ''} line {line}"


def surroundings(file: Path) -> dict[str, Any]:
    """The names that a notebook finds without importing them."""
    if file.suffix != SUFFIX:
        return {}
    return {"get_ipython": _Nothing("get_ipython"), "display": print}


@contextmanager
def pretended() -> Iterator[None]:
    """Within it, Colab's modules are there and do nothing, and a display shows nothing."""
    colab, display = _Pretender("google.colab"), _Pretender("IPython")
    sys.meta_path.insert(0, colab)  # also on Colab, whose own ask somebody at a browser
    sys.meta_path.append(display)
    try:
        yield
    finally:
        for finder in (colab, display):
            sys.meta_path.remove(finder)
        for name, module in list(sys.modules.items()):
            if getattr(getattr(module, "__spec__", None), "loader", None) in (colab, display):
                del sys.modules[name]


class _Pretender(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a package and all that lies below it: modules of things that do nothing."""

    def __init__(self, name: str) -> None:
        """`name` is the package."""
        self._name = name

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A module of its own for the package and what lies below it; None for all others."""
        if fullname != self._name and not fullname.startswith(f"{self._name}."):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        """Give it whatever is asked for."""
        module.__getattr__ = _found  # type: ignore[method-assign]
        if module.__name__ == "IPython":  # matplotlib asks whether there is a shell, and how old
            module.__dict__.update(get_ipython=lambda: None, version_info=(9, 0, 0))


def _found(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return _Nothing(name)


class _Nothing:
    """Can be called, entered and asked for parts; does nothing, but for what cannot be left out."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> "_Nothing":
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing(f"{self._name}.{name}")

    def __call__(self, *arguments: Any, **settings: Any) -> "_Nothing":
        if self._name.endswith("files.upload") or self._name == "upload":
            raise FileNotFoundError(UPLOADED)
        return self

    def __bool__(self) -> bool:
        """Libraries ask whether there is a shell."""
        return False

    def __getitem__(self, _: object) -> Self:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was entered."""
