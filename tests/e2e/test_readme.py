"""The commands of the README, typed as a user types them."""

import json
import re
import subprocess
import time
from pathlib import Path

import pytest

from bench.campaign.engines.docker.engine import DockerEngine
from bench.errors import EngineError, exit_codes

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
CODES = (ROOT / "docs/exit-codes.md").read_text()
CERTBENCH = ROOT / ".venv/bin/certbench"


def make(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def shown(results: Path) -> list[dict]:
    done = subprocess.run(
        [CERTBENCH, "show", "--results", results, "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def an_engine() -> None:
    try:
        DockerEngine()
    except EngineError as error:
        pytest.skip(f"no engine: {error}")


@pytest.mark.docker
def test_make_bench_cpu_trains_in_a_container_and_prints_the_table(an_engine, tmp_path):
    done = make("bench-cpu", "REPEATS=1", "TASKS=line", f"RESULTS={tmp_path}")

    assert done.returncode == 0, done.stderr
    assert re.search(r"line\s+cpu\s+1 ok", done.stdout)
    [row] = shown(tmp_path)
    assert (row["engine"], row["status"], row["score"]) == ("docker", "ok", 5)


@pytest.mark.docker
def test_make_bench_colab_trains_in_a_colab_like_container(an_engine, tmp_path):
    done = make("bench-colab", "REPEATS=1", "TASKS=line", f"RESULTS={tmp_path}")

    assert done.returncode == 0, done.stderr
    [row] = shown(tmp_path)
    assert (row["emulated"], row["processors_seen"]) == (True, 2)
    assert row["memory_limit_bytes"] / 2**30 == pytest.approx(12.7, abs=0.001)


@pytest.mark.docker
def test_make_bench_gpu_without_a_gpu_fails_at_once_with_advice(an_engine, tmp_path):
    begun = time.monotonic()

    done = make("bench-gpu", f"RESULTS={tmp_path}")

    if done.returncode == 0:
        pytest.skip("this machine has a GPU")
    assert time.monotonic() - begun < 10
    assert "no usable GPU" in done.stderr
    assert list(tmp_path.glob("runs/*")) == []


def test_make_help_lists_every_target_of_the_readme():
    listed = make("help").stdout

    targets = set(re.findall(r"(?:^|`)make ([a-z-]+)", README, flags=re.MULTILINE))
    assert {"bench-cpu", "bench-gpu", "bench-colab", "test"} <= targets
    assert all(f"make {target}" in listed for target in targets)


@pytest.mark.parametrize("option", ["TASK=line", "REPEAT=1", "RESULT=mine", "ENV=gpu", "SED=2"])
def test_an_option_that_make_does_not_know_starts_nothing(option):
    done = make("bench-cpu", option)

    assert done.returncode == 2
    assert f"there is no option {option.partition('=')[0]}; there are: REPEATS TASKS" in done.stderr


def test_make_decide_gives_the_verdict():
    done = make("decide", "TASKS=fashion")

    assert done.returncode == 0, done.stderr
    assert re.match("(STAY|RENT|BUY|EITHER|UNKNOWN) .*fashion, ", done.stdout)


def test_every_certbench_command_in_the_readme_exists_with_its_options():
    for line in re.findall(r"^certbench (.+?)(?:\s+#.*)?$", README, flags=re.MULTILINE):
        command, *words = line.split()
        helped = subprocess.run(
            [CERTBENCH, command, "--help"], capture_output=True, text=True, check=False
        )
        assert helped.returncode == 0, line
        for option in (word for word in words if word.startswith("--")):
            assert option in helped.stdout, f"{option} of {line}"


def test_every_exit_code_is_documented():
    for code, meaning in exit_codes():
        assert f"| {code} | {meaning.rstrip('.')} |" in CODES


def test_help_starts_without_anything_heavy():
    """Docker, pandas, matplotlib and NumPy are not imported for `--help`."""
    program = (
        "import sys\nfrom bench.cli import certbench\n"
        "certbench(['--help'], standalone_mode=False)\n"
        "print([m for m in ('docker', 'pandas', 'matplotlib', 'numpy', 'requests') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [ROOT / ".venv/bin/python", "-c", program], capture_output=True, text=True, check=False
    )

    assert done.stdout.strip().endswith("[]"), done.stdout[-200:]
