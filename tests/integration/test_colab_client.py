"""Google's real client, as far as it goes without an account: our commands are its commands.

Needs the client in an environment of its own, with Python 3.12 or newer:

    python3.12 -m venv client && client/bin/pip install -r requirements/colab-client.txt
    CERTBENCH_COLAB_CLIENT=client/bin/colab pytest tests/integration/test_colab_client.py
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from bench.campaign.engines.colab import remote
from bench.campaign.engines.colab.client import Client, Listed
from bench.errors import EngineError

ROOT = Path(__file__).resolve().parents[2]
CLIENT = os.environ.get("CERTBENCH_COLAB_CLIENT")
pytestmark = pytest.mark.skipif(
    not CLIENT,
    reason="no CERTBENCH_COLAB_CLIENT: `python3.12 -m venv client && client/bin/pip install "
    "-r requirements/colab-client.txt`, then CERTBENCH_COLAB_CLIENT=client/bin/colab",
)

SPY = """#!/bin/sh
for part in "$@"; do printf '%s\\t' "$part" >> "$SPY_CALLS"; done
printf '\\n' >> "$SPY_CALLS"
echo 'certbench! {}'
"""


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """The client keeps settings and a sign-in at home: not those of whoever runs the tests."""
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def spoken(tmp_path, monkeypatch) -> list[list[str]]:
    """Every command line that the engine's client ever says."""
    spy = tmp_path / "colab"
    spy.write_text(SPY)
    spy.chmod(0o755)
    monkeypatch.setenv("SPY_CALLS", str(tmp_path / "calls"))
    client = Client(str(spy))
    client.version()
    client.usage()
    client.sessions()
    client.new("name", "gpu", "T4")
    client.new("name", "tpu", "v5e1")
    client.new("name", None, None)
    client.upload("name", spy, "file")
    client.execute("name", {"step": "data"}, 30.0, print)
    client.stop("name")
    lines = (tmp_path / "calls").read_text().splitlines()
    return [line.rstrip("\t").split("\t") for line in lines]


def help_of(command: str) -> str:
    done = subprocess.run([CLIENT, command, "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def test_every_command_and_option_we_use_is_in_its_help(spoken):
    """A renamed command or flag fails here, not in somebody's paid session."""
    commands = {command for command, *_ in spoken}
    assert commands == {"version", "usage", "sessions", "new", "upload", "exec", "stop"}
    for command, *rest in spoken:
        page = help_of(command)
        for option in [part for part in rest if re.fullmatch(r"--?[a-z]+", part)]:
            assert re.search(rf"(?<!\S){option}\b", page), (command, option)


@pytest.mark.parametrize("accelerator", ["T4", "L4", "A100", "v5e1"])
def test_every_accelerator_we_ask_for_is_one_it_knows(accelerator):
    """An unknown one would silently become an A100."""
    assert accelerator in help_of("new")


def test_its_version_is_the_one_the_documents_name():
    pinned = (ROOT / "requirements/colab-client.txt").read_text().split("google-colab-cli==")[1]

    assert Client(CLIENT).version() == pinned.strip()
    assert f"# {pinned.strip()}," in (ROOT / "docs/colab.md").read_text()


def test_without_an_account_it_is_told_to_sign_in():
    with pytest.raises(EngineError, match="not signed in"):
        Client(CLIENT).usage()


def test_a_session_it_does_not_know_can_be_stopped_without_an_error():
    Client(CLIENT).stop("certbench-abcdef")


def test_code_for_a_session_that_is_gone_is_a_lost_connection():
    with pytest.raises(EngineError, match="lost"):
        Client(CLIENT).execute("certbench-abcdef", {"step": "data"}, 1.0, print)


def test_what_it_says_without_an_account_is_what_the_stand_in_says():
    """The words that the engine looks for are the client's own."""
    source = "".join(path.read_text() for path in _package().rglob("*.py"))

    for words in (
        "authorization code",
        "Backend rejected accelerator",
        "Allocation refused",
        "appears to be lost",
        "[colab] Session '",
        "Current balance: ",
        "Usage rate: ",
        "Active assignments: ",
    ):
        assert words in source, words


LIST = """
from colab_cli.commands.session import _format_session_line as line
print(line("certbench-abcdef", "m-s-1", "T4", "GPU", machine_shape="STANDARD"))
print(line("?", "gpu-t4-hm-2", "NONE", "DEFAULT", machine_shape="HIGH_RAM"))
"""


def test_its_list_of_sessions_is_read(tmp_path):
    """The lines are made by the client's own code: `?` is a session whose name it forgot."""
    python = Path(CLIENT).parent / "python"
    told = subprocess.run([python, "-c", LIST], capture_output=True, text=True, check=True).stdout
    (tmp_path / "list").write_text(told)
    spy = tmp_path / "colab"
    spy.write_text(f"#!/bin/sh\ncat '{tmp_path / 'list'}'\n")
    spy.chmod(0o755)

    assert Client(str(spy)).sessions() == (
        Listed(name="certbench-abcdef", endpoint="m-s-1"),
        Listed(name="?", endpoint="gpu-t4-hm-2"),
    )


def _package() -> Path:
    """Where the client's own source lies."""
    [found] = Path(CLIENT).resolve().parents[1].glob("lib/python3*/site-packages/colab_cli")
    return found


def test_the_order_reaches_the_machine_in_a_variable_it_accepts():
    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", remote.ORDER)
