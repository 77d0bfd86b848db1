"""Commands that are stopped or killed while a machine is rented, as a user types them.

Google is the stand-in; the worker sleeps, so no TensorFlow is needed but for the run after it.
"""

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from standin import StandIn
from tools import CERTBENCH, certbench, rows

SLOW = "import time; time.sleep(600)"
IN_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""

pytestmark = pytest.mark.native


@pytest.fixture
def google(tmp_path, monkeypatch):
    """Google on the PATH, and a lock of the test's own."""
    monkeypatch.setenv("STANDIN_PYTHON", sys.executable)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("CERTBENCH_LOCK", str(tmp_path / "lock"))
    found = StandIn(tmp_path / "google", monkeypatch)
    monkeypatch.setenv("PATH", f"{found.program.parent}{os.pathsep}{os.environ['PATH']}")
    return found


@pytest.fixture
def command(own_task, tmp_path) -> list[str]:
    """A campaign of one slow run on a rented machine."""
    words = [*CERTBENCH, "run", "--env", "colab-cpu", "--task", str(own_task("slow", SLOW))]
    return [*words, "--repeats", "1", "--results", str(tmp_path / "results")]


def wait_until_it_trains(results: Path) -> None:
    end = time.monotonic() + 60
    while not any(b'"handshake"' in path.read_bytes() for path in results.glob(".journal/*.jsonl")):
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


@pytest.fixture
def killed(google, command, tmp_path):
    """A campaign that was killed while it trained; its session lives on."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until_it_trains(tmp_path / "results")
    process.kill()
    process.wait()
    assert len(google.alive()) == 1
    yield tmp_path / "results"
    google.engine().sweep()


def run_line_natively(results: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    words = ("run", "--env", "native", "--task", "line", "--epochs", 2, "--repeats", 1)
    return certbench(*words, "--results", results, CERTBENCH_DATA=str(results), **environ)


def test_after_kill_9_a_campaign_elsewhere_stops_the_session(google, killed):
    """The next campaign trains natively: it has no Colab engine of its own to sweep."""
    done = run_line_natively(killed)

    assert done.returncode == 0, done.stderr
    assert "that were stopped: 1" in done.stderr
    assert google.alive() == []


def test_after_kill_9_without_the_client_the_command_to_type_is_said(google, killed):
    done = run_line_natively(killed, PATH="/usr/bin:/bin")

    assert done.returncode == 0, done.stderr
    assert "`colab stop -s NAME` ends it): Google's client `colab` is not here" in done.stderr


def test_clean_stops_the_session_too(google, killed):
    """Also where no Docker engine answers."""
    done = certbench("clean", DOCKER_HOST="unix:///nowhere")

    assert "that were stopped: 1" in done.stderr
    assert google.alive() == []


def test_a_closed_terminal_stops_the_session(google, command, tmp_path):
    """The window is closed: the system sends a SIGHUP, and nothing can be written any more."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", IN_TERMINAL, *command],
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    wait_until_it_trains(tmp_path / "results")

    os.close(ours)

    assert process.wait(timeout=60) == 130
    assert google.alive() == []
    assert [row["status"] for row in rows(tmp_path / "results")] == ["interrupted"]
