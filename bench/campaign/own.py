"""A user's own task files: those among what was asked for, each looked at before the first run."""

from collections.abc import Sequence
from pathlib import Path

from bench.campaign.brought import Brought, mounts
from bench.campaign.packages import packages
from bench.campaign.user_file import beside, check_name, check_once, check_readable, gives, parsed
from bench.errors import UsageError

GUIDE = "docs/your-own-task.md shows a whole one"


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
    check_once(paths)
    return paths


def check_defines_task(path: Path) -> None:
    """Raise UsageError where the file, as it is written, gives no value to `TASK`."""
    content = path.read_bytes()
    tree = parsed(str(path), content)
    names = gives(tree) if tree else iter(["TASK"] if b"TASK" in content else [])
    if not {"TASK", "*"} & set(names):
        raise UsageError(f"{path} defines no TASK = Task(...): {GUIDE}")


def brought(paths: Sequence[Path], data: Sequence[str], requirements: Path | None) -> Brought:
    """What the files bring with them, checked. Raises UsageError."""
    return Brought(
        siblings=modules_beside(paths),
        data=mounts(data),
        packages=packages(requirements) if requirements else None,
    )


def modules_beside(paths: Sequence[Path]) -> tuple[Path, ...]:
    """What the files import from beside themselves. Raises UsageError for what is no Python."""
    found: dict[Path, None] = {}
    for path in paths:
        tree = parsed(str(path), path.read_bytes())
        found |= dict.fromkeys(beside(path.parent, [tree] if tree else []))
    siblings = tuple(path for path in found if path not in paths)
    check_once(siblings)
    return siblings
