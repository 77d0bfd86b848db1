"""Prepares every task's data, once, while an image is built: `python -m tasks FOLDER`."""

import sys
import tempfile
from pathlib import Path

import tasks
from bench.contract.data import PreparationError, prepare


def main(folder: Path, root: Path = Path("/")) -> int:
    """Prepare all tasks below `folder` from the packages under `root`; 0 when all match."""
    for name in tasks.names():
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
    sys.exit(main(Path(sys.argv[1])))
