"""What is left when a campaign is stopped, killed or disturbed: a record, and no container."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tools import CERTBENCH, certbench, containers, rows

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("no_leftovers")]

SLOW = "import time; time.sleep(600)"


@pytest.fixture
def running(engine, own_task, tmp_path):
    """A campaign of one slow run, in a process of its own, with its container already up."""
    results = tmp_path / "results"
    command = [*CERTBENCH, "run", "--task", str(own_task("slow", SLOW)), "--repeats", "1"]
    process = subprocess.Popen(
        [*command, "--results", str(results)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    _wait_for(lambda: _has_spoken(results))
    yield process, results
    process.terminate()
    process.communicate(timeout=60)


def _has_spoken(results: Path) -> bool:
    """The worker's first word is in the journal."""
    return any(b'"handshake"' in path.read_bytes() for path in results.glob(".journal/*.jsonl"))


def _wait_for(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_removes_the_container_and_keeps_the_record(engine, running, sent):
    process, results = running

    process.send_signal(sent)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert b"--resume" in said
    assert [row["status"] for row in rows(results)] == ["interrupted"]
    assert containers(engine) == []


def test_after_kill_9_the_next_campaign_records_and_sweeps(engine, running):
    """The command is killed, its container lives on; the next one cleans up after it."""
    process, results = running
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert len(containers(engine)) == 1

    done = certbench("run", "--task", "line", "--epochs", 2, "--repeats", 1, "--results", results)

    assert done.returncode == 0, done.stderr
    assert "cut short by a kill" in done.stderr
    assert containers(engine) == []
    shown = certbench("show", "--all", "--format", "json", "--results", results).stdout
    assert '"interrupted"' in shown


def test_a_second_campaign_is_refused_and_names_the_first(running):
    process, results = running

    second = certbench("run", "--task", "line", "--results", results)

    assert second.returncode == 9
    assert f"process {process.pid}" in second.stderr


def test_a_container_that_is_not_ours_is_never_swept(engine, tmp_path):
    """Only what carries our label is ours."""
    other = engine.client.containers.create("certbench:cpu", ["line"], labels={"other": "1"})
    try:
        assert engine.sweep() == 0
        other.reload()
        assert other.status == "created"
    finally:
        other.remove(force=True)
