"""What `pip install certbench` puts under its one name: the way to the program, and `epochs`.

A wheel carries the tree of the project in `certbench/source`, as it lies in a clone: `bench`,
`tasks`, the images' recipe and the pinned requirements. So both have the same source digest, and
names as plain as `bench` and `tasks` clash with nobody else's packages
(docs/decisions/0051-one-installed-name.md).
"""

import sys
from pathlib import Path
from typing import NoReturn

from certbench.loop import epochs

__all__ = ["epochs", "main", "source"]

HERE = Path(__file__).resolve().parent


def source() -> Path:
    """The folder that holds `bench` and `tasks`: the wheel's, or the clone's."""
    inside = HERE / "source"
    return inside if inside.is_dir() else HERE.parent


def main() -> NoReturn:
    """Run the command line."""
    sys.path.insert(0, str(source()))
    from bench.cli import main as run

    run()
