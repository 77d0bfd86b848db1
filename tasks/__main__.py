"""Prepares tasks' data, once, while an image is built: `python -m tasks FOLDER [TASK...]`."""

import sys
import tempfile
from pathlib import Path

import tasks
from bench.contract.data import PreparationError, prepare


def main(folder: Path, *wanted: str, root: Path = Path("/")) -> int:
    """Prepare tasks, all by default, below `folder` from the packages installed under `root`.

    0 when all came out as pinned.
    """
    for name in wanted or tasks.names():
        task = tasks.named(name)
        with tempfile.TemporaryDirectory() as empty:
            source = root / task.source.folder if task.source else Path(empty)
            try:
                digest = prepare(task, source, folder / name)
            except PreparationError as error:
                print(f"{name}: {error}", file=sys.stderr)
                return 1
        print(f"{name}: {digest}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
