"""A user's script before its first run: what can be checked is checked here, once.

Must not know TensorFlow, nor which engine will run it.
"""

import ast
import hashlib
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tasks
from bench.contract.data import folder_digest
from bench.errors import UsageError

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
NO_LIMIT = 30 * 86400.0  # seconds: a script runs as long as it likes
DATA = "/own/data"


@dataclass(frozen=True, kw_only=True)
class Mount:
    """What a user gave with `--data`: where it is, where the script looks for it, its SHA-256."""

    outside: Path
    inside: str
    digest: str

    @property
    def absolute(self) -> bool:
        """Whether the script looks for it outside its working folder."""
        return self.inside.startswith("/")


@dataclass(frozen=True, kw_only=True)
class UserScript:
    """A script, and how it is to be run. `siblings` are the modules beside it that it imports."""

    file: Path
    siblings: tuple[Path, ...] = ()
    data: tuple[Mount, ...] = ()
    arguments: tuple[str, ...] = ()
    steps: int | None = None
    network: bool = False
    target: str | None = None
    keep: Path | None = None

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of the data by where the script finds them."""
        return {mount.inside: mount.digest for mount in self.data}

    def container_places(self) -> dict[str, str]:
        """Where each of the data lies in a container, by where the script looks for it."""
        return {
            mount.inside: mount.inside if mount.absolute else f"{DATA}/{number}"
            for number, mount in enumerate(self.data)
        }

    def links(self, places: dict[str, str]) -> dict[str, str]:
        """What has to be laid into the working folder, given where things really are."""
        return {inside: there for inside, there in places.items() if not inside.startswith("/")}


def user_script(
    file: Path,
    data: Sequence[str] = (),
    arguments: tuple[str, ...] = (),
    *,
    steps: int | None = None,
    network: bool = False,
) -> UserScript:
    """The script, checked. Raises UsageError with the next step."""
    tree = _parsed(file)
    mounts = tuple(mount(text) for text in data)
    insides = [each.inside for each in mounts]
    if len(set(insides)) < len(insides):
        raise UsageError(f"--data lays two things at {max(insides, key=insides.count)}")
    return UserScript(
        file=file,
        siblings=_siblings(file, tree),
        data=mounts,
        arguments=arguments,
        steps=steps,
        network=network,
    )


def _parsed(file: Path) -> ast.Module:
    if file.suffix == ".ipynb":
        raise UsageError(f"{file.name}: save the notebook as a Python file first (File, Download)")
    if not file.is_file():
        raise UsageError(f"{file} is not a file")
    if not NAME.fullmatch(file.stem) or file.stem in tasks.names():
        raise UsageError(
            f"{file.name}: records carry a script's name; call it by Latin letters, digits, _ and "
            "-, and not like one of the tasks"
        )
    _check_readable(file)
    try:
        tree = ast.parse(file.read_bytes(), file.name)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise UsageError(
            f"{file.name} line {line}: {getattr(error, 'msg', error)}: no Python that can run"
        ) from error
    if any(isinstance(node, ast.Assign) and _assigns_task(node) for node in tree.body):
        raise UsageError(f"{file.name} defines a TASK: `certbench run --task {file}`")
    return tree


def _assigns_task(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "TASK" for target in node.targets)


def _siblings(file: Path, tree: ast.Module) -> tuple[Path, ...]:
    """The modules beside the file that it imports, and those that they import."""
    found: set[Path] = set()
    waiting = [tree]
    while waiting:
        for name in _imported(waiting.pop()):
            path = file.parent / f"{name}.py"
            if path.is_file() and path not in found:
                _check_readable(path)
                found.add(path)
                waiting.append(_parsed_sibling(path))
    return tuple(sorted(found - {file}))


def _parsed_sibling(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_bytes(), path.name)
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{path.name}: {error}: no Python that can run") from error


def _imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def mount(text: str) -> Mount:
    """`PATH` or `PATH:INSIDE`, checked. Raises UsageError."""
    outside, _, inside = text.partition(":")
    path = Path(outside)
    if not path.exists():
        raise UsageError(f"--data {outside} does not exist")
    _check_readable(path)
    inside = inside.rstrip("/") or path.resolve().name
    if inside.startswith("~") or ".." in Path(inside).parts:
        raise UsageError(f"--data {text}: say where with a plain path, without ~ and ..")
    return Mount(outside=path.resolve(), inside=inside, digest=_digest(path))


def _digest(path: Path) -> str:
    if path.is_dir():
        return folder_digest(path)
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _check_readable(path: Path) -> None:
    """The container's user is another one than this."""
    needed = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
    if path.stat().st_mode & needed != needed:
        raise UsageError(f"the container's user cannot read {path}: `chmod -R o+rX {path}`")


def check_place(script: UserScript, environment: str, *, rented: bool, native: bool) -> None:
    """Raise UsageError where an environment cannot lay the data where the script looks."""
    if rented and (script.data or script.siblings):
        raise UsageError(f"{environment} takes one script without --data or modules beside it")
    for each in script.data:
        if native and each.absolute and Path(each.inside).resolve() != each.outside:
            raise UsageError(
                f"{environment} mounts nothing: lay the data at {each.inside} yourself, or give a "
                "relative path"
            )
