"""One campaign at a time on a machine, whoever starts it and however the first one ended."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.campaign import lock
from bench.errors import BusyError

HOLDER = """
import sys, pathlib
from bench.campaign.lock import machine_lock
with machine_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen]:
    """Another process that holds `tmp_path / "lock"`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(lock.__file__).parents[2],
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.communicate()


def busy(path: Path) -> str:
    with pytest.raises(BusyError) as caught, lock.machine_lock(path):
        pass
    return str(caught.value)


def test_the_lock_lies_in_one_place_for_all_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CERTBENCH_LOCK", raising=False)
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    assert lock.lock_path() == lock.LOCK

    monkeypatch.setenv("CERTBENCH_LOCK", "/of/tests")
    assert lock.lock_path() == Path("/of/tests")


def test_a_second_campaign_is_refused_and_told_by_whom(tmp_path: Path, holder) -> None:
    assert f"process {holder.pid}:" in busy(tmp_path / "lock")


@pytest.mark.parametrize("stale", ["4194300", "", "nonsense", "own"])
def test_a_holder_that_could_not_sign_is_not_named_after_an_older_one(
    tmp_path: Path, holder, stale: str
) -> None:
    """What the file says may be the number of a dead process, or of a younger one by now."""
    path = tmp_path / "lock"
    path.write_text(str(os.getpid()) if stale == "own" else stale)
    os.utime(path, (time.time() - 1e6,) * 2)

    assert "process of another user:" in busy(path)


def test_a_lock_that_is_left_names_nobody(tmp_path: Path) -> None:
    """A process that lives on after its campaign is not taken for the next one's."""
    with lock.machine_lock(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"

    assert (tmp_path / "lock").read_text() == ""


def test_the_lock_of_a_dead_process_does_not_block(tmp_path: Path, holder) -> None:
    holder.kill()
    holder.wait()

    with lock.machine_lock(tmp_path / "lock"):
        pass


def test_a_file_that_cannot_be_signed_still_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "pwrite", refuse)

    with lock.machine_lock(tmp_path / "lock"):
        assert "of another user" in busy(tmp_path / "lock")
