"""What a user's file brings with it: modules from beside it, data, packages. Checked here, once.

Must not know which engine lays them out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.campaign.packages import Packages
from bench.campaign.user_file import check_shared
from bench.contract.data import file_digest, folder_digest
from bench.errors import UsageError

DATA = "/own/data"
GIB = 1 << 30
SENT_MOST = 2 * GIB  # bytes; an upload of more outlasts what Google's client waits for


@dataclass(frozen=True, kw_only=True)
class Mount:
    """What a user gave with `--data`: where it is, where his code looks for it, its SHA-256."""

    outside: Path
    inside: str
    digest: str

    @property
    def absolute(self) -> bool:
        """Whether the code looks for it outside its working folder."""
        return self.inside.startswith("/")


@dataclass(frozen=True, kw_only=True)
class Brought:
    """`siblings` are modules beside a file that it imports; `packages` are installed for it."""

    siblings: tuple[Path, ...] = ()
    data: tuple[Mount, ...] = ()
    packages: Packages | None = None

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of the data by where the code finds them."""
        return {mount.inside: mount.digest for mount in self.data}

    def container_places(self) -> dict[str, str]:
        """Where each of the data lies in a container, by where the code looks for it."""
        return {
            mount.inside: mount.inside if mount.absolute else f"{DATA}/{number}"
            for number, mount in enumerate(self.data)
        }

    def links(self, places: dict[str, str]) -> dict[str, str]:
        """What has to be laid into the working folder, given where things really are."""
        return {inside: there for inside, there in places.items() if not inside.startswith("/")}


def mounts(texts: Sequence[str]) -> tuple[Mount, ...]:
    """What all `--data` say, checked. Raises UsageError, also for two things at one place."""
    found = tuple(mount(text) for text in texts)
    insides = [each.inside for each in found]
    if len(set(insides)) < len(insides):
        raise UsageError(f"--data lays two things at {max(insides, key=insides.count)}")
    return found


def mount(text: str) -> Mount:
    """`PATH` or `PATH:INSIDE`, checked. Raises UsageError."""
    outside, _, inside = text.partition(":")
    path = Path(outside)
    if not path.exists():
        raise UsageError(f"--data {outside} does not exist")
    check_shared([path])
    inside = inside.rstrip("/") or path.resolve().name
    if inside.startswith("~") or ".." in Path(inside).parts:
        raise UsageError(f"--data {text}: say where with a plain path, without ~ and ..")
    digest = folder_digest(path) if path.is_dir() else file_digest(path)
    return Mount(outside=path.resolve(), inside=inside, digest=digest)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def check_place(brought: Brought, environment: str, *, rented: bool, native: bool) -> None:
    """Raise UsageError where an environment cannot lay the data where the code looks."""
    size = sum(map(size_of, (each.outside for each in brought.data))) if rented else 0
    if size > SENT_MOST:
        raise UsageError(
            f"{environment}: the data are {size / GIB:.1f} GiB, at most {SENT_MOST / GIB:g} are "
            "sent to a rented machine: give a part of them, which is enough for a few --steps"
        )
    for each in brought.data:
        if native and each.absolute and Path(each.inside).resolve() != each.outside:
            raise UsageError(
                f"{environment} mounts nothing: lay the data at {each.inside} yourself, or give a "
                "relative path"
            )
