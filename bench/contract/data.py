"""Prepared data folders: how they are written once and how they are recognised."""

import hashlib
import shutil
from pathlib import Path

from bench.contract.task import Source, Task


class PreparationError(Exception):
    """Raw files are missing or are not the pinned ones, or what came out is not what was pinned."""


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_digest(folder: Path) -> str:
    """SHA-256 over the sorted relative paths and the bytes of every file below `folder`."""
    total = hashlib.sha256()
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    for name in sorted(files):
        total.update(f"{name}\0{file_digest(files[name])}\n".encode())
    return total.hexdigest()


def check_source(source: Source, folder: Path) -> None:
    """Raise PreparationError unless `folder` holds the pinned raw files."""
    for name, editions in source.files.items():
        path = folder / name
        if not path.is_file():
            raise PreparationError(f"{name} of the package {source.package} is missing in {folder}")
        if file_digest(path) not in editions:
            raise PreparationError(f"{path} is another edition than the pinned {editions[0][:12]}")


def prepare(task: Task, source: Path, folder: Path) -> str:
    """Write the task's data into `folder`, whole or not at all, and return its digest."""
    if task.source:
        check_source(task.source, source)
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    task.prepare(source, partial)
    digest = folder_digest(partial)
    if task.data_sha256 not in (None, digest):
        shutil.rmtree(partial)
        raise PreparationError(f"data came out as {digest[:12]}, pinned is {task.data_sha256}")
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return digest
