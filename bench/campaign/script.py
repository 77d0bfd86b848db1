"""A user's script or notebook before its first run: what can be checked is checked here, once.

Must not know TensorFlow, nor which engine will run it.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.campaign import notebook_script
from bench.campaign.brought import Brought, mounts
from bench.campaign.packages import packages
from bench.campaign.user_file import beside, check_name, check_readable, check_shared, parsed
from bench.errors import UsageError

NO_LIMIT = 30 * 86400.0  # seconds: a script runs as long as it likes
NOTEBOOK = ".ipynb"
NOTEBOOK_MIB = 256  # with its pictures


@dataclass(frozen=True, kw_only=True)
class UserScript(Brought):
    """A script, and how it is to be run.

    file: what runs; of a notebook its cells. own_digest: of what the user wrote, where that is
    another file. notes: what he should know before the run.
    """

    file: Path
    arguments: tuple[str, ...] = ()
    steps: int | None = None
    network: bool = False
    own_digest: str | None = None
    notes: tuple[str, ...] = ()
    target: str | None = None
    keep: Path | None = None

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of the data by where the script finds them, and of the user's file, as `.`."""
        return super().digests | ({".": self.own_digest} if self.own_digest else {})


def user_script(  # noqa: PLR0913  one argument an option
    file: Path,
    data: Sequence[str] = (),
    arguments: tuple[str, ...] = (),
    *,
    steps: int | None = None,
    network: bool = False,
    requirements: Path | None = None,
) -> UserScript:
    """The script, checked. Raises UsageError with the next step."""
    check_readable(file, NOTEBOOK_MIB if file.suffix == NOTEBOOK else 4)
    check_name(file)
    check_shared([file])
    code = _notebook(file) if file.suffix == NOTEBOOK else _script(file)
    given = mounts(data)
    drive = notebook_script.drive_hint(code.text, [each.inside for each in given])
    return UserScript(
        file=code.file,
        siblings=code.siblings,
        data=given,
        arguments=arguments,
        steps=steps,
        network=network,
        packages=packages(requirements) if requirements else None,
        own_digest=code.digest,
        notes=(*code.notes, *filter(None, [drive])),
    )


@dataclass(frozen=True, kw_only=True)
class _Code:
    file: Path
    text: str
    siblings: tuple[Path, ...]
    digest: str | None = None
    notes: tuple[str, ...] = ()


def _script(file: Path) -> _Code:
    tree = parsed(file.name, file.read_bytes())
    if tree and any(isinstance(node, ast.Assign) and _assigns_task(node) for node in tree.body):
        raise UsageError(f"{file.name} defines a TASK: `certbench run --task {file}`")
    siblings = tuple(path for path in beside(file.parent, [tree] if tree else []) if path != file)
    check_shared(siblings)
    return _Code(file=file, text=file.read_text(errors="replace"), siblings=siblings)


def _notebook(file: Path) -> _Code:
    found = notebook_script.converted(file)
    siblings = beside(file.parent, found.trees)
    check_shared(siblings)
    left = f"left out of {file.name}: {'; '.join(found.left_out)}"
    return _Code(
        file=notebook_script.staged(file, found.cells, siblings),
        text="\n".join(cell.code for cell in found.cells.cells),
        siblings=siblings,
        digest=found.digest,
        notes=(*([left] if found.left_out else []), *found.hints),
    )


def _assigns_task(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "TASK" for target in node.targets)
