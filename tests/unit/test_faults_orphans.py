"""The engine was killed: a container trains on, and nothing but its process tells of it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.campaign.engines.native import orphans
from bench.campaign.engines.native.engine import NativeEngine
from bench.errors import BusyError

WAITS = "import time; time.sleep(600)"


@pytest.fixture
def worker(tmp_path, monkeypatch):
    """A process whose command line is that of a container's worker; its user is ours."""
    monkeypatch.setattr(orphans, "WORKER_USER", os.getuid())
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench/worker.py").write_text(WAITS)
    environ = {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "bench.worker", "{}"]
    process = subprocess.Popen(command, env=environ, cwd=tmp_path)
    yield process
    process.kill()
    process.wait()


def until_named(process: subprocess.Popen) -> None:
    """It has its own command line only once it has become another program."""
    while b"bench.worker" not in Path(f"/proc/{process.pid}/cmdline").read_bytes():
        time.sleep(0.01)


def test_a_native_campaign_does_not_start_beside_a_container_that_lost_its_engine(worker) -> None:
    until_named(worker)

    with pytest.raises(BusyError, match=rf"still trains here \(process .*{worker.pid}"):
        NativeEngine().sweep()


def test_workers_of_other_users_and_what_has_ended_stop_nobody(worker, monkeypatch) -> None:
    until_named(worker)
    monkeypatch.setattr(orphans, "WORKER_USER", 2**30)
    assert NativeEngine().sweep() == 0

    monkeypatch.undo()
    monkeypatch.setattr(orphans, "WORKER_USER", os.getuid())
    worker.kill()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if str(worker.pid) not in said():
            return
        time.sleep(0.05)
    pytest.fail("a process that has ended is still said to train")


def said() -> str:
    try:
        NativeEngine().sweep()
    except BusyError as error:
        return str(error)
    return ""
