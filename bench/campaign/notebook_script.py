"""A notebook made into plain Python before its run: code cells in their order, without magics.

IPython's own transformer finds what is no Python, so that a notebook is read as IPython reads it.
Nothing of it is run here. Each cell keeps its number and its lines, for tracebacks.
"""

import ast
import hashlib
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import platformdirs

from bench.campaign.user_file import parsed
from bench.contract.cells import SUFFIX, UPLOADED, Cell, Cells, encode_cells
from bench.errors import UsageError

RUN_AS_CODE = ("time", "capture")  # what these magics are given is code that runs without them too
ENVIRONMENT = ("env", "set_env")
INSTALLS = re.compile(r"^[!%]+\s*(?:python3?\s+-m\s+)?(?:pip3?|conda|mamba|uv)\s.*\binstall\b")
MOUNTS = re.compile(r"^[^#\n]*\bdrive\.mount\s*\(\s*['\"]([^'\"]+)['\"]", re.MULTILINE)
SHOWN = 60  # signs of a line that is left out


class _Cell(msgspec.Struct):
    cell_type: str
    source: str | list[str] = ""


class _Notebook(msgspec.Struct):
    """What is read of the format, version 4 (nbformat.readthedocs.io)."""

    cells: list[_Cell]
    metadata: dict[str, Any] = {}


@dataclass(frozen=True, kw_only=True)
class Converted:
    """What runs of a notebook; lines that do not, and what to do about them; its identity.

    digest: SHA-256 of its code cells as they were written. Its outputs, texts and counts change
    nothing of what an epoch does, and no more does how magics are taken out.
    """

    cells: Cells
    left_out: tuple[str, ...]
    hints: tuple[str, ...]
    trees: tuple[ast.Module, ...]
    digest: str


def converted(file: Path) -> Converted:
    """The notebook as plain Python. Raises UsageError with the cell and the next step."""
    sources = _sources(file)
    done = [_plain(number, text) for number, text in enumerate(sources, 1)]
    cells = tuple(one.cell for one in done)
    trees = [_tree(file, cell) for cell in cells]
    left_out = [line for one in done for line in one.left_out]
    return Converted(
        cells=Cells(notebook=file.name, cells=tuple(c for c in cells if c.code.strip())),
        left_out=tuple(left_out),
        hints=tuple(_hints(left_out)),
        trees=tuple(tree for tree in trees if tree),
        digest=hashlib.sha256(msgspec.json.encode(sources)).hexdigest(),
    )


def _sources(file: Path) -> list[str]:
    """The text of each code cell."""
    try:
        found = msgspec.json.decode(file.read_bytes(), type=_Notebook)
    except msgspec.MsgspecError as error:
        raise UsageError(
            f"{file.name} is no notebook of format 4 ({error}): open it in Jupyter and save it"
        ) from error
    language = found.metadata.get("language_info") or found.metadata.get("kernelspec") or {}
    spoken = str(language.get("language") or language.get("name") or "python")
    if not spoken.startswith("python"):
        raise UsageError(f"{file.name} speaks {spoken}: certbench runs notebooks in Python")
    return [
        cell.source if isinstance(cell.source, str) else "".join(cell.source)
        for cell in found.cells
        if cell.cell_type == "code"
    ]


@dataclass(frozen=True, kw_only=True)
class _Plain:
    cell: Cell
    left_out: tuple[str, ...]


def _plain(number: int, text: str) -> _Plain:
    lines, left_out = _without_magics(text)
    told = tuple(f"cell {number}: {_short(line)}" for line in left_out)
    return _Plain(cell=Cell(number=number, code="".join(lines)), left_out=told)


def _without_magics(text: str) -> tuple[list[str], list[str]]:
    """The lines that run, as many as before, and those that do not."""
    from IPython.core.inputtransformer2 import TransformerManager, cell_magic

    manager = TransformerManager()
    lines = [f"{line}\n" for line in text.splitlines()]
    blank = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    cleaned = lines
    for transform in manager.cleanup_transforms:
        cleaned = transform(cleaned)
    before = ["\n"] * blank
    if cleaned and (whole := cell_magic(list(cleaned))) != cleaned:
        inner, left_out = _cell_magic(whole[0], cleaned[0])
        return [*before, *inner], left_out
    plain, left_out = _line_magics(manager, cleaned)
    return [*before, *plain], left_out


def _cell_magic(call: str, first: str) -> tuple[list[str], list[str]]:
    """A cell that a magic is given as a whole: its code, or nothing of it."""
    name, line, body = _words(call)
    if name in RUN_AS_CODE:
        lines, left_out = _without_magics(body)
        return ["\n", *lines], left_out
    if name == "writefile":
        return [f"open({line.split()[-1]!r}, 'w').write({body!r})\n"], []
    return [], [first]


def _line_magics(manager: Any, lines: list[str]) -> tuple[list[str], list[str]]:
    """Take out one magic after the other; what takes several lines leaves blank ones."""
    left_out: list[str] = []
    while True:
        changed, after = manager.do_one_token_transform(lines)
        if not changed:
            return lines, left_out
        at = next(n for n, line in enumerate(after) if line != lines[n])
        merged = len(lines) - len(after)
        original, call = "".join(lines[at : at + merged + 1]), after[at]
        new = _instead(call)
        if new is None:
            left_out.append(original)
            new = "pass\n"
        indent = re.match(r"[ \t]*", call)
        assert indent is not None
        lines = [*after[:at], indent[0] + new, *["\n"] * merged, *after[at + 1 :]]


def _instead(call: str) -> str | None:
    """A line of Python that does what a line magic does; None where it is left out."""
    words = _words(call)
    if len(words) != 2:
        return None
    name, given = words
    if name in RUN_AS_CODE:
        return f"{given}\n"
    if name in ENVIRONMENT and (pair := re.match(r"(\w+)[=\s]\s*(.+)", given)):
        return f"__import__('os').environ[{pair[1]!r}] = {pair[2].strip()!r}\n"
    return None


def _words(call: str) -> list[str]:
    """What the transformer's `get_ipython().run_..._magic(...)` is called with; else nothing."""
    try:
        [statement] = ast.parse(call.strip()).body
    except (SyntaxError, ValueError):
        return []
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return []
    asked = statement.value.func
    if not isinstance(asked, ast.Attribute) or not asked.attr.endswith("magic"):
        return []
    return [str(ast.literal_eval(word)) for word in statement.value.args]


def _tree(file: Path, cell: Cell) -> ast.Module | None:
    """The cell's code. Raises UsageError for one that cannot run, or waits for a browser."""
    tree = parsed(f"{file.name} cell {cell.number}", cell.code)
    for statement in tree.body if tree else ():
        simple = isinstance(statement, ast.Expr | ast.Assign)
        if simple and any(_uploads(node) for node in ast.walk(statement)):
            raise UsageError(f"{file.name} cell {cell.number}: {UPLOADED}")
    return tree


def _uploads(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "upload"
        and ast.unparse(node.func.value).rpartition(".")[2] == "files"
    )


def _hints(left_out: Sequence[str]) -> list[str]:
    """What to do where a notebook installs packages."""
    cells = [line.partition(":") for line in left_out]
    installs = [place for place, _, line in cells if INSTALLS.match(line.strip())]
    if not installs:
        return []
    where = ", ".join(dict.fromkeys(installs))
    return [f"{where}: what it installs is given in a file of one package a line: --requirements"]


def staged(file: Path, cells: Cells, siblings: Sequence[Path]) -> Path:
    """A file of the cells in a folder of its own, with the modules that they import beside it.

    The folder stays: it is small, an engine has to see it, and a resumed campaign needs it.
    """
    content = encode_cells(cells)
    home = Path(platformdirs.user_cache_dir("certbench")) / "notebooks"
    folder = home / hashlib.sha256(str(file.resolve()).encode() + content).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    for path in siblings:
        copy = shutil.copytree if path.is_dir() else shutil.copyfile
        shutil.rmtree(folder / path.name, ignore_errors=True)
        copy(path, folder / path.name)
    path = folder / f"{file.stem}{SUFFIX}"
    path.write_bytes(content)
    path.chmod(0o644)
    return path


def drive_hint(code: str, given: Sequence[str]) -> str | None:
    """What to do where code mounts a Google Drive below which nothing `given` lies; else None."""
    found = MOUNTS.search(code)
    if found is None or any(inside.startswith(found[1].rstrip("/")) for inside in given):
        return None
    return f"drive.mount does nothing here: --data ./drive:{found[1].rstrip('/')} brings its files"


def _short(line: str) -> str:
    plain = " ".join(line.split())
    return plain if len(plain) <= SHOWN else f"{plain[: SHOWN - 1]}…"
