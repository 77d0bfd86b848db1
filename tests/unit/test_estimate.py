"""Estimates: worked numbers, an honest band, and one line for what makes no sense."""

import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bench.cli import certbench
from bench.errors import UsageError
from bench.evidence.archive import read_archive
from bench.evidence.derive import steady_epoch_seconds
from bench.verdict.estimate import Work, estimate_on
from bench.verdict.pace import Compared, Strength, of_two_threads
from bench.verdict.parameters import Parameters, fit, our_samples, samples, shipped
from bench.verdict.published import KINDS, load, ours, parse
from bench.verdict.published.hardware import place_of_gpu, places

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
import estimate_check  # noqa: E402

PLAIN = Parameters(
    floor_ms=dict.fromkeys(KINDS, 4.0),
    host={"vm": 0.5, "pc": 1.0, "apple": 2.0},
    gain=dict.fromkeys(KINDS, 10.0),
    growth=1.0,
    cores=1.0,
    input_share=0.1,
)


def work(**changes: object) -> Work:
    stated: dict[str, object] = {"kind": "cnn", "step_ms": 50.0, "steps": 100, "host": "colab-cpu"}
    return Work(**stated | changes)


def test_a_step_is_what_the_host_needs_and_what_the_arithmetic_takes() -> None:
    """On Colab's T4, the reference: 4 ms, and 50 / 10 ms: 9 ms, a hundred of them 0.9 s."""
    found = estimate_on("colab-t4", work(), PLAIN)

    assert found.epoch_seconds.middle == pytest.approx(0.9)
    assert found.speedup.middle == pytest.approx(50 / 9)
    assert found.bound_by == "compute"


def test_an_input_that_takes_longer_than_the_arithmetic_binds() -> None:
    """Two threads there as here: 4 + 30 ms; on four threads half of the input."""
    found = estimate_on("colab-t4", work(input_ms=30.0), PLAIN)
    wider = estimate_on("t4", work(input_ms=30.0), PLAIN)

    assert (found.epoch_seconds.middle, found.bound_by) == (pytest.approx(3.4), "input")
    assert wider.epoch_seconds.middle == pytest.approx((2 + 15) * 0.1)


def test_a_tiny_step_is_bound_by_its_host_and_gains_nothing() -> None:
    found = estimate_on("colab-t4", work(step_ms=2.0), PLAIN)

    assert found.bound_by == "host"
    assert found.speedup.middle == pytest.approx(2 / 4.2)


def test_a_stronger_processor_here_leaves_less_to_gain() -> None:
    """Unmeasured, eight threads are four times two; measured at 3, 50 ms are 150 at Colab."""
    three = Compared(task="any", kind="cnn", here_seconds=1.0, colab_seconds=3.0)
    known = work(host="this", threads=8)
    unmeasured = estimate_on("colab-t4", known, PLAIN)
    measured = estimate_on("colab-t4", replace(known, strength=Strength(models=(three,))), PLAIN)

    pace, dense = (of_two_threads().of(kind).middle for kind in (known.kind, "dense"))
    step = 50 - 0.37  # 37 ms of an epoch are Keras' own
    assert unmeasured.epoch_seconds.middle == pytest.approx(
        (4 + 0.4 * pace * step) * 0.1 + 0.037 * dense
    )
    assert measured.epoch_seconds.middle == pytest.approx((4 + 0.3 * step) * 0.1 + 0.037 * 3)


def test_an_epoch_that_is_all_overhead_gains_nothing_anywhere() -> None:
    """One step of one neuron: what Keras does around an epoch takes longer on a slower host."""
    line = Work(kind="dense", step_ms=38.0, steps=1)

    for name, where in places().items():
        if where.host != "pc":
            assert estimate_on(name, line).speedup.middle < 1


steps = st.floats(0.05, 1e6)


@given(st.sampled_from(KINDS), st.sampled_from(sorted(places())), steps, st.integers(1, 10**6))
def test_every_estimate_is_a_band_around_its_middle(kind, on, step_ms, count) -> None:
    found = estimate_on(on, Work(kind=kind, step_ms=step_ms, steps=count))

    for band in (found.epoch_seconds, found.speedup, found.first_epoch_extra_seconds):
        assert 0 <= band.low <= band.middle <= band.high < math.inf
    assert found.epoch_seconds.middle * found.speedup.middle == pytest.approx(
        step_ms * count / 1000
    )


@given(st.sampled_from(KINDS), steps, steps)
def test_more_work_never_takes_less_time(kind, one, other) -> None:
    less, more = sorted((one, other))

    def epoch(step_ms: float) -> float:
        return estimate_on(
            "colab-t4", Work(kind=kind, step_ms=step_ms, steps=1)
        ).epoch_seconds.middle

    assert epoch(less) <= epoch(more) * (1 + 1e-9)


def test_four_of_five_published_pairs_lie_inside_the_band_without_their_source() -> None:
    """The bars of docs/estimate.md, whose table this is."""
    found = estimate_check.checked()

    assert len(found) == 23
    assert sum(one.inside for one in found) / len(found) >= 0.8
    assert median(one.width**2 for one in found) <= 4.0 + 1e-9
    page = (ROOT / "docs/estimate.md").read_text()
    assert estimate_check.table(found) in page
    assert estimate_check.summary(found) in page


def test_the_h100_is_predicted_from_its_own_processor_without_its_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without, known = fit(samples(load())), ours()
    monkeypatch.setattr("bench.verdict.estimate.ours", dict)
    for name, one in known.items():
        found = estimate_on(
            one.place,
            Work(
                kind=one.kind,
                step_ms=one.cpu_ms,
                steps=one.steps,
                input_ms=one.input_ms,
                threads=one.threads,
            ),
            without,
        ).epoch_seconds
        assert found.low <= one.gpu_ms * one.steps / 1000 <= found.high, name


def test_our_own_pairs_are_the_medians_of_the_committed_records() -> None:
    records = [m.record for m in read_archive(ROOT / "results/h100.zip")]
    for name, one in ours().items():
        task = name.rsplit("-", 1)[1]
        for environment, told in (("native", one.cpu_ms), ("native-gpu", one.gpu_ms)):
            seconds = [
                steady_epoch_seconds(r)
                for r in records
                if (r.task.name, r.environment.name, r.status) == (task, environment, "ok")
            ]
            assert median(seconds) / one.steps * 1000 == pytest.approx(told, rel=1e-3)


def test_the_shipped_parameters_are_those_that_the_figures_give() -> None:
    found, kept = fit((*samples(load()), *our_samples())), shipped()

    for name in ("floor_ms", "host", "gain"):
        assert getattr(found, name) == pytest.approx(getattr(kept, name), rel=0.02)
    assert (found.growth, found.cores) == pytest.approx((kept.growth, kept.cores), rel=0.02)


@pytest.mark.parametrize(
    ("gpu", "name"),
    [("T4", "colab-t4"), ("RTX 4090", "rtx-4090"), ("H100", "h100"), ("abacus", None), ("", None)],
)
def test_a_priced_gpu_has_one_place_wherever_it_is_rented(gpu: str, name: str | None) -> None:
    assert place_of_gpu(gpu) == name


ENTRY = """
[[epoch]]
id = "x"
source = "owner/repository/file.ipynb cell 1"
date = "2023-01"
hardware = "Colab T4"
hardware_known_by = "metadata"
framework = "TF 2.12"
kind = "a"
dataset = "MNIST"
examples = 60000
model = "Dense 10"
batch = 32
steps = 1875
first_epoch_seconds = nan
epoch_seconds = 5.0
ms_per_step = 2.5
confidence = "high"
"""


def test_a_good_entry_is_read_and_links_to_its_source() -> None:
    [figure] = parse(ENTRY, "mine.toml").figures.values()

    assert (figure.work, figure.origin, figure.first) == ("dense", "owner/repository", None)
    assert figure.link == "https://github.com/owner/repository"


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('source = "owner/repository/file.ipynb cell 1"\n', "", "source"),
        ('date = "2023-01"\n', "", "date"),
        ('date = "2023-01"', 'date = "last year"', "date"),
        ("ms_per_step = 2.5", "ms_per_step = 2500.0", "is a unit wrong"),
        ("ms_per_step = 2.5", "ms_per_step = -1.0", "ms_per_step"),
        ("epoch_seconds = 5.0", "epoch_seconds = 0.0", "epoch_seconds"),
        ('kind = "a"', 'kind = "z"', "kind"),
        ("steps = 1875", "steps = 0", "steps"),
        ("[[epoch]]", "[[epoch", "mine.toml"),
    ],
)
def test_an_entry_that_does_not_hold_is_one_line(before: str, after: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as caught:
        parse(ENTRY.replace(before, after, 1), "mine.toml")
    assert "\n" not in str(caught.value)


def test_two_entries_of_one_id_and_a_pair_of_none_are_refused() -> None:
    pair = '[[pair]]\nname = "p"\ncpu = "x"\ngpu = "y"\nratio = 1.0\nratio_ms = 1.0\n'
    with pytest.raises(UsageError, match="two entries"):
        parse(ENTRY + ENTRY, "mine.toml")
    with pytest.raises(UsageError, match="names y"):
        parse(ENTRY + pair, "mine.toml")


def ask(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(certbench, arguments)
    return (done.exception.exit_code if done.exception else 0), (
        str(done.exception) if done.exception else done.stdout
    )


def test_the_command_gives_what_programs_ask_for() -> None:
    code, text = ask(
        "estimate",
        "--on",
        "colab-t4",
        "--kind",
        "text",
        "--step-ms",
        "37",
        "--steps",
        "215",
        "--input-ms",
        "5",
        "--host",
        "colab-cpu",
        "--format",
        "json",
    )
    told = json.loads(text)

    assert code == 0
    assert (told["on"], told["kind"], told["basis"]) == ("colab-t4", "text", "estimated")
    for name in ("epoch_seconds", "first_epoch_extra_seconds", "speedup"):
        assert told[name].keys() == {"low", "middle", "high"}
    assert told["bound_by"] in {"host", "compute", "input"}
    assert set(told["rests_on"]) <= set(load().figures)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--kind", "cnn", "--step-ms", "0", "--steps", "5"], "--step-ms is 0"),
        (["--kind", "cnn", "--step-ms", "-3", "--steps", "5"], "--step-ms is -3"),
        (["--kind", "cnn", "--step-ms", "nan", "--steps", "5"], "--step-ms is nan"),
        (["--kind", "cnn", "--step-ms", "5", "--steps", "0"], "--steps is 0"),
        (
            ["--kind", "cnn", "--step-ms", "5", "--steps", "5", "--input-ms", "-1"],
            "--input-ms is -1",
        ),
        (["--kind", "poem", "--step-ms", "5", "--steps", "5"], "no kind of model is called 'poem'"),
        (["--kind", "cnn", "--step-ms", "0.001", "--steps", "5"], "no machine issues a step"),
        (["--kind", "cnn", "--step-ms", "5", "--steps", "5", "--host", "mars"], "--host mars"),
        (["--kind", "cnn"], "--step-ms and --steps together"),
        (["--task", "line", "--step-ms", "5"], "not both"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], complaint: str) -> None:
    code, text = ask("estimate", "--on", "t4", *arguments)

    assert code == 2
    assert complaint in text
    assert "\n" not in text
    assert (
        ask("estimate", "--on", "mars", "--kind", "cnn", "--step-ms", "5", "--steps", "5")[0] == 2
    )


def test_published_figures_are_listed_and_narrowed() -> None:
    code, text = ask("published", "--kind", "text", "--on", "t4", "--format", "json")
    rows = json.loads(text)

    assert code == 0
    assert {row["kind"] for row in rows} == {"text"}
    assert {row["hardware"] for row in rows} == {"Colab T4"}
    assert all(row["source"] and row["date"] for row in rows)
    assert len(json.loads(ask("published", "--format", "json")[1])) == 190
    assert ask("published", "--on", "abacus")[0] == 2
    assert ask("published", "--kind", "poem")[0] == 2
