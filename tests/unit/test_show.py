"""What `certbench show` says: only like is pooled, each sentence once, whole at any width."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from bench.cli import certbench
from bench.contract.facts import Closed, Pipeline, Result
from bench.evidence.absent import unreadable
from bench.evidence.record import Record
from bench.evidence.rows import row, rows
from bench.evidence.store import Store
from bench.evidence.summaries import (
    by_task_and_environment,
    named_pools,
    phases,
    sentences,
    usual_seconds,
)
from builders import MACHINE, environment, epoch, facts, reading, record, seen

OPEN = Closed(**dict.fromkeys(Closed.__struct_fields__) | {"root_writable": False})
OTHER = msgspec.structs.replace(MACHINE, id="ffff")


def repeat(name: str, steady: float = 1.0, **changes: object) -> Record:
    return record(
        id=name,
        round=int(name[0], 36) + 1,
        **{"seen": seen(closed=OPEN)}
        | {"epochs": tuple(epoch(i, steady - 0.5) for i in range(3))}
        | changes,
    )


def task(**changes: object) -> object:
    return msgspec.structs.replace(record().task, **changes)


@pytest.mark.parametrize(
    ("changes", "apart"),
    [
        ({"machine": OTHER}, ["machine 0123456789ab", "machine ffff"]),
        ({"task": task(fingerprint="0" * 64, batch_size=32)}, ["batch 32", "batch 64"]),
        (
            {"seen": seen(versions={"tensorflow": "2.21.0"})},
            ["TensorFlow 2.21.0", "TensorFlow ?"],
        ),
        ({"seen": seen(processor="EPYC")}, ["?", "EPYC"]),
        ({"task": task(fingerprint="0" * 64)}, ["fingerprint 00000000", "fingerprint ffffffff"]),
    ],
)
def test_what_may_not_be_pooled_has_a_row_of_its_own_that_says_what_differs(
    changes: dict, apart: list[str]
) -> None:
    """A machine nine times as slow makes nobody's repeats unstable."""
    lines = by_task_and_environment([repeat("a"), repeat("b", 9.0, **changes)])

    assert sorted(line["of"] for line in lines) == sorted(apart)
    assert sorted(line["epoch s"] for line in lines) == [1.0, 9.0]
    assert {line["marks"] for line in lines} == {"–"}


def test_a_run_that_ended_too_early_to_say_what_it_was_is_counted_with_the_others() -> None:
    early = repeat(
        "b",
        status="failed",
        reasons=("exception",),
        seen=None,
        task=task(fingerprint=None, category=None),
    )

    [line] = by_task_and_environment([repeat("a"), early])

    assert line["runs"] == "1 ok, 1 failed: exception"
    assert "of" not in line
    assert len(named_pools([early])) == 1


def test_noise_is_said_once_for_a_pool_with_both_modes_and_marks_no_repeat() -> None:
    pool = [repeat(str(n), s) for n, s in enumerate([1.0, 1.01, 2.0, 2.02])]

    [said] = sentences(pool)

    assert said == ("fashion in cpu, noisy ±52%: in two modes: 1 s (2 times) and 2.01 s (2 times)")
    assert all((line["marks"], line["noise"]) == ([], "noisy") for line in rows(pool))


def test_scores_and_whole_runs_are_those_of_the_longest_runs() -> None:
    """Epochs of a short run of the same work count with those of a long one."""
    short = repeat(
        "b", 3.0, epochs=(epoch(0, 2.5), epoch(1, 2.5)), result=Result(metric=0.1, score=1)
    )
    pool = [repeat("a"), short]

    [line] = by_task_and_environment(pool)

    assert (line["score"], line["epoch s"]) == (5, 2.0)


def test_phases_are_told_apart_with_the_pipeline_and_its_cache() -> None:
    piped = [
        repeat(str(n), pipeline=Pipeline(seconds=0.123 + n, cache=cache, read_bytes=None))
        for n, cache in enumerate(("cold", "warm", "warm"))
    ]

    [line] = phases(piped)

    wanted = {"start": 1.0, "imports": 2.0, "data": 0.5, "build": 0.25, "eval.": 0.25}
    assert wanted.items() <= line.items()
    assert (line["first"], line["train"], line["val."]) == (1.0, 0.5, 0.5)
    assert line["input"] == "1.12 cold, warm"


def test_the_row_of_a_record_tells_its_noise() -> None:
    one = record(
        readings=(
            reading("start", 0.0, load_average=1.0, steal_seconds=0.0, throttled_seconds=1.0),
            reading(
                "end", 10.0, temperature_celsius=60.0, steal_seconds=2.0, throttled_seconds=3.0
            ),
        )
    )

    told = row(one)

    assert (told["load_average"], told["steal_share"], told["throttled_seconds"]) == (1.0, 0.1, 2.0)
    assert (told["temperature_celsius"], told["gpu_utilisation_percent"]) == (60.0, None)
    assert told["steady_train_seconds"] == 1.25
    assert told["notes"] == []


@pytest.mark.parametrize(
    ("wall", "slept", "notes"),
    [
        ((0.0, 10.5), (None, None), 0),
        ((0.0, 20.0), (None, None), 1),
        ((0.0, 5.0), (None, None), 1),
        ((0.0, 40.0), (0.0, 30.0), 0),
    ],
)
def test_a_jump_of_the_wall_clock_is_noted_and_marks_nothing(wall, slept, notes: int) -> None:
    edges = zip(("start", "end"), (0.0, 10.0), wall, slept, strict=True)
    one = record(
        readings=tuple(
            reading(edge, at, wall_unix_seconds=clock, suspended_seconds=asleep)
            for edge, at, clock, asleep in edges
        )
    )

    [told] = rows([one])

    assert len(told["notes"]) == notes
    assert (told["marks"], told["status"]) == ([], "ok")


def test_what_no_reading_could_tell_is_named_for_each_environment() -> None:
    told = repeat("a", readings=(reading("start", 0.0, load_average=1.0, memory_peak_bytes=1),))
    on_gpu = repeat("b", environment=facts(environment("gpu", gpu=True)))

    absent = unreadable([told, repeat("c"), on_gpu])

    assert "load" not in absent["cpu"]
    assert "peak memory" not in absent["cpu"]
    assert {"suspension", "temperature", "energy of any kind"} <= set(absent["cpu"])
    assert {"load", "peak memory", "the GPU's counters"} <= set(absent["gpu"])
    assert "the GPU's counters" not in absent["cpu"]
    assert unreadable([record(readings=())]) == {}


@pytest.mark.parametrize(("width", "hidden"), [(80, {"warm"}), (130, set())])
def test_the_tables_are_whole_at_the_width_of_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int, hidden: set[str]
) -> None:
    """No cell is cut and no line is longer; what was found is said once, and so what is hidden."""
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", str(width))):
        monkeypatch.setenv(name, value)
    emulated = facts(environment("colab-like", emulated=True))
    piped = Pipeline(seconds=0.123, cache="warm", read_bytes=None)
    for name, steady in (("a", 1.0), ("b", 1.01), ("c", 3.0), ("d", 3.0)):
        Store(tmp_path).save(repeat(name, steady, environment=emulated, pipeline=piped))

    done = CliRunner().invoke(
        certbench, ["show", "--all", "--results", str(tmp_path)], catch_exceptions=False
    )

    text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    drawn = text.splitlines()
    assert "…" not in text
    assert max(map(len, drawn)) <= width
    assert " ".join(text.split()).count("in two modes") == 1
    words = {"total", "7", "input", "warm", "colab-like", "(emulated)", "noisy", "accuracy"}
    assert words - set(" ".join(drawn).split()) == hidden
    assert bool(hidden) == ("not shown at 80 columns: input" in drawn)


def test_absent_counters_are_told_once_for_environments_alike(tmp_path: Path) -> None:
    for name in ("cpu", "native"):
        Store(tmp_path).save(repeat(name, environment=facts(environment(name))))

    done = CliRunner().invoke(
        certbench, ["show", "--all", "--format", "json", "--results", str(tmp_path)]
    )

    assert done.stderr.count("Not readable in cpu, native") == 1
    assert len(json.loads(done.stdout)) == 2


def test_how_long_a_task_takes_here_is_that_of_this_machines_newest_whole_runs() -> None:
    """Totals of 7 s in cpu; emulated, rented and another machine's say nothing of this one."""
    places = {name: facts(environment(name)) for name in ("cpu", "colab-like")}
    emulated = msgspec.structs.replace(places["colab-like"], emulated=True)
    records = [
        record(id="one"),
        record(id="two", environment=emulated),
        record(id="three", machine=msgspec.structs.replace(MACHINE, id="f" * 12)),
    ]

    assert usual_seconds(records, MACHINE.id) == {"fashion": ("cpu", 7.0)}
    assert usual_seconds(records, "e" * 12) == {}
