"""What lies around a user's file while it runs: a working folder, its data, files for libraries.

Must not know whether the file is a task, a script or a notebook.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HOME_FILES = {  # what the image holds, and where libraries look for it below a home
    "/usr/share/datasets/fashion-mnist/*ubyte.gz": ".keras/datasets/fashion-mnist",
    "/opt/certbench/packages/matplotlib/fontlist*.json": ".cache/matplotlib",
}


@contextmanager
def working_folder(links: Mapping[str, str]) -> Iterator[Path]:
    """Within it, a fresh folder is the working folder, and holds what `--data` gave.

    links: what lies there by which relative path, and where it really is.
    """
    outside = {inside: Path(there).absolute() for inside, there in links.items()}
    with tempfile.TemporaryDirectory(prefix="certbench-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        for inside, there in outside.items():
            (folder / inside).parent.mkdir(parents=True, exist_ok=True)
            (folder / inside).symlink_to(there)
        before = Path.cwd()
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(before)


def lay_home() -> None:
    """In the image, put what libraries would fetch or make where they look for it.

    Pictures are drawn into memory: `plt.show()` draws nothing and blocks nothing.
    """
    os.environ["MPLBACKEND"] = "Agg"
    if "CERTBENCH_DATA" not in os.environ:
        return
    for pattern, place in HOME_FILES.items():
        there = Path.home() / place
        for path in Path("/").glob(pattern.lstrip("/")):
            if not (there / path.name).exists():
                there.mkdir(parents=True, exist_ok=True)
                (there / path.name).symlink_to(path)
