"""Two environments are compared only where they may be, and what differs is said."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from bench.cli import certbench
from bench.contract.facts import Result
from bench.errors import UsageError
from bench.evidence.record import Record
from bench.evidence.store import Store
from bench.verdict.compare import TaskComparison, compare
from bench.verdict.table import of_campaign, pools, start_seconds
from builders import CAMPAIGN, MACHINE, environment, epoch, facts, record
from verdict_builders import seen

HERE = MACHINE.id


def run(
    name: str,
    number: int,
    seconds: float,
    *,
    metric: float = 0.9,
    score: int = 5,
    **changes: object,
) -> Record:
    """A run of `seconds` an epoch in the environment of that name."""
    return record(
        id=f"{name}-{number}",
        round=number,
        seed=number,
        environment=facts(environment(name, emulated=name.endswith("like"))),
        result=Result(metric=metric, score=score),
        **{"seen": seen(), "epochs": tuple(epoch(i, seconds - 0.5) for i in range(4))} | changes,
    )


def rounds(name: str, *seconds: float, **changes: object) -> list[Record]:
    return [run(name, i, s, **changes) for i, s in enumerate(seconds, start=1)]


def only(records: list[Record], a: str = "cpu", b: str = "native") -> TaskComparison:
    [task] = compare(records, a, b, HERE).tasks
    return task


def test_all_that_steady_epochs_do_not_explain_is_the_start() -> None:
    """7 s in all, epochs 2.5, 1.5 and 2: steady 1.75, so 7 - 6 + 2.5 - 1.75 = 1.75 s."""
    assert start_seconds(record()) == pytest.approx(1.75)


def test_six_rounds_give_a_ratio_with_an_interval_and_a_winner() -> None:
    found = only(rounds("cpu", *[4.0] * 6) + rounds("native", *[2.0] * 6)).epoch

    assert (found.ratio.middle, found.winner, found.preliminary) == (2.0, "b", False)


def test_three_rounds_give_a_range_and_a_preliminary_winner() -> None:
    found = only(rounds("cpu", 4.0, 4.1, 4.2) + rounds("native", 2.0, 2.0, 2.0)).epoch

    assert (found.ratio.interval, found.winner, found.preliminary) == ("range of 3", "b", True)


def test_another_configuration_or_other_data_cannot_be_compared() -> None:
    other = msgspec.structs.replace(record().task, fingerprint="0" * 64)
    task = only(rounds("cpu", 2.0) + rounds("native", 2.0, task=other))

    assert task.epoch is None
    assert "not the same work" in task.why


def test_other_framework_versions_are_compared_and_marked() -> None:
    task = only(rounds("cpu", 2.0) + rounds("native", 2.0, seen=seen("2.21.0")))

    assert task.epoch is not None
    assert task.marks[0] == "tensorflow 2.20.0 against 2.21.0"


def test_the_same_versions_are_compared_where_there_are_some() -> None:
    old = [run("native", 9, 7.0, seen=seen("2.21.0"))]
    task = only(rounds("cpu", 2.0, 2.0) + old + rounds("native", 3.0, 3.0))

    assert (task.marks, task.epoch.b.middle) == ((), 3.0)


def test_versions_machines_and_environments_are_never_pooled() -> None:
    elsewhere = msgspec.structs.replace(MACHINE, id="other")
    records = [
        *rounds("cpu", 2.0, 2.0),
        run("cpu", 3, 2.0, seen=seen("2.21.0")),
        run("cpu", 4, 2.0, machine=elsewhere),
        run("native", 5, 2.0),
    ]

    assert sorted(len(pool.rounds) for pool in pools(records)) == [1, 1, 1, 2]


def test_only_runs_that_ended_well_count() -> None:
    bad = run("cpu", 2, 99.0, status="rejected", reasons=("throttled",))
    task = only([run("cpu", 1, 2.0), bad, *rounds("native", 2.0)])

    assert (task.epoch.a.middle, task.epoch.a.rounds) == (2.0, 1)


def test_a_side_whose_runs_all_failed_says_how() -> None:
    bad = run("native", 1, 2.0, status="oom", reasons=("oom",))

    assert only([run("cpu", 1, 2.0), bad]).why == "no run of native ended well (oom: oom)"


def test_a_task_that_one_side_never_ran_is_named() -> None:
    other = msgspec.structs.replace(record().task, name="line", category=1)
    report = compare(
        [run("cpu", 1, 2.0), run("cpu", 2, 2.0, task=other), run("native", 1, 2.0)],
        "cpu",
        "native",
        HERE,
    )

    assert [(t.task, t.why) for t in report.tasks] == [
        ("line", "native has no records of it"),
        ("fashion", None),
    ]


@pytest.mark.parametrize(
    ("metrics", "scores", "same"),
    [
        ((0.97, 0.98), (5, 5), True),  # the same score
        ((0.87, 0.98), (3, 5), False),  # as reported on Macs
        ((0.899, 0.901), (4, 5), True),  # a threshold lies between, the seeds' spread is wider
    ],
)
def test_environments_must_learn_the_same_thing(metrics, scores, same) -> None:
    records = [
        run(name, number, 2.0, metric=metric + 0.004 * number, score=score)
        for name, metric, score in zip(("cpu", "native"), metrics, scores, strict=True)
        for number in (1, 2)
    ]
    task = only(records)

    assert task.scores.same == same
    assert ("the environments do not learn the same thing" in task.marks) == (not same)


def test_from_one_seed_a_side_nothing_is_claimed_of_what_is_learned() -> None:
    """Two rounds with one seed are one seed."""
    again = run("cpu", 2, 2.0, score=1)
    alike = [run("cpu", 1, 2.0, score=1), msgspec.structs.replace(again, seed=1)]

    task = only(alike + rounds("native", 2.0, 2.0))

    assert task.scores.same is None
    assert [mark for mark in task.marks if "not known: it takes two seeds" in mark]


@pytest.mark.parametrize(("metric", "marked"), [(0.98, True), (0.903, False)])
def test_the_same_score_with_another_metric_is_marked(metric: float, *, marked: bool) -> None:
    """0.900 and 0.904 spread by 0.004."""
    records = [
        run(name, number, 2.0, metric=start + 0.004 * number)
        for name, start in (("cpu", 0.896), ("native", metric))
        for number in (1, 2)
    ]

    task = only(records)

    assert task.scores.same is True
    assert ("same score, other metric" in " ".join(task.marks)) == marked


def test_that_a_side_is_noisy_is_said_once_with_both_modes() -> None:
    task = only(rounds("cpu", 1.0, 1.01, 2.0, 2.02) + rounds("native", 2.0, 2.0))

    [mark] = task.marks
    assert mark == "cpu is noisy ±52%: in two modes: 1 s (2 times) and 2.01 s (2 times)"


def test_an_emulated_side_is_labelled() -> None:
    report = compare(rounds("cpu", 2.0) + rounds("colab-like", 2.0), "cpu", "colab-like", HERE)

    assert (report.a.label, report.b.label) == ("cpu", "colab-like (emulated)")


def test_a_side_may_name_its_machine() -> None:
    elsewhere = msgspec.structs.replace(MACHINE, id="other")
    records = rounds("cpu", *[2.0] * 6) + [
        run("cpu", i, 4.0, machine=elsewhere, campaign=msgspec.structs.replace(CAMPAIGN, id="x"))
        for i in range(6)
    ]
    found = only(records, "cpu", "other:cpu").epoch

    assert (found.winner, found.paired) == ("a", False)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ("cpu", "gpu", "no records of 'gpu'; there are some of: cpu, native"),
        ("cpu", "nowhere:cpu", "no records of 'nowhere:cpu'"),
        ("cpu", "cpu", "are the same side"),
        (f"{HERE}:cpu", "cpu", "are the same side"),
    ],
)
def test_a_side_that_cannot_be_is_refused(a: str, b: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        compare(rounds("cpu", 2.0) + rounds("native", 2.0), a, b, HERE)


def test_no_records_at_all_and_an_unknown_campaign_are_refused() -> None:
    with pytest.raises(UsageError, match="no records yet"):
        compare([], "cpu", "native", HERE)
    with pytest.raises(UsageError, match="no campaign is called 'x'"):
        of_campaign(rounds("cpu", 2.0), "x")


def test_the_command_says_the_same_in_both_forms(tmp_path: Path) -> None:
    for one in rounds("cpu", *[4.0] * 6) + rounds("colab-like", *[2.0] * 6):
        Store(tmp_path).save(one)
    arguments = ["compare", "cpu", "colab-like", "--results", str(tmp_path)]

    text = CliRunner().invoke(certbench, arguments, catch_exceptions=False).stdout
    data = json.loads(CliRunner().invoke(certbench, [*arguments, "--format", "json"]).stdout)

    assert text.splitlines()[:2] == [data["no_difference"], data["headline"]]
    assert data["tasks"][0]["epoch"]["ratio"]["middle"] == 2.0
    assert data["tasks"][0]["epoch"]["winner"] == "colab-like (emulated)"
    assert "2.00 (2.00 to" in text


def test_between_equal_limits_on_one_machine_no_difference_is_expected() -> None:
    same = compare(rounds("cpu", 2.0) + rounds("colab-like", 2.0), "cpu", "colab-like", HERE)
    fewer = msgspec.structs.replace(seen(), processors=1)
    other = compare([*rounds("cpu", 2.0), run("native", 0, 2.0, seen=fewer)], "cpu", "native", HERE)

    assert "both sides train on the same 2 processors" in same.no_difference
    assert other.no_difference is None


def test_an_older_configuration_is_left_out_in_one_line() -> None:
    task = msgspec.structs.replace(record().task, fingerprint="0" * 64, batch_size=8)
    campaign = msgspec.structs.replace(CAMPAIGN, id="20200101T000000Z-000000")
    old = [run("cpu", 7, 9.0, task=task, campaign=campaign)]

    report = compare([*old, *rounds("cpu", 2.0), *rounds("native", 2.0)], "cpu", "native", HERE)

    assert report.left_out == ("cpu: 1 older repeat of fashion left out: another batch size",)


def test_whole_runs_and_scores_compare_only_at_equal_epochs() -> None:
    longer = [
        run("native", n, 2.0, epochs=tuple(epoch(i, 1.5) for i in range(9))) for n in range(1)
    ]

    task = only(rounds("cpu", 2.0) + longer)

    assert task.epoch.ratio.middle == 1.0
    assert (task.total, task.scores) == (None, None)
    assert "different numbers of epochs" in " ".join(task.marks)


def test_a_side_whose_machine_has_two_entries_is_one_side_all_the_same() -> None:
    records = [*rounds("cpu", 2.0), *rounds("cpu", 2.0, entry="box"), *rounds("native", 2.0)]

    assert only(records).epoch is not None


def turned(records: list[Record], **settings: object) -> list[Record]:
    """The same runs as another variant, under ids and a fingerprint of its own."""
    return [
        msgspec.structs.replace(
            one,
            id=f"{one.id}-{settings}",
            task=msgspec.structs.replace(
                one.task, variant=one.task.variant | settings, fingerprint=f"{settings}"
            ),
        )
        for one in records
    ]


def test_equal_variants_are_compared_and_others_are_not() -> None:
    cpu, native = rounds("cpu", 4.0, 4.0, 4.0), rounds("native", 2.0, 2.0, 2.0)
    records = [*cpu, *native, *turned(cpu, width=2), *turned(native, width=2)]

    found = compare(records, "cpu", "native", HERE).tasks

    assert [(task.task, task.epoch.ratio.middle) for task in found] == [
        ("fashion", 2.0),
        ("fashion[width=2]", 2.0),
    ]


def test_backends_are_compared_where_that_is_asked_for_and_other_knobs_stay_equal() -> None:
    plain = rounds("cpu", 4.0, 4.0, 4.0)
    faster = turned(rounds("cpu", 1.0, 1.0, 1.0), backend="jax")
    wide = turned(rounds("cpu", 8.0, 8.0, 8.0), width=2)
    wide_faster = turned(rounds("cpu", 4.0, 4.0, 4.0), width=2, backend="jax")

    found = compare([*plain, *faster, *wide, *wide_faster], "cpu", "cpu[backend=jax]", HERE)

    assert [(task.task, task.epoch.ratio.middle) for task in found.tasks] == [
        ("fashion", 4.0),
        ("fashion[width=2]", 2.0),
    ]
    assert found.no_difference is None
    assert found.b.label == "cpu[backend=jax]"


def test_another_score_on_another_backend_is_said() -> None:
    plain = rounds("cpu", 4.0, 4.0, 4.0)
    other = turned(rounds("cpu", 4.0, 4.0, 4.0, metric=0.5, score=2), backend="jax")

    [task] = compare([*plain, *other], "cpu", "cpu[backend=jax]", HERE).tasks

    assert task.scores is not None
    assert task.scores.same is False


@pytest.mark.parametrize(
    ("side", "said"),
    [("cpu[width=3]", "no records of"), ("cpu[w", "say ENVIRONMENT"), ("cpu", "the same side")],
)
def test_a_side_that_is_none_is_one_line(side: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        compare(rounds("cpu", 4.0), "cpu", side, HERE)
