"""Records: written whole and once, refused by name when damaged, and never judged by reading."""

import json
from pathlib import Path

import msgspec
import pytest

from bench.contract.events import Failed, Phase, decode, encode
from bench.contract.facts import Result
from bench.errors import RecordError, StoreError, UsageError
from bench.evidence import derive
from bench.evidence.fold import fold
from bench.evidence.record import SCHEMA, Ending, Record
from bench.evidence.rows import row
from bench.evidence.select import select
from bench.evidence.store import Store, from_json, to_json
from bench.evidence.summaries import by_task_and_environment
from bench.evidence.trust import judge_run
from builders import CAMPAIGN, MACHINE, environment, epoch, facts, reading, record, story


def test_what_was_saved_is_what_is_loaded(tmp_path: Path) -> None:
    store, kept = Store(tmp_path), record()

    path = store.save(kept)

    assert store.load(path) == kept
    assert path.name == f"{kept.id}.json"
    assert [p.name for p in store.runs.iterdir()] == [path.name]


def test_a_record_is_never_overwritten(tmp_path: Path) -> None:
    store = Store(tmp_path)
    path = store.save(record())
    before = path.read_bytes()

    with pytest.raises(StoreError, match="never overwritten"):
        store.save(record(seed=2))

    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "x" * 300])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError):
        Store(tmp_path).save(record(id=name))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"schema": 1}', b'{"schema": "1"}', b"\xff\xfe", b"[" * 10000],
)
def test_a_damaged_record_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    store = Store(tmp_path)
    store.runs.mkdir(parents=True)
    (store.runs / "bad.json").write_bytes(content)

    with pytest.raises(RecordError, match=r"bad\.json is damaged"):
        store.load_all()


def test_a_newer_record_asks_for_an_update() -> None:
    newer = msgspec.to_builtins(record()) | {"schema": SCHEMA + 1}

    with pytest.raises(RecordError, match="update certbench"):
        from_json(json.dumps(newer).encode(), "r.json")


def test_an_unknown_field_and_a_renamed_file_are_damage(tmp_path: Path) -> None:
    extra = msgspec.to_builtins(record()) | {"surprise": 1}
    with pytest.raises(RecordError, match="surprise"):
        from_json(json.dumps(extra).encode(), "r.json")
    store = Store(tmp_path)
    store.save(record()).rename(store.runs / "other.json")
    with pytest.raises(RecordError, match="renamed"):
        store.load_all()


def test_an_unwritable_folder_is_one_line_before_the_hour_is_spent(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="--results DIR"):
        Store(tmp_path / "file").check_writable()


def test_every_event_survives_the_wire() -> None:
    for event in story():
        assert decode(encode(event)) == event
    with pytest.raises(msgspec.MsgspecError):
        decode(b'{"event":"phase","name":"lunch","seconds":1}')
    assert decode(encode(Phase(name="fit", seconds=1.5))).seconds == 1.5


def test_the_steady_epoch_leaves_out_the_first() -> None:
    """Epochs of 2.0, 1.0 and 1.5 s with 0.5 s of validation each: the median of 1.5 and 2.0."""
    kept = record(epochs=(epoch(0, 2.0), epoch(1, 1.0), epoch(2, 1.5)))

    assert derive.first_epoch_seconds(kept) == 2.5
    assert derive.steady_epoch_seconds(kept) == 1.75
    assert derive.steady_epoch_seconds(record(epochs=(epoch(0),))) is None


def test_what_was_computed_once_does_not_outlive_a_change() -> None:
    first = record(epochs=(epoch(0, 5), epoch(1, 2)))
    known = derive.steady_epoch_seconds(first)
    changed = msgspec.structs.replace(first, epochs=(epoch(0, 5), epoch(1, 3)))

    assert derive.steady_epoch_seconds(changed) == known + 1
    assert first == record(epochs=(epoch(0, 5), epoch(1, 2)))
    assert to_json(first) == to_json(record(epochs=(epoch(0, 5), epoch(1, 2))))


def test_the_total_is_the_sum_of_its_phases_without_the_check() -> None:
    """1 + 2 + 0.5 + 0.25 + 3 + 0.25 = 7 s; a run that did not get that far has no total."""
    kept = record()
    cut = msgspec.structs.replace(kept.phases, check=99.0, evaluate=None)

    assert derive.total_seconds(kept) == 7.0
    assert derive.total_seconds(record(phases=cut)) is None


def test_a_score_is_reached_at_the_end_of_its_first_epoch_counted_from_the_start() -> None:
    """The start took 1 s; epochs end 10 and 11 s after the worker's start with scores 2 and 4."""
    kept = record(epochs=(epoch(0, score=2), epoch(1, score=4)))

    assert derive.reached_seconds(kept) == (11.0, 11.0, 12.0, 12.0, None)


@pytest.mark.parametrize(("isolated", "peak"), [(True, 7), (False, 5)])
def test_the_memory_of_a_run_is_its_container_or_its_process(*, isolated: bool, peak: int) -> None:
    """Outside a container the control group counts what else runs there: 7 instead of 5."""
    readings = (
        reading("start", 0, memory_peak_bytes=7, process_peak_bytes=1),
        reading("end", 9, memory_peak_bytes=7, process_peak_bytes=5),
    )
    place = msgspec.structs.replace(facts(environment()), isolated=isolated)

    assert derive.memory_peak_bytes(record(readings=readings, environment=place)) == peak
    assert derive.memory_peak_bytes(record(readings=())) is None


def test_a_run_that_did_not_use_its_gpu_is_rejected() -> None:
    kept = record(environment=facts(environment("gpu", gpu=True)), placements=("CPU:0", "GPU:0"))

    assert judge_run(kept).reasons == ("gpu-not-used",)
    assert judge_run(record(environment=kept.environment, placements=("GPU:0",))).status == "ok"


def test_a_run_that_did_not_use_its_tpu_is_rejected() -> None:
    on_tpu = msgspec.structs.replace(facts(environment("cpu")), accelerator="tpu")
    judged = judge_run(record(environment=on_tpu, placements=("CPU:0",)))

    assert (judged.status, judged.reasons) == ("rejected", ("tpu-not-used",))
    assert judge_run(record(environment=on_tpu, placements=("TPU:0",))).status == "ok"


def test_a_worker_that_ran_out_of_memory_says_so_in_its_record() -> None:
    said = Failed(code="out-of-memory", message="ResourceExhaustedError: 40 GB")
    kept = fold(
        record(),
        [said],
        Ending(exit_code=1, oom_killed=False, timed_out=False, stderr_tail=()),
        1.0,
    )

    assert (kept.status, kept.reasons, kept.detail) == (
        "oom",
        ("oom",),
        "ResourceExhaustedError: 40 GB",
    )


def test_a_metric_that_is_not_finite_rejects_the_run() -> None:
    kept = record(result=Result(metric=None, score=0, non_finite=("accuracy",)))

    assert (judge_run(kept).status, judge_run(kept).reasons) == ("rejected", ("non-finite",))
    assert row(kept)["non_finite"] == ["accuracy"]


@pytest.mark.parametrize(
    ("counter", "grown", "reasons"),
    [
        ("throttled_seconds", 0.1, ()),
        ("throttled_seconds", 0.5, ("throttled",)),
        ("suspended_seconds", 0.5, ()),
        ("suspended_seconds", 60.0, ("suspended",)),
        ("throttled_seconds", None, ()),
    ],
)
def test_throttling_and_suspension_reject_beyond_their_limits(
    counter: str, grown: float | None, reasons: tuple[str, ...]
) -> None:
    """The run took 10 s; 2 % of that may be throttled."""
    kept = record(
        readings=(reading("start", 0.0, **{counter: 0.0}), reading("end", 10.0, **{counter: grown}))
    )

    assert judge_run(kept).reasons == reasons


def test_a_jump_of_the_wall_clock_changes_nothing() -> None:
    kept = record(
        readings=(reading("start", 0.0), reading("end", 10.0, wall_unix_seconds=-99999.0))
    )

    assert judge_run(kept) == kept


def test_a_failed_run_is_not_judged_again() -> None:
    kept = record(status="failed", reasons=("exception",), placements=None)

    assert judge_run(kept) == kept


def test_machines_do_not_mix() -> None:
    """This machine's newest campaign; a stranger's only where there is none, and said."""
    own_old = record(id="a", campaign=msgspec.structs.replace(CAMPAIGN, id="1"))
    own_new = record(id="b", campaign=msgspec.structs.replace(CAMPAIGN, id="2"))
    other = record(
        id="c",
        campaign=msgspec.structs.replace(CAMPAIGN, id="3"),
        machine=msgspec.structs.replace(MACHINE, id="ffff"),
    )
    everything = [own_old, own_new, other]

    assert select(everything, MACHINE.id).records == (own_new,)
    assert "a machine of this kind" in select(everything, MACHINE.id).sentence
    assert select(everything, "elsewhere").records == (other,)
    assert "ANOTHER machine, ffff" in select(everything, "elsewhere").sentence
    assert select(everything, MACHINE.id, campaign="1").records == (own_old,)
    assert len(select(everything, MACHINE.id, everything=True).records) == 3
    with pytest.raises(UsageError, match="no campaign is called"):
        select(everything, MACHINE.id, campaign="9")
    with pytest.raises(UsageError, match="certbench run"):
        select([], MACHINE.id)


def test_other_campaigns_of_the_machine_are_counted_and_named() -> None:
    def named(*campaigns: str) -> list[Record]:
        return [
            record(id=name, campaign=msgspec.structs.replace(CAMPAIGN, id=name))
            for name in campaigns
        ]

    def said(*campaigns: str) -> str:
        return select(named(*campaigns), MACHINE.id).sentence

    assert said("1").endswith(": 1 record.")
    assert said("1", "2").endswith(" 1 other campaign of it (1): --campaign ID, or --all.")
    assert "5 other campaigns of it (5, 4, 3 and 2 more): --campaign ID" in said(*"123456")


def test_where_there_are_no_records_the_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"no records yet in {tmp_path}: `certbench run"):
        select([], MACHINE.id, folder=tmp_path)


def test_the_table_counts_what_does_not_count() -> None:
    """Rejected and failed runs are named beside the medians and have no part in them."""
    bad = record(id="x", status="rejected", reasons=("throttled",), result=None, epochs=())

    [line] = by_task_and_environment([record(), bad])

    assert line["runs"] == "1 ok, 1 rejected: throttled"
    assert line["score"] == 5
    assert line["total s"] == 7.0


def test_the_row_of_a_record_has_what_programs_ask_for() -> None:
    wanted = (
        "task environment engine machine campaign status reasons score metric "
        "steady_epoch_seconds total_seconds processors_seen memory_limit_bytes device data_digest"
    )

    flat = row(record())

    assert set(wanted.split()) <= set(flat)
    json.dumps(flat, allow_nan=False)


def test_a_golden_record_of_each_schema_is_readable() -> None:
    """tests/unit/golden/vN.json was written when schema N was new and is never touched again."""
    for version in range(1, SCHEMA + 1):
        path = Path(__file__).parent / "golden" / f"v{version}.json"
        assert from_json(path.read_bytes(), str(path)).status == "ok"
    assert_same_or_null(
        json.loads(to_json(from_json(path.read_bytes(), "newest"))), json.loads(path.read_bytes())
    )


def assert_same_or_null(now: object, then: object) -> None:
    """Every field of then is there unchanged; those that came later are null."""
    if isinstance(now, dict) and isinstance(then, dict):
        assert then.keys() <= now.keys()
        for name, value in now.items():
            assert_same_or_null(value, then.get(name))
    elif isinstance(now, list) and isinstance(then, list):
        assert len(now) == len(then)
        for one, other in zip(now, then, strict=True):
            assert_same_or_null(one, other)
    else:
        assert now == then


@pytest.mark.parametrize(
    ("asked", "steps", "wanted", "seconds"),
    [(None, 10, 10, 1.75), (10, 10, 40, 5.5), (10, 10, 10, 1.75), (10, 10, None, None)],
)
def test_an_epoch_cut_to_fewer_steps_counts_as_a_whole_one(
    asked: int | None, steps: int, wanted: int | None, seconds: float | None
) -> None:
    """10 of 40 steps in 1.25 s, and a whole validation of 0.5 s: a whole epoch takes 5.5 s."""
    kept = record()
    cut = msgspec.structs.replace(
        kept,
        campaign=msgspec.structs.replace(kept.campaign, steps=asked),
        stages=(msgspec.structs.replace(kept.stages[0], steps=steps, steps_wanted=wanted),),
    )

    assert derive.mean_epoch_seconds(cut) == seconds
