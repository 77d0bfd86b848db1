"""Colab moves on: a record of a newer TensorFlow is imported, compared, marked, and used."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from bench.cli import certbench
from bench.evidence.archive import Member, write_archive
from bench.evidence.store import Store, from_json, to_json

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = Store(ROOT / "results")
FIXTURES = sorted((ROOT / "tests" / "fixtures").glob("*.json"))
NEWER = {"tensorflow": "2.99.0", "keras": "3.99.0"}
Call = Callable[..., dict]


def newer(path: Path) -> Member:
    """The fixture of a rented T4 as if Colab had moved on."""
    record = from_json(path.read_bytes(), path.name)
    seen = replace(record.seen, versions=record.seen.versions | NEWER)
    changed = replace(record, seen=seen)
    return Member(name=path.name, content=to_json(changed), record=changed)


def call(words: list[str]) -> str:
    return CliRunner().invoke(certbench, words, catch_exceptions=False).stdout


@pytest.fixture
def answered(tmp_path: Path) -> Call:
    """What certbench answers of the committed records and the imported ones."""
    store = Store(tmp_path / "results")
    for path in COMMITTED.paths():
        store.keep(path.stem, path.read_bytes())
    write_archive(tmp_path / "colab.zip", map(newer, FIXTURES))
    call(["import", str(tmp_path / "colab.zip"), "--results", str(store.folder)])
    shared = ("--results", str(store.folder), "--format", "json")
    return lambda *words: json.loads(call([*words, *shared]))


def test_a_newer_tensorflow_is_compared_and_marked(answered: Call) -> None:
    """The fingerprint is the same, so the ratio is given; the versions are said beside it."""
    tasks = answered("compare", "cpu", "colab-t4")["tasks"]

    [fashion] = [task for task in tasks if task["task"] == "fashion"]
    assert fashion["comparable"]
    assert fashion["epoch"]["ratio"]["middle"] > 1
    assert any("2.99.0" in mark for mark in fashion["marks"])


def test_a_newer_tensorflow_is_used_by_the_verdict(answered: Call) -> None:
    [job] = answered("decide", "--task", "fashion", "--epochs", "200")["jobs"]

    [rented] = [option for option in job["options"] if option["name"] == "colab-t4"]
    assert rented["why_not"] is None
    assert "other framework versions" in rented["origins"][0]["text"]
    assert {origin["basis"] for origin in rented["origins"]} == {"measured"}
    assert job["fastest"]["name"] == "colab-t4"
