"""The charts, asserted from the figures: what is drawn, where, and that nothing overlaps."""

import msgspec
import numpy as np
import pytest
from matplotlib.figure import Figure

from bench.evidence.derive import steady_epoch_seconds
from bench.publish.charts import (
    break_even_money,
    break_even_time,
    decision_map,
    epoch_time,
    noise,
    phases,
    speed_up,
    style,
    time_to_score,
)
from bench.publish.charts.registry import CHARTS, picture
from bench.publish.groups import groups
from bench.publish.tracks import tracks, wins_from
from bench.verdict.decision_map import NOBODY
from builders import epoch
from figures import overlaps, texts
from publish_builders import campaign, elsewhere, hostile, story
from verdict_builders import run


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    told = story()
    return {name: draw(told) for name, draw in CHARTS.items()}


@pytest.mark.parametrize("name", CHARTS)
def test_no_text_lies_on_another(figures, name):
    assert overlaps(figures[name]) == []


@pytest.mark.parametrize("name", CHARTS)
def test_the_caption_says_machine_date_versions_number_and_command(figures, name):
    caption = " ".join(figures[name].get_supxlabel().split())

    for part in (
        "Test Processor, 2 processors, 16 GiB", "2026-01-01", "tensorflow 2.20.0", "48 records",
        "6 repeats", f"certbench charts --only {name}",
    ):  # fmt: skip
        assert part in caption


@pytest.mark.parametrize("name", CHARTS)
def test_the_same_records_give_the_same_bytes(figures, name):
    again = style.svg(CHARTS[name](story()))

    assert again == style.svg(figures[name])
    assert b"<dc:date>" not in again


@pytest.mark.parametrize("name", CHARTS)
def test_hostile_records_are_drawn_as_letters(name):
    told = story([*campaign(), hostile(), *elsewhere(campaign())])

    drawn = picture(name, told)

    assert b"<script" not in drawn.light
    assert len(drawn.light) < 3_000_000


@pytest.mark.parametrize("name", CHARTS)
def test_a_single_record_is_enough_for_a_picture(name):
    assert picture(name, story([run("cpu", 1, 5.0)])).title


@pytest.mark.parametrize("name", CHARTS)
def test_records_that_all_failed_are_no_error(name):
    failed = [
        msgspec.structs.replace(r, status="failed", reasons=("crashed",), epochs=(), result=None)
        for r in campaign(2)
    ]

    assert picture(name, story(failed)).title


def test_epoch_time_has_a_dot_for_each_repeat_and_emulated_ones_are_hollow_squares(figures):
    axes = figures["epoch-time"].axes[0]
    dots = [line for line in axes.lines if line.get_marker() in ("o", "s")]
    measured = [line for line in dots if line.get_marker() == "o"]
    emulated = [line for line in dots if line.get_marker() == "s"]

    assert sum(len(line.get_xdata()) for line in dots) == len(campaign())
    assert all(line.get_markerfacecolor() == style.PAPER for line in emulated)
    assert {line.get_color() for line in measured}.isdisjoint(line.get_color() for line in emulated)


def test_epoch_time_marks_the_median_that_the_records_have():
    told = story()
    figure = epoch_time.epoch_time(told)
    middles = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() == "|"]

    expected = [np.median(group.values(steady_epoch_seconds)) for group in told.groups]

    assert middles == pytest.approx(expected)
    assert figure.axes[0].get_xscale() == "log"


def test_suspect_repeats_are_triangles():
    figure = epoch_time.epoch_time(story(campaign(spread=0.2)))

    markers = {line.get_marker() for line in figure.axes[0].lines}

    assert "^" in markers
    assert "suspect" in texts(figure)


def test_many_repeats_are_thinned():
    told = story([run("cpu", number, 5.0 + number / 1000) for number in range(1, 200)])

    [dots] = [
        line for line in epoch_time.epoch_time(told).axes[0].lines if line.get_marker() == "o"
    ]

    assert len(dots.get_xdata()) == epoch_time.DOTS_MOST


def test_phases_add_up_to_the_whole(figures):
    bars = [bar for bar in figures["phases"].axes[0].patches if bar.get_height() == phases.BAR]
    rows: dict[float, float] = {}
    for bar in bars:
        rows[bar.get_y()] = rows.get(bar.get_y(), 0) + bar.get_width()

    assert list(rows.values()) == pytest.approx([100.0] * len(rows))


def test_time_to_score_is_that_of_the_records():
    quick = run("cpu", 1, 5.0)
    scored = msgspec.structs.replace(
        quick, epochs=tuple(epoch(i, 5.0, score=i + 1) for i in range(5))
    )
    [group] = groups([scored])

    assert [(r.score, r.middle) for r in time_to_score.reached(group)] == [
        (i + 1, 11.0 + i) for i in range(5)
    ]


def test_a_score_that_only_some_repeats_reach_says_so():
    low = msgspec.structs.replace(run("cpu", 2, 5.0), epochs=(epoch(0, 5.0, score=1),) * 3)
    [group] = groups([run("cpu", 1, 5.0), low])

    assert [r.share for r in time_to_score.reached(group)] == [1.0, 0.5, 0.5]


def test_break_even_time_marks_the_crossing_of_the_verdict():
    told = story()
    figure = break_even_time.break_even_time(told)

    for axes, report in zip(figure.axes, told.reports, strict=False):
        crossing = wins_from(report, tracks(report)[1])
        marked = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
        expected = [crossing.middle] if crossing and crossing.middle >= 1 else []
        assert marked == pytest.approx(expected)


def test_a_published_speed_is_called_published_in_the_title_and_drawn_otherwise():
    told = story()
    figure = break_even_time.break_even_time(told)
    styles = {line.get_linestyle() for line in figure.axes[1].lines[:2]}

    assert "T4 as published would win" in figure.get_suptitle().replace("\n", " ")
    assert styles == {"-", "-."}


def test_break_even_money_adds_up_what_the_verdict_says_a_job_costs():
    told = story()
    report = break_even_money.longest(told.reports)
    rent = break_even_money.options(report)[0]
    hours = np.array([10.0])
    here = report.job.answers[0]

    year = float(break_even_money.total(report, rent, hours, 12)[0])

    jobs = 10 * 3600 / here.seconds.middle * 52
    assert year == pytest.approx(here.cost.middle * jobs, rel=1e-6)


def test_a_line_of_money_ends_at_its_quota():
    report = break_even_money.longest(story().reports)
    free = next(o for a in report.job.answers if (o := a.option).name == "colab-free-t4")

    sums = break_even_money.by_hours(report, free)

    assert sums[0] == 0
    assert np.isnan(sums[-1]) or float(free.timing.epoch[0]) < 1


def test_the_speed_up_needed_falls_as_jobs_get_longer():
    report = story().reports[1]

    finite = [n.middle for n in speed_up.needed(report) if np.isfinite(n.middle)]

    assert finite == sorted(finite, reverse=True)
    assert finite[-1] == pytest.approx(1.0, abs=0.05)


def test_the_map_is_that_of_the_verdict():
    report = story().reports[1]
    found = decision_map.grid(report)
    named = {found.options[i] for i in found.best.ravel() if i != NOBODY}

    assert named <= {answer.option.name for answer in report.job.answers}
    assert set(decision_map._names([found])) == named


def test_noise_says_what_happened_how_often():
    failed = msgspec.structs.replace(
        run("cpu", 9, 5.0), id="failed", status="rejected", reasons=("throttled",)
    )
    told = story([*campaign(spread=0.2), failed])

    said = noise.reasons(told)

    assert "48 suspect: unstable" in said
    assert "1 rejected: throttled" in said


def test_two_machines_are_told_apart_in_labels():
    told = story([*campaign(2), *elsewhere(campaign(2))], names={"ba9876543210": "my laptop"})

    labels = {told.label(group) for group in told.groups}

    assert "my laptop: cpu" in labels
    assert "Test Processor: colab-like (emulated)" in labels


def test_every_footing_differs_in_shape():
    looks = [(look.marker, str(look.line), look.hatch) for look in style.LOOKS.values()]

    for place in range(2):
        shapes = [look[place] for look in looks[:5]]
        assert len(set(shapes)) == len(shapes)


def test_a_dark_picture_has_no_white_paper():
    drawn = picture("epoch-time", story())

    assert style.PAPER.encode() in drawn.light
    assert style.PAPER.encode() not in drawn.dark
