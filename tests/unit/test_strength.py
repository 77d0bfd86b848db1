"""This machine's processor against Colab's, by models that were measured on both."""

import ast
import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from statistics import geometric_mean

import msgspec
import pytest
from click.testing import CliRunner

import tasks
from bench.cli import certbench
from bench.evidence.record import Record
from bench.evidence.store import Store
from bench.verdict.estimate import estimate_on, half_width
from bench.verdict.jobs import task_job
from bench.verdict.pace import Compared, Strength, links, of_two_threads, reference
from bench.verdict.parameters import shipped
from bench.verdict.prices import load_prices
from bench.verdict.published import load
from bench.verdict.published.hardware import place
from bench.verdict.strength import strength_of
from bench.verdict.table import pools
from bench.verdict.work import work_of
from builders import MACHINE
from verdict_builders import run

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "benchmarks" / "published_models"
sys.path.insert(0, str(ROOT / "benchmarks"))
import colab_link  # noqa: E402

VALIDATION = 0.5  # seconds of each epoch that the made records validate


def colab_seconds(task: str) -> float:
    return geometric_mean(load().figures[name].epoch_seconds for name in links()[task].figures)


def linked(task: str, ratio: float, **changes: object) -> Record:
    """A repeat of a linked model on a processor `ratio` times as fast as Colab's."""
    link = links()[task]
    held = 0.0 if link.validated else VALIDATION
    made = run("cpu", 1, colab_seconds(task) / ratio + held, task=task)
    steps = load().figures[link.figures[0]].steps
    facts = {"source": "user-task", "steps": steps, "fingerprint": "a" * 64} | changes
    return msgspec.structs.replace(made, task=msgspec.structs.replace(made.task, **facts))


def strength(*records: Record, machine: str = MACHINE.id, env: str = "cpu") -> Strength | None:
    return strength_of(pools(records), machine, env)


FOUR = ("published_a_d4", "published_a_d512", "published_b_c64x2", "published_e_sunspots_b100")


def test_the_median_of_the_models_ratios_is_the_strength() -> None:
    """Ratios 1, 2, 2 and 4: the median is 2; the epoch of a validated one counts as a whole."""
    found = strength(*(linked(t, r) for t, r in zip(FOUR, (1, 2, 2, 4), strict=True)))

    assert found is not None
    assert sorted(one.ratio for one in found.models) == pytest.approx([1, 2, 2, 4])
    assert found.overall.middle == pytest.approx(2)
    assert 1.2 < found.overall.half_width < 2


def test_models_that_agree_leave_what_rounded_seconds_leave() -> None:
    found = strength(*(linked(task, 3) for task in FOUR))

    assert found is not None
    assert (found.overall.middle, found.overall.half_width) == (pytest.approx(3), 1.2)
    assert (found.of("cnn").middle, found.of("cnn").half_width) == (pytest.approx(3), 1.2)


def of_ratios(**ratios: tuple[float, ...]) -> Strength:
    models = [
        Compared(task=kind, kind=kind, here_seconds=1.0, colab_seconds=ratio)
        for kind, found in ratios.items()
        for ratio in found
    ]
    return Strength(models=tuple(models))


def test_a_kind_has_its_own_pace_drawn_to_that_of_all() -> None:
    """Dense at 2 (three models), convolution at 8 (one): the median of all four is 2.

    Convolution: the geometric mean of its 8 and the 2 of all, 4, a factor 2 from the one model.
    """
    found = of_ratios(dense=(2.0, 2.0, 2.0), cnn=(8.0,))

    assert found.overall.middle == pytest.approx(2)
    assert found.of("dense").middle == pytest.approx(2)
    assert found.of("cnn").middle == pytest.approx(4)
    assert found.of("cnn").half_width == pytest.approx(2)
    assert found.of("text") == found.overall


def test_more_models_of_a_kind_that_agree_narrow_its_band() -> None:
    few, many = (of_ratios(dense=(1.0, 2.0, 4.0, 8.0), cnn=(3.0,) * n) for n in (1, 6))

    assert many.of("cnn").half_width < few.of("cnn").half_width
    assert many.of("cnn").middle == pytest.approx(3, rel=0.05)


def test_the_shipped_reference_is_the_committed_records() -> None:
    """Medians of results/models, by the machine they were made on; and nothing else."""
    records = Store(ROOT / "results" / "models").load_all()
    [machine] = {record.machine.id for record in records}
    found = strength(*records, machine=machine)

    assert found is not None
    assert {one.task for one in found.models} == set(links())
    assert {one.task: one.here_seconds for one in found.models} == pytest.approx(
        reference().seconds, rel=1e-3
    )


@pytest.mark.parametrize(
    "last",
    [
        {"steps": 7},  # another model under the same name
        {"source": "task"},  # none of a user's file
        {"name": "mine"},
    ],
)
def test_what_is_no_published_model_is_not_counted_and_three_are_too_few(last: object) -> None:
    three = [linked(task, 2) for task in FOUR[:3]]

    assert strength(*three) is None
    assert strength(*three, linked(FOUR[3], 2, **last)) is None
    assert strength(*three, linked(FOUR[3], 2)) is not None


def test_other_machines_and_environments_say_nothing_of_this_one() -> None:
    records = [linked(task, 2) for task in FOUR]

    assert strength(*records, machine="another") is None
    assert strength(*records, env="native") is None


def test_an_estimate_takes_the_measured_strength_and_its_band() -> None:
    """Colab's processor at a third of this one's speed: its epoch takes three times as long."""
    found = strength(*(linked(task, 3) for task in FOUR))
    fashion = pools([run("cpu", n, 5.0, category=2) for n in (1, 2, 3)])[-1]
    known, unknown = work_of(fashion, None, found), work_of(fashion)
    there = estimate_on("colab-cpu", known).epoch_seconds

    assert there.middle == pytest.approx(3 * 5.0)
    assert there.high / there.middle == pytest.approx(1.2)
    t4 = place("colab-t4")
    assert half_width(known, t4) < half_width(unknown, t4)
    expected = math.exp(math.hypot(math.log(1.9), math.log(1.2)))
    assert half_width(known, t4) == pytest.approx(expected)


def test_a_processor_that_was_not_measured_is_one_of_today() -> None:
    """Two threads are the reference's; four are as much more as four cores are than two."""
    fashion = work_of(pools([run("cpu", n, 5.0, category=2) for n in (1, 2, 3)])[-1])
    two, eight = (replace(fashion, threads=threads) for threads in (2, 8))
    pace = of_two_threads().of("cnn")
    there = estimate_on("colab-cpu", two).epoch_seconds

    around = 0.037 * of_two_threads().of("dense").middle
    assert there.middle == pytest.approx(4.963 * pace.middle + around)
    assert estimate_on("colab-cpu", eight).epoch_seconds.middle == pytest.approx(
        4.963 * pace.middle * 4 ** shipped().cores + around
    )
    assert there.high / there.middle == pytest.approx(
        math.exp(math.hypot(math.log(pace.half_width), math.log(1.5)))
    )


def test_a_job_knows_its_processors_strength_only_where_it_was_measured() -> None:
    plain = [run("cpu", n, 5.0) for n in (1, 2, 3)]
    prices = load_prices()
    measured = [*plain, *(linked(task, 3) for task in FOUR)]

    assert task_job(plain, MACHINE.id, "fashion", prices, None).strength is None
    found = task_job(measured, MACHINE.id, "fashion", prices, None).strength
    assert found is not None
    assert found.overall.middle == pytest.approx(3)


def test_the_command_uses_it(tmp_path: Path) -> None:
    plain = [run("cpu", n, 5.0) for n in (1, 2, 3)]
    command = ["estimate", "--on", "colab-cpu", "--task", "fashion", "--format", "json"]

    def middle(folder: Path, records: list[Record]) -> float:
        for record in records:
            Store(folder).save(record)
        done = CliRunner().invoke(
            certbench, [*command, "--results", str(folder)], catch_exceptions=False
        )
        return float(json.loads(done.stdout)["epoch_seconds"]["middle"])

    assert middle(tmp_path / "b", [*plain, *(linked(t, 3) for t in FOUR)]) == pytest.approx(15)
    kind, around = (of_two_threads().of(kind).middle for kind in ("cnn", "dense"))
    assert middle(tmp_path / "a", plain) == pytest.approx(4.963 * kind + 0.037 * around)


def test_the_script_prints_each_model_and_the_verdict(tmp_path, monkeypatch, capsys) -> None:
    for record in (linked(task, 3) for task in FOUR):
        Store(tmp_path).save(record)
    monkeypatch.setattr(sys, "argv", ["colab_link.py", "--results", str(tmp_path)])
    colab_link.main()
    text = capsys.readouterr().out

    assert all(f"| {task} |" in text for task in FOUR)
    assert "3.00 times as fast as Colab's (median of 4 models" in text


def test_the_script_says_in_one_line_what_is_missing(tmp_path, monkeypatch, capsys) -> None:
    Store(tmp_path).save(linked(FOUR[0], 3))
    monkeypatch.setattr(sys, "argv", ["colab_link.py", "--results", str(tmp_path)])
    with pytest.raises(SystemExit):
        colab_link.main()
    said = capsys.readouterr().err

    assert said.count("\n") == 1
    assert "certbench run --env cpu" in said


@pytest.mark.parametrize("name", sorted(links()))
def test_a_linked_model_repeats_its_figures(name: str) -> None:
    """The published batch, figures of Colab's processor, and a word on what is drawn."""
    task = tasks.from_file(MODELS / f"{name}.py")
    figures = [load().figures[figure] for figure in links()[name].figures]

    assert {figure.hardware for figure in figures} == {"Colab CPU"}
    assert {figure.batch for figure in figures} == {task.batch_size}
    assert "drawn" in ast.get_docstring(ast.parse((MODELS / f"{name}.py").read_text()))


def test_each_built_model_is_linked_and_some_of_every_kind_but_images_are() -> None:
    assert {path.stem for path in MODELS.glob("*.py")} == set(links())
    kinds = {load().figures[link.figures[0]].work for link in links().values()}
    assert kinds == {"dense", "cnn", "text", "sequence"}


@pytest.mark.parametrize("name", ["published_a_d4", "published_d_imdb_flatten"])
def test_arrays_have_as_many_examples_as_the_published_steps(name: str, tmp_path: Path) -> None:
    task = tasks.from_file(MODELS / f"{name}.py")
    data = task.load(tmp_path)
    figure = load().figures[links()[name].figures[0]]

    assert math.ceil(len(data.train[0]) / task.batch_size) == figure.steps
    assert len(data.train[0]) == figure.examples


@pytest.mark.parametrize("name", sorted(n for n in links() if "_e_" in n))
def test_a_series_has_as_many_windows_as_the_published_steps(name: str) -> None:
    """tf.data cannot count windows, so the file states their batches."""
    stated = tasks.from_file(MODELS / f"{name}.py").load.__globals__
    length = stated.get("MONTHS") or stated["POINTS"]
    windows = length - stated["WINDOW"]
    figure = load().figures[links()[name].figures[0]]

    assert math.ceil(windows / stated["BATCH_SIZE"]) == stated["STEPS"] == figure.steps
