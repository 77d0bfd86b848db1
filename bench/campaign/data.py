"""Data for native runs, without root and without Docker: found, fetched, checked, prepared.

Raw files come from the installed Debian package, else from the package taken apart in a private
folder, else from the official archives. Whichever it was, each file's SHA-256 must be the pinned.
"""

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path

import platformdirs

import tasks
from bench.contract.data import PreparationError, check_source, folder_digest, prepare
from bench.contract.task import Archive, Source
from bench.errors import DataError

Say = Callable[[str], None]
SECONDS = 300


def data_home() -> Path:
    """Where native runs keep prepared data; `CERTBENCH_DATA` overrides."""
    named = os.environ.get("CERTBENCH_DATA")
    return Path(named) if named else Path(platformdirs.user_cache_dir("certbench")) / "data"


def prepare_missing(names: tuple[str, ...], say: Say, root: Path = Path("/")) -> dict[str, str]:
    """Prepare the tasks whose data are not there or not the pinned ones; each one's digest."""
    digests = {}
    for name in names:
        task, folder = tasks.named(name), data_home() / name
        if task.data_sha256 is not None and folder_digest(folder) == task.data_sha256:
            digests[name] = task.data_sha256
            continue
        say(f"{name}: preparing data in {folder}")
        with tempfile.TemporaryDirectory(prefix="certbench-") as scratch:
            try:
                source = (
                    find(task.source, Path(scratch), say, root) if task.source else Path(scratch)
                )
                digests[name] = prepare(task, source, folder)
            except (PreparationError, OSError) as error:
                raise DataError(f"{name}: {error}") from error
    return digests


def find(source: Source, scratch: Path, say: Say, root: Path = Path("/")) -> Path:
    """A folder with the pinned raw files. Raises DataError that names each way that was tried."""
    installed = root / source.folder
    tried = []
    ways: dict[str, Callable[[], Path]] = {
        "the installed package": lambda: installed,
        "the Debian package": lambda: _unpacked_package(source, scratch),
        "the official archives": lambda: _downloaded(source, scratch, say),
    }
    for title, way in ways.items():
        try:
            folder = way()
            check_source(source, folder)
        except (PreparationError, DataError, OSError, subprocess.SubprocessError) as error:
            tried.append(f"{title}: {error}")
        else:
            return folder
    raise DataError(f"no source of {source.package}; tried " + "; ".join(tried))


def _unpacked_package(source: Source, scratch: Path) -> Path:
    """The package, fetched by apt with state and caches of its own, and taken apart."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise DataError("apt-get and dpkg are not here")
    options = _private_apt(scratch)
    for step in (["update"], ["download", source.package]):
        _call(["apt-get", "-qq", *options, *step], scratch)
    [package] = scratch.glob(f"{source.package}_*.deb")
    _call(["dpkg", "-x", str(package), str(scratch / "unpacked")], scratch)
    return scratch / "unpacked" / source.folder


def _private_apt(scratch: Path) -> list[str]:
    (scratch / "state/lists/partial").mkdir(parents=True, exist_ok=True)
    (scratch / "cache/archives/partial").mkdir(parents=True, exist_ok=True)
    settings = {
        "Dir::State": f"{scratch}/state",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": f"{scratch}/cache",
        "APT::Sandbox::User": "",
    }
    return [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]


def _call(command: list[str], folder: Path) -> None:
    done = subprocess.run(  # noqa: S603  fixed programs
        command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode:
        raise DataError(f"{command[0]} failed: {done.stderr.strip()[-200:]}")


def _downloaded(source: Source, scratch: Path, say: Say) -> Path:
    folder = scratch / "archives"
    folder.mkdir(exist_ok=True)
    for archive in source.archives:
        say(f"downloading {archive.url}")
        with urllib.request.urlopen(archive.url, timeout=60) as answer:  # noqa: S310  pinned in tasks/
            _extract(archive, answer.read(), folder)
    return folder


def _extract(archive: Archive, content: bytes, folder: Path) -> None:
    """Write the wanted members; the member "" is the download itself."""
    if "" in archive.members:
        (folder / archive.members[""]).write_bytes(content)
        return
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member, name in archive.members.items():
            file = tar.extractfile(member)
            if file is not None:
                (folder / name).write_bytes(file.read())
