"""Each cause is found where it is planted in a record, just above its limit and not just below."""

import json
import shlex

import msgspec
import pytest
from click.testing import CliRunner

from bench.cli import certbench
from bench.errors import UsageError
from bench.evidence.record import Record
from bench.evidence.store import Store
from bench.publish.site import explain_rows
from bench.verdict.causes.finding import Finding
from bench.verdict.causes.limits import LIMITS
from bench.verdict.explain import as_rows, explain, first_finding
from builders import MACHINE
from explain_builders import WITH_GPU, job, repeats
from publish_builders import OTHER, story

ALL = {
    "gpu-not-used",
    "gpu-partly-used",
    "too-small-for-gpu",
    "starved-by-input",
    "start-dominates",
    "first-epoch-dominates",
    "processors-idle",
    "slower-from-epoch-to-epoch",
    "memory-short",
    "validation-heavy",
    "more-steps-than-data",
    "noise",
}


def found(*records: Record, place: str | None = None) -> dict[str, Finding]:
    [one] = explain(records, MACHINE.id, environment=place or records[0].environment.name)
    return {finding.finding: finding for finding in one.findings}


def test_a_healthy_run_has_no_finding_and_a_sentence_that_says_so() -> None:
    """2 s train and 0.1 s validate; the input alone takes 0.1 s of the 2: 1.9 of 2.1 are left."""
    [one] = explain([job()], MACHINE.id)

    assert one.findings == ()
    assert one.sentence == "Nothing stands out: 90% of an epoch is arithmetic"


def test_repeats_that_agree_have_no_finding_either() -> None:
    assert found(*repeats(6)) == {}


BORDERS = [
    ("starved-by-input", {"input_seconds": 0.51}, {"input_seconds": 0.49}),
    ("validation-heavy", {"validation": 1.01}, {"validation": 0.99}),
    ("processors-idle", {"in_use": 1.19}, {"in_use": 1.21}),
    ("too-small-for-gpu", {"seconds": 0.29}, {"seconds": 0.31}),
    (
        "too-small-for-gpu",
        {"gpu": True, "place": "gpu", "seconds": 0.79, "busy": 49.0},
        {"gpu": True, "place": "gpu", "seconds": 0.79, "busy": 51.0},
    ),
    (
        "too-small-for-gpu",
        {"gpu": True, "place": "gpu", "seconds": 0.79, "busy": None},
        {"gpu": True, "place": "gpu", "seconds": 0.81, "busy": None},
    ),
    (
        "gpu-partly-used",
        {"gpu": True, "place": "gpu", "busy": 29.0},
        {"gpu": True, "place": "gpu", "busy": 31.0},
    ),
    ("more-steps-than-data", {"stages": {"examples": 4266}}, {"stages": {"examples": 4267}}),
    ("more-steps-than-data", {"stages": {"examples": 100}}, {"stages": {"examples": None}}),
    # 2.7 s before and the rest in the first epoch, beside 100 epochs of 2.1 s: 70 s are a quarter
    ("first-epoch-dominates", {"first": 2.0 + 67.4}, {"first": 2.0 + 67.2}),
    ("start-dominates", {"task": {"epochs_wanted": 4}}, {"task": {"epochs_wanted": 5}}),
    (
        "memory-short",
        {"edges": {"fit": {"major_faults": 0}, "end": {"major_faults": 11 * 1051}}},
        {"edges": {"fit": {"major_faults": 0}, "end": {"major_faults": 11 * 1049}}},
    ),
    (
        "slower-from-epoch-to-epoch",
        {"seconds": [2 + 0.06 * n for n in range(9)]},
        {"seconds": [2 + 0.04 * n for n in range(9)]},
    ),
    (
        "slower-from-epoch-to-epoch",
        {"seconds": [2.0, 2.2, 2.4, 2.6, 2.8, 3.0]},
        {"seconds": [2.0, 2.2, 2.4, 2.6, 2.8]},
    ),
]


@pytest.mark.parametrize(("code", "above", "below"), BORDERS)
def test_a_cause_is_found_above_its_limit_and_not_below(
    code: str, above: dict[str, object], below: dict[str, object]
) -> None:
    assert code in found(job(**above))
    assert code not in found(job(**below))


def test_each_finding_has_a_case_here() -> None:
    assert {code for code, _, _ in BORDERS} | {"gpu-not-used", "noise"} == ALL


SIZES = [
    ("starved-by-input", {"input_seconds": 0.7}, 0.7),
    ("validation-heavy", {"validation": 3.0}, 3.0),
    ("processors-idle", {"in_use": 0.5}, 2.1 * 0.75),
    ("more-steps-than-data", {"stages": {"examples": 1600}}, 1.5),  # four passes, three too many
    ("first-epoch-dominates", {"first": 102.0}, (2.7 + 100.0) / 100),
    ("slower-from-epoch-to-epoch", {"seconds": [2.0] * 3 + [2.5] * 3 + [3.0] * 3}, 1.0),
    ("gpu-partly-used", {"gpu": True, "place": "gpu", "busy": 20.0}, 1.6),
]


@pytest.mark.parametrize(("code", "changes", "seconds"), SIZES)
def test_its_size_is_in_seconds_of_an_epoch(
    code: str, changes: dict[str, object], seconds: float
) -> None:
    assert found(job(**changes))[code].seconds_an_epoch == pytest.approx(seconds)


def test_what_others_took_is_no_idle_processor() -> None:
    """One of two was another process's: the one in use is all that was left."""
    busy = {"busy_seconds": 0.0}, {"busy_seconds": 0.0}, {"busy_seconds": 50.0}
    edges = dict(zip(("start", "fit", "end"), busy, strict=True))

    assert "processors-idle" in found(job(in_use=0.9))
    assert "processors-idle" not in found(job(in_use=0.9, edges=edges))


def test_one_thread_is_a_cause_and_idle_processors_with_full_pools_a_symptom() -> None:
    one = found(job(in_use=1.0, seen_as={"threads_intra": 1}))["processors-idle"]
    many = found(job(in_use=1.0))["processors-idle"]

    assert (one.symptom, many.symptom) == (False, True)
    assert "as many threads as processors" in one.advice
    assert "pools of 1 and 2" in one.evidence


def test_processors_that_wait_for_the_input_are_no_finding_of_their_own() -> None:
    ill = found(job(in_use=0.2, input_seconds=1.5))

    assert ill.keys() == {"starved-by-input"}
    assert "for some are idle" in ill["starved-by-input"].advice


def test_no_larger_batch_is_advised_than_the_data_hold() -> None:
    """100 steps of 64 allow 256; one step is all there is; six examples of an older record too."""
    sizes = {"steps": 1}, {"steps": None, "batch_size": 6}, {"steps": None, "batch_size": 64}
    one, few, unknown = (found(job(in_use=1.0, task=t))["processors-idle"].command for t in sizes)

    assert one == few == "certbench decide --task fashion"
    assert unknown.endswith("--vary batch_size=64,256")
    assert found(job(in_use=1.0))["processors-idle"].command == unknown


def test_noise_is_found_where_it_is_wide_or_has_two_modes_and_not_under_three() -> None:
    """Medians of 2.0, 2.4 and 3.0 s and 0.1 s of validation: the quietest saves 0.4 s."""
    noisy = [job(seconds, number=n) for n, seconds in enumerate((2.0, 2.4, 3.0), 1)]
    modes = [job(seconds, number=n) for n, seconds in enumerate((2.0, 2.0, 2.5, 2.5), 1)]

    assert found(*noisy)["noise"].seconds_an_epoch == pytest.approx(0.4)
    assert "in two modes" in found(*modes)["noise"].evidence
    assert "noise" not in found(*noisy[:2])
    assert "noise" not in found(*repeats(6))


def test_noise_says_what_it_is() -> None:
    """The slow runs used as many processors: their time was a slower processor's."""
    noisy = [job(seconds, number=n) for n, seconds in enumerate((2.0, 2.4, 3.0), 1)]

    assert "100% of the loss a slower processor, 0% waiting" in found(*noisy)["noise"].evidence


def test_drift_needs_half_of_the_repeats_and_no_single_slow_stretch() -> None:
    rising = [2 + 0.1 * n for n in range(9)]
    burst = [2.0] * 6 + [3.0, 2.0, 3.0]

    half = [job(rising), job(number=2)]
    third = [job(rising), job(number=2), job(number=3)]
    assert "in 1 of 2 runs" in found(*half)["slower-from-epoch-to-epoch"].evidence
    assert "slower-from-epoch-to-epoch" not in found(*third)
    assert "slower-from-epoch-to-epoch" not in found(job(burst))


def test_drift_tells_what_else_changed() -> None:
    before = {"frequency_mhz": 3000.0, "temperature_celsius": 50.0, "process_peak_bytes": 2**30}
    after = {"frequency_mhz": 2400.0, "temperature_celsius": 90.0, "process_peak_bytes": 5 * 2**30}
    ill = job([2 + 0.1 * n for n in range(9)], edges={"fit": before, "end": after})

    evidence = found(ill)["slower-from-epoch-to-epoch"].evidence

    assert "clock fell by 20%" in evidence
    assert "40 degrees warmer" in evidence
    assert "memory grew to 5 GiB, 5 times" in evidence


def test_a_rejected_gpu_run_is_explained_without_an_epoch() -> None:
    why = "a GPU was asked for, the work lay on CPU:0"
    ill = job(gpu=True, place="gpu", status="rejected", reasons=("gpu-not-used",), detail=why)
    nothing = msgspec.structs.replace(ill, epochs=(), placements=None)

    finding = found(nothing)["gpu-not-used"]

    assert (finding.evidence, finding.seconds_an_epoch) == (why, None)
    assert finding.command == "certbench doctor --env gpu"


def test_work_on_both_devices_is_a_gpu_used_by_part() -> None:
    ill = job(
        gpu=True,
        place="gpu",
        status="rejected",
        reasons=("gpu-not-used",),
        placements=("CPU:0", "GPU:0"),
    )

    assert found(ill)["gpu-partly-used"].evidence == "the work lay on CPU:0, GPU:0"


def test_a_machine_with_a_gpu_is_told_of_it_and_what_it_brought() -> None:
    plain = repeats(place="native", machine=WITH_GPU)
    faster = repeats(place="native-gpu", gpu=True, seconds=0.9, machine=WITH_GPU)
    same = repeats(place="native-gpu", gpu=True, machine=WITH_GPU)

    untried = found(*plain)["gpu-not-used"]
    tried = found(*plain, *faster)["gpu-not-used"]

    assert untried.measured == ()
    assert tried.measured == ("in native-gpu: 2.1 times faster epochs, score 5 as before",)
    assert tried.seconds_an_epoch == pytest.approx(1.1)
    assert "gpu-not-used" not in found(*plain, *same)
    assert "gpu-not-used" not in found(*repeats())


def test_a_larger_batch_that_was_tried_says_what_it_brought() -> None:
    """The sentence that the page promises: times, and the score before and after."""
    small = repeats(seconds=0.2, task={"batch_size": 32})
    knob = {"backend": "tensorflow", "batch_size": 512}
    large = repeats(
        seconds=0.0,
        validation=0.1,
        score=4,
        task={"batch_size": 512, "variant": knob, "fingerprint": "e" * 64},
    )

    [plain, varied] = explain([*small, *large], MACHINE.id)

    [finding] = [f for f in plain.findings if f.finding == "too-small-for-gpu"]
    assert finding.measured == (
        "batch 512 instead of 32: 3 times faster epochs, score 4 instead of 5",
    )
    assert varied.task == "fashion[batch_size=512]"


def test_what_does_not_differ_by_more_than_its_noise_is_about_as_fast() -> None:
    here = [job(s, number=n, in_use=0.5) for n, s in enumerate((2.0, 2.2, 2.4), 1)]
    there = [
        job(s, number=n, place="colab-like", seen_as={"processors": 1})
        for n, s in enumerate((2.2, 2.4, 2.6), 1)
    ]

    [said] = found(*here, *there, place="cpu")["processors-idle"].measured

    assert said.startswith("in colab-like: epochs about as fast (0.92 times, within the noise)")


def test_the_wait_for_a_session_counts_as_a_start() -> None:
    from bench.evidence.record import Session

    waited = job(session=Session(provision_seconds=60.0, install_seconds=40.0))

    assert "100 s" not in found(waited)["start-dominates"].evidence
    assert "1.67 min of waiting for the session" in found(waited)["start-dominates"].evidence


def test_older_records_without_steps_and_epochs_processor_seconds_are_explained() -> None:
    """Processors in use from the fit's edges: 20 processor seconds in 20 s, one of two."""
    edges = {"fit": {"own_cpu_seconds": 4.0}, "end": {"own_cpu_seconds": 23.0}}
    old = job(edges=edges, task={"steps": None})
    bare = tuple(msgspec.structs.replace(e, processor_seconds=None) for e in old.epochs)

    finding = found(msgspec.structs.replace(old, epochs=bare))["processors-idle"]

    assert finding.evidence.startswith("0.95 of 2 processors in use")


def test_the_largest_cause_comes_first_and_symptoms_last() -> None:
    ill = job(validation=3.0, input_seconds=1.0, in_use=0.5)

    [one] = explain([ill], MACHINE.id)

    assert [f.finding for f in one.findings] == [
        "validation-heavy",
        "starved-by-input",
        "processors-idle",
    ]


def test_one_line_says_the_first_finding_or_that_there_is_none() -> None:
    ill = first_finding([job(validation=3.0)], MACHINE.id, "fashion")

    assert ill.startswith("It validates longer than it trains: ")
    assert ill.endswith("Try: certbench run --task fashion --env cpu")
    assert first_finding([job()], MACHINE.id, "fashion").startswith("Nothing stands out")


def test_a_run_of_one_epoch_and_one_that_failed_say_what_is_missing() -> None:
    failed = job(status="failed", reasons=("exception",))

    [one] = explain([job([])], MACHINE.id)
    [other] = explain([failed], MACHINE.id)

    assert "Only one epoch was run" in one.sentence
    assert other.sentence == "No run ended well: failed, exception"


@pytest.mark.parametrize("source", ["task", "user-task", "script"])
def test_commands_are_safe_to_paste_and_name_the_file_of_a_users_own(source: str) -> None:
    name = "my task; rm -rf ~"
    ill = job(validation=3.0, task={"name": name, "source": source})

    words = shlex.split(found(ill)["validation-heavy"].command)

    assert words[:2] == ["certbench", "run"]
    assert words[3] == (name if source == "task" else f"./{name}.py")
    assert words[2] == ("--script" if source == "script" else "--task")


def test_a_variants_command_names_its_knobs_but_those_that_it_varies() -> None:
    knobs = {"backend": "tensorflow", "width": 4, "batch_size": 64}
    ill = job(seconds=0.2, validation=3.0, task={"variant": knobs})

    assert found(ill)["validation-heavy"].command.endswith(
        "--env cpu --vary batch_size=64 --vary width=4"
    )
    assert found(ill)["too-small-for-gpu"].command.endswith(
        "--env cpu --vary width=4 --vary batch_size=64,256,1024"
    )


def test_what_this_machine_rented_is_explained_and_tried_against_it() -> None:
    """2.1 s an epoch here against 1.0 s there, on a machine of another id."""
    here = repeats(input_seconds=1.0)
    rented = repeats(place="colab-t4", gpu=True, seconds=0.9, machine=OTHER, controller=MACHINE)

    found_by_place = {one.environment: one for one in explain([*here, *rented], MACHINE.id)}

    [input_] = found_by_place["cpu"].findings
    assert input_.measured == ("in colab-t4: 2.1 times faster epochs, score 5 as before",)
    assert found_by_place["colab-t4"].machine == OTHER.id


def test_another_accelerator_that_was_not_used_is_called_by_its_name() -> None:
    made = job(status="rejected", reasons=("tpu-not-used",), detail="the work lay on CPU:0")
    place = msgspec.structs.replace(made.environment, accelerator="tpu")

    finding = found(msgspec.structs.replace(made, environment=place))["tpu-not-used"]

    assert finding.says == "The TPU was not used"


def test_unknown_tasks_and_environments_are_one_line_with_what_there_is() -> None:
    with pytest.raises(UsageError, match="'other'; there are: fashion"):
        explain([job()], MACHINE.id, task="other")
    with pytest.raises(UsageError, match="'other'; there are: cpu"):
        explain([job()], MACHINE.id, environment="other")


def test_the_command_shows_findings_and_the_json_has_them_by_task(tmp_path) -> None:
    Store(tmp_path).save(job(validation=3.0))

    table = CliRunner().invoke(certbench, ["explain", "--results", str(tmp_path)])
    data = CliRunner().invoke(
        certbench, ["explain", "--results", str(tmp_path), "--format", "json"]
    )

    assert "It validates longer than it trains (at most 3 s an epoch)" in table.output
    assert "      certbench run --task fashion --env cpu\n" in table.output
    [one] = json.loads(data.output)
    [finding] = one["findings"]
    assert (one["task"], one["environment"]) == ("fashion", "cpu")
    assert {"finding", "evidence", "seconds_an_epoch", "try"} <= finding.keys()
    assert finding["try"] == "certbench run --task fashion --env cpu"


def test_without_records_it_says_how_to_make_some(tmp_path) -> None:
    done = CliRunner().invoke(certbench, ["explain", "--results", str(tmp_path)])

    assert "no records yet" in str(done.exception)


def test_the_page_has_what_the_command_says() -> None:
    records = [job(validation=3.0)]

    [shown] = explain_rows(story(records))
    [row] = as_rows(explain(records, MACHINE.id))

    assert shown["title"] == "fashion in cpu"
    assert shown["findings"][0]["command"] == row["findings"][0]["try"]


def test_every_limit_has_a_reason_and_a_row_in_the_document() -> None:
    from pathlib import Path

    page = (Path(__file__).resolve().parents[2] / "docs/explain.md").read_text()

    for name, (_, reason) in LIMITS.items():
        assert reason in page, name


class Batches:
    """A sequence of batches as Keras takes it; `n` where it is an iterator over arrays."""

    batch_size = 32

    def __len__(self) -> int:
        return 10


class Images(Batches):
    n = 315


class Dataset:
    def cardinality(self) -> int:
        return 10


def test_how_many_examples_data_hold_is_known_of_all_but_datasets() -> None:
    from bench.worker.identity import examples_of

    assert examples_of((["a"] * 7, ["b"] * 7), 2) == 7
    assert examples_of(Batches(), None) == 320
    assert examples_of(Images(), None) == 315
    assert examples_of(Dataset(), 2) is None
    assert examples_of(iter([]), 2) is None
