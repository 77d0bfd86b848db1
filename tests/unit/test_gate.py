"""The gates leave no test out: neither the script on a clean checkout nor the workflow."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GATE = (ROOT / ".ci" / "run").read_text()
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text()


def function(name: str) -> str:
    """A function of the script, as text."""
    found = re.search(rf"^{name}\(\) {{.*?^}}$", GATE, re.MULTILINE | re.DOTALL)
    assert found
    return found[0]


def test_without_a_python_for_googles_client_the_gate_fails():
    script = f"{function('install_client')}\nnewer_pythons() {{ echo /nowhere/python3.12; }}\n"

    done = subprocess.run(
        ["bash", "-euc", script + "install_client; echo went on"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "pyenv install 3.12" in done.stderr


def test_no_gate_leaves_a_test_file_out():
    assert "--ignore" not in GATE + WORKFLOW


def test_both_gates_have_googles_client_and_fail_on_a_skipped_test():
    for gate in (GATE, WORKFLOW):
        assert "requirements/colab-client.txt" in gate
        assert re.search(r"CERTBENCH_COLAB_CLIENT[=:].*/client/bin/colab", gate)
        assert re.search(r"CERTBENCH_REQUIRE_ENGINE[=:] ?\"?1", gate)
