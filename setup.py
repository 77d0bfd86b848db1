"""Builds the wheel: the tree of the project under the one name `certbench`.

All else stands in pyproject.toml; docs/decisions/0051-one-installed-name.md says why.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.egg_info import egg_info

ROOT = Path(__file__).resolve().parent
PACKAGES = ("bench", "tasks")
BESIDE = ("Dockerfile*", "requirements/*.txt", "requirements/*.in")


class OneName(build_py):
    """Moves the packages below `certbench/source`, with what images are built from beside them."""

    def run(self) -> None:
        """Build as always; an editable install is the clone itself."""
        super().run()
        if self.editable_mode:
            return
        built = Path(self.build_lib)
        source = built / "certbench/source"
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir(parents=True)
        for name in PACKAGES:
            shutil.move(built / name, source / name)
        for path in (path for pattern in BESIDE for path in sorted(ROOT.glob(pattern))):
            target = source / path.relative_to(ROOT)
            target.parent.mkdir(exist_ok=True)
            shutil.copy(path, target)


class OneTop(egg_info):
    """Says so in the metadata too."""

    def run(self) -> None:
        """Write them as always, then the one name."""
        super().run()
        (Path(self.egg_info) / "top_level.txt").write_text("certbench\n")


setup(cmdclass={"build_py": OneName, "egg_info": OneTop})
