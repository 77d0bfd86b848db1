"""A fleet of this machine twice: here, and over a real sshd on a loopback port."""

import getpass
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from bench.evidence.store import Store
from tools import CERTBENCH, certbench

pytestmark = [pytest.mark.ssh, pytest.mark.native]
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
RUN = ("--task", "line", "--repeats", 1, "--epochs", 2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def fleet(tmp_path):
    """The list of machines with `here` and `box`, and the environment that finds both."""
    for name in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True
        )
    port = free_port()
    keys = tmp_path / "authorized"
    keys.write_text((tmp_path / "user.pub").read_text())
    host = " ".join((tmp_path / "host.pub").read_text().split()[:2])
    (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {host}\n")
    (tmp_path / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nPidFile none\n"
        f"AuthorizedKeysFile {keys}\nStrictModes no\nPasswordAuthentication no\n"
        f"PermitRootLogin prohibit-password\nUsePAM no\n"
        f"SetEnv CERTBENCH_LOCK={tmp_path}/lock CERTBENCH_FLEET={tmp_path}/there\n"
    )
    (tmp_path / "ssh_config").write_text(
        f"Host box\n  HostName 127.0.0.1\n  Port {port}\n  User {getpass.getuser()}\n"
        f"  IdentityFile {tmp_path}/user\n  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {tmp_path}/known\n  StrictHostKeyChecking yes\n"
    )
    (tmp_path / "machines.toml").write_text(
        '[here]\nhere = true\nenvironments = ["native"]\n'
        f'[box]\nssh = "box"\nenvironments = ["native"]\ncertbench = "{CERTBENCH[0]}"\n'
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    daemon = subprocess.Popen(
        [SSHD, "-D", "-e", "-f", tmp_path / "sshd_config"], stderr=subprocess.DEVNULL
    )
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield {
        "CERTBENCH_SSH": shlex.join(["ssh", "-F", str(tmp_path / "ssh_config")]),
        "CERTBENCH_LOCK": str(tmp_path / "lock"),
        "CERTBENCH_FLEET": str(tmp_path / "own"),
    }
    daemon.terminate()
    daemon.wait()


def asked(fleet, folder: Path, verb: str, *words: object) -> subprocess.CompletedProcess[str]:
    return certbench("fleet", verb, "--machines", folder / "machines.toml", *words, **fleet)


def test_one_campaign_trains_here_and_over_ssh_and_each_record_names_its_entry(fleet, tmp_path):
    results = tmp_path / "results"

    done = asked(fleet, tmp_path, "run", *RUN, "--results", results)

    assert done.returncode == 0, done.stderr
    records = Store(results).load_all()
    assert {(r.entry, r.status) for r in records} == {("here", "ok"), ("box", "ok")}
    assert len({r.campaign.id for r in records}) == 1
    again = asked(
        fleet, tmp_path, "run", *RUN, "--results", results, "--resume", records[0].campaign.id
    )
    assert again.returncode == 0, again.stderr
    assert Store(results).load_all() == records


def test_a_wrong_host_key_is_refused_by_name(fleet, tmp_path):
    known = tmp_path / "known"
    user = " ".join((tmp_path / "user.pub").read_text().split()[:2])
    known.write_text(f"{known.read_text().split()[0]} {user}\n")

    done = asked(fleet, tmp_path, "check", "--only", "box")

    assert done.returncode == 15
    assert "box: no answer (Host key verification failed.)" in done.stderr


def test_a_client_that_is_killed_leaves_the_run_which_resume_collects_once(fleet, tmp_path):
    results, listed = tmp_path / "results", tmp_path / "machines.toml"
    command = [*CERTBENCH, "fleet", "run", "--machines", listed, "--only", "box", *RUN]
    client = subprocess.Popen(
        [*map(str, command), "--results", str(results)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | fleet,
    )
    campaign = client.stderr.readline().split()[1].rstrip(";")
    while not list(tmp_path.glob("there/*/box/pid")):
        assert client.poll() is None
        time.sleep(0.05)
    client.send_signal(signal.SIGKILL)
    client.communicate()

    done = asked(
        fleet, tmp_path, "run", *RUN, "--only", "box", "--results", results, "--resume", campaign
    )

    assert done.returncode == 0, done.stderr
    [record] = Store(results).load_all()
    assert (record.entry, record.status, record.attempt) == ("box", "ok", 1)


@pytest.fixture
def trained(fleet, tmp_path):
    """A long part on `box` whose worker has spoken: its campaign, and what finds it."""
    results = tmp_path / "results"
    words = (*RUN[:4], "--epochs", 100_000, "--only", "box", "--results", results)
    listed = ["--machines", tmp_path / "machines.toml"]
    client = subprocess.Popen(
        [str(word) for word in (*CERTBENCH, "fleet", "run", *listed, *words)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | fleet,
    )
    campaign = client.stderr.readline().split()[1].rstrip(";")
    while not any(b'"epoch"' in p.read_bytes() for p in tmp_path.glob("there/*/box/*/.journal/*")):
        assert client.poll() is None
        time.sleep(0.1)
    yield campaign, client
    client.kill()
    client.communicate()
    asked(fleet, tmp_path, "stop", "--only", "box", "--campaign", campaign)


def test_stop_keeps_the_record_and_leaves_nothing_running(fleet, trained, tmp_path):
    campaign, client = trained

    asked(fleet, tmp_path, "stop", "--only", "box", "--campaign", campaign)
    _, said = client.communicate(timeout=60)

    assert client.returncode == 10, said
    [record] = Store(tmp_path / "results").load_all()
    assert (record.status, record.reasons) == ("interrupted", ("stopped",))
    stands = asked(fleet, tmp_path, "status", "--only", "box", "--campaign", campaign)
    assert stands.stdout == "box: ended, exit code 130\n"


def test_a_part_that_is_killed_is_told_and_leaves_nothing_running(fleet, trained, tmp_path):
    campaign, client = trained
    [pid] = [int(path.read_text()) for path in tmp_path.glob("there/*/box/pid")]
    family = psutil.Process(pid).children(recursive=True)

    family[0].kill()
    _, said = client.communicate(timeout=60)

    assert client.returncode == 10
    assert f"not ended on box: go on with --resume {campaign}" in said
    assert psutil.wait_procs(family, timeout=60)[1] == []
    stands = asked(fleet, tmp_path, "status", "--only", "box", "--campaign", campaign)
    assert stands.stdout == "box: ended, exit code 137\n"
