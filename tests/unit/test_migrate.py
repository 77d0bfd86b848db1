"""Records of version 1 are read for ever, as what they were, and never pool with newer ones."""

import json
from pathlib import Path
from statistics import median

import msgspec
import pytest

from bench.contract.facts import Seen
from bench.errors import RecordError
from bench.evidence.archive import read_archive
from bench.evidence.derive import steady_epoch_seconds
from bench.evidence.identity import identified, is_called, machine_seen
from bench.evidence.pools import pools
from bench.evidence.store import Store, from_json
from builders import MACHINE, seen

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden" / "v1.json"
FIXTURES = ROOT / "tests" / "fixtures"
RENTED = sorted((FIXTURES / "session_v1").glob("*.json"))
CAMPAIGN = sorted((FIXTURES / "campaign_v1").glob("*.json"))


def old(**changes: object) -> dict:
    return json.loads(GOLDEN.read_bytes()) | changes


def test_a_record_of_version_1_says_what_it_said() -> None:
    raw = old()
    kept = from_json(GOLDEN.read_bytes(), "v1.json")

    assert kept.task.fingerprint == kept.task.fingerprint_v1 == raw["task"]["fingerprint"]
    assert (kept.task.source, kept.task.variant) == ("task", {"backend": "tensorflow"})
    assert kept.machine.id_v1 == raw["machine"]["id"]
    assert (kept.controller, kept.entry) == (None, None)
    assert [e.train_seconds for e in kept.epochs] == [e["train_seconds"] for e in raw["epochs"]]
    assert {e.processor_seconds for e in kept.epochs} == {None}
    assert [s.epochs_wanted for s in kept.stages] == [raw["task"]["epochs"]]


def test_a_whole_campaign_of_version_1_says_what_its_files_say() -> None:
    """Read from the raw JSON here, and through the migration there."""
    assert len(CAMPAIGN) == 60
    for path in CAMPAIGN:
        raw, kept = json.loads(path.read_bytes()), from_json(path.read_bytes(), path.name)
        later = [e["train_seconds"] + e["validation_seconds"] for e in raw["epochs"][1:]]

        assert steady_epoch_seconds(kept) == pytest.approx(median(later))
        assert (kept.id, kept.status) == (raw["id"], raw["status"])
        assert kept.result.score == raw["result"]["score"]
        assert kept.result.metric == raw["result"]["metric"]
        assert kept.environment.name == raw["environment"]["name"]


def test_a_campaign_of_version_1_pools_as_it_did_and_with_no_newer_one() -> None:
    older = [from_json(path.read_bytes(), path.name) for path in CAMPAIGN]
    newer = Store(ROOT / "results").load_all()

    groups = pools([*older, *newer])

    assert {record.task.fingerprint for record in older} == {
        record.task.fingerprint_v1 for record in newer
    }
    assert sorted(len(pool.repeats) for pool in groups) == [6] * 20


def test_the_archive_of_the_gpu_is_readable_and_its_machine_answers_to_its_older_id() -> None:
    records = [member.record for member in read_archive(ROOT / "results" / "h100.zip")]

    assert len(records) == 26
    assert {is_called(r.machine, "a70d3b2c14a6") for r in records} == {True}
    assert len({r.machine.id for r in records}) == 1
    assert {r.environment.accelerator for r in records} == {None, "gpu"}


def test_a_session_of_version_1_was_trained_on_its_own_machine() -> None:
    """Its `machine` was the computer that commanded; the worker saw the one that trained."""
    raw = json.loads(RENTED[0].read_bytes())
    assert raw["schema"] == 1

    kept = from_json(RENTED[0].read_bytes(), "rented")

    assert kept.controller.processor == raw["machine"]["processor"]
    assert kept.machine.processor == raw["seen"]["processor"]
    assert kept.machine.gpus == ("Tesla T4",)
    assert kept.environment.rented


def test_versions_never_pool_even_where_all_else_agrees() -> None:
    first = from_json(GOLDEN.read_bytes(), "v1.json")
    newer = msgspec.structs.replace(
        first, id="newer", round=2, task=msgspec.structs.replace(first.task, fingerprint="2" * 64)
    )

    assert len(pools([first, newer])) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"task": 5},
        {"machine": None},
        {"environment": []},
        {"seen": 1},
        {"epochs": None},
        {"epochs": [1]},
        {"machine": {}},
        {"task": {"own": True, "batch_size": "many"}},
    ],
)
def test_a_damaged_record_of_version_1_is_refused_by_name(changes: dict) -> None:
    with pytest.raises(RecordError, match=r"r\.json is damaged"):
        from_json(json.dumps(old(**changes)).encode(), "r.json")


def test_memory_is_no_part_of_a_machines_identity() -> None:
    """A balloon takes memory from a virtual machine and gives it back."""
    smaller = msgspec.structs.replace(MACHINE, memory_gib=8)

    assert identified(MACHINE).id == identified(smaller).id
    assert identified(MACHINE).id_v1 != identified(smaller).id_v1
    assert identified(MACHINE).id != identified(msgspec.structs.replace(MACHINE, gpus=("T4",))).id


def test_a_machine_is_the_same_seen_from_inside_and_named_by_its_own_command() -> None:
    """So that a session through the client and one through the notebook look alike."""
    found: Seen = seen(
        system="Linux", architecture="x86_64", processor="Test Processor", gpus=("Tesla T4",)
    )
    named = identified(msgspec.structs.replace(MACHINE, gpus=("Tesla T4",), memory_gib=13))

    assert machine_seen(found).id == named.id
