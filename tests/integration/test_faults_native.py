"""Faults on whole commands that need no engine: what they end with."""

import json

import pytest

from bench.evidence.store import Store
from tools import certbench

pytestmark = pytest.mark.native


def test_a_campaign_that_was_made_good_ends_with_0(tmp_path):
    """An engine that was killed left a failed attempt; `--resume` trained it again."""
    ran = certbench(
        "run",
        "--env",
        "native",
        "--task",
        "line",
        "--epochs",
        2,
        "--repeats",
        1,
        "--results",
        tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    [path] = (tmp_path / "runs").glob("*.json")
    failed = json.loads(path.read_bytes()) | {"status": "failed", "reasons": ["engine"]}
    path.write_text(json.dumps(failed))

    resumed = certbench("run", "--resume", "--results", tmp_path)

    assert resumed.returncode == 0, resumed.stderr
    found = Store(tmp_path).load_all()
    assert {(one.status, one.attempt) for one in found} == {("failed", 1), ("ok", 2)}
    again = certbench("run", "--resume", "--results", tmp_path)
    assert again.returncode == 0, again.stderr
