"""The list of packages that a user's file needs beside those of the environment.

Only the list is read and checked here; each engine installs it in its own way, with what times rest
on (`bench.contract.packages`) held fast.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from bench.campaign.user_file import check_readable
from bench.contract.packages import HELD
from bench.errors import ImageError, UsageError

NOT_A_PACKAGE = re.compile(r"^(-(?!-(extra-)?index-url\b)|\.{0,2}/|git\+|file:|.*@\s*file:)")
ASKED, CONSTRAINT = "The user requested", "(constraint)"
CAUSE = "The conflict is caused by:"
FAILED = re.compile(r"ERROR: (?!Failed to build|Exception)(.+)")


@dataclass(frozen=True, kw_only=True)
class Packages:
    """A list of packages; `digest` is the SHA-256 of its lines, without comments."""

    name: str
    lines: tuple[str, ...]
    digest: str

    @property
    def text(self) -> str:
        """The list as pip reads it."""
        return "".join(f"{line}\n" for line in self.lines)


def packages(file: Path) -> Packages:
    """The list in a file. Raises UsageError for what is no list of packages from an index."""
    check_readable(file)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file.name} is no text: one package a line, as pip reads it") from error
    joined = re.sub(r"\\\n", " ", text)
    lines = [re.sub(r"(^|\s)#.*", "", line).strip() for line in joined.splitlines()]
    kept = tuple(line for line in lines if line)
    if not kept:
        raise UsageError(f"{file.name} names no package: one a line, as pip reads it")
    for line in kept:
        if NOT_A_PACKAGE.match(line):
            raise UsageError(
                f"{file.name}: {line!r}: packages from an index alone, one a line; modules beside "
                "the file come along by themselves"
            )
    digest = hashlib.sha256("\n".join(kept).encode()).hexdigest()
    return Packages(name=file.name, lines=kept, digest=digest)


def conflict(wanted: Packages, said: Sequence[str]) -> ImageError:
    """What pip said when it could not install the list, as one line that names both sides."""
    lines = [line.strip() for line in said]
    if any(line.startswith(CAUSE) for line in lines):
        at = max(n for n, line in enumerate(lines) if line.startswith(CAUSE))
        bare = {f"{ASKED} {name}" for name in HELD}  # asked for by us
        known = [line for line in takewhile(bool, lines[at + 1 :]) if line not in bare]
        asked = [line for line in known if CONSTRAINT not in line]
        kept = [line for line in known if CONSTRAINT in line]
        sides = [asked[0], kept[0]] if asked and kept else known[:2]
        why = " but ".join(map(_side, sides))
        return ImageError(f"{wanted.name} cannot be installed: {why}: change the list")
    errors = [found[1] for line in lines if (found := FAILED.search(line))]
    last = errors[-1] if errors else " ".join(lines[-2:])
    return ImageError(
        f"{wanted.name} cannot be installed: {last[:300]}. Check the names and the network"
    )


def _side(line: str) -> str:
    """What one side wants; a constraint is what the environment holds."""
    held = line.replace(f"{ASKED} {CONSTRAINT}", "this environment holds")
    return held.replace(ASKED, "the list wants")
