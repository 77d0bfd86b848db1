"""The charts, asserted from the figures: what is drawn, where, and that nothing overlaps."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from matplotlib.figure import Figure

from bench.evidence.derive import steady_epoch_seconds, total_seconds
from bench.evidence.store import Store
from bench.publish.charts import (
    break_even_time,
    cost,
    decision_map,
    epoch_time,
    noise,
    phases,
    speed_up,
    style,
    time_to_score,
)
from bench.publish.charts.legend import option_colours
from bench.publish.charts.registry import CHARTS, picture
from bench.publish.groups import groups
from bench.publish.machines import called, facts, short
from bench.publish.story import Story, build_report
from bench.publish.tracks import tracks, wins_from
from bench.verdict.decision_map import NOBODY
from bench.verdict.request import Request
from builders import MACHINE, epoch
from figures import overlaps, texts
from publish_builders import (
    TODAY,
    campaign,
    disturbed,
    elsewhere,
    hostile,
    long_names,
    story,
    with_gpu,
)
from verdict_builders import run

REPOSITORY = Path(__file__).parents[2]
COMMITTED = (
    "answer",
    "break-even-time",
    "speed-up-needed",
)  # of the documents


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    told = story()
    return {name: draw(told) for name, draw in CHARTS.items()}


@pytest.mark.parametrize("name", CHARTS)
def test_no_text_lies_on_another(figures, name):
    assert overlaps(figures[name]) == []


def three_tracks() -> Story:
    """The processor, a GPU of this machine, and a published cloud, which has to be named."""
    named = Request(options=("native-gpu", "colab-free-t4", "colab-t4", "aws-t4"))
    return story([*campaign(), *with_gpu(campaign())], request=named)


def beside_another() -> Story:
    """This machine, and one with a GPU that ran the same tasks."""
    return story([*campaign(), *elsewhere(with_gpu(campaign()))])


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize(
    "told",
    [three_tracks(), beside_another(), story(long_names())],
    ids=["three tracks", "two machines", "long names"],
)
def test_no_text_lies_on_another_or_outside_whatever_there_is_to_draw(told, name):
    assert overlaps(CHARTS[name](told)) == []


@pytest.mark.parametrize("name", CHARTS)
def test_hostile_names_leave_room_for_what_is_drawn(name):
    told = story([*campaign(), hostile(), *elsewhere([hostile()])])

    assert [pair for pair in overlaps(CHARTS[name](told)) if pair[1] == "the edge"] == []


@pytest.mark.parametrize("name", CHARTS)
def test_the_caption_says_machine_date_versions_number_and_command(figures, name):
    caption = " ".join(figures[name].get_supxlabel().split())

    for part in (
        "Test Processor, 2 processors, 16 GiB",
        "2026-01-01",
        "tensorflow 2.20.0",
        "48 records",
        "6 repeats",
        f"certbench charts --only {name}",
    ):
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
    figure = epoch_time.epoch_time(story(disturbed(campaign())))

    markers = {line.get_marker() for line in figure.axes[0].lines}

    assert "^" in markers
    assert "suspect" in texts(figure)


def test_many_repeats_are_thinned():
    told = story([run("cpu", number, 5.0 + number / 1000) for number in range(1, 200)])

    [dots] = [
        line for line in epoch_time.epoch_time(told).axes[0].lines if line.get_marker() == "o"
    ]

    assert len(dots.get_xdata()) == epoch_time.DOTS_MOST


def test_phases_add_up_to_the_seconds_of_the_whole(figures):
    bars = [
        bar for bar in figures["phases"].axes[0].patches if np.isclose(bar.get_height(), phases.BAR)
    ]
    rows: dict[float, float] = {}
    for bar in bars:
        row = round(bar.get_y(), 6)
        rows[row] = rows.get(row, 0) + bar.get_width()

    totals = [float(np.median(group.values(total_seconds))) for group in story().groups]
    assert list(rows.values()) == pytest.approx(totals, rel=0.02)


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


def test_an_estimated_speed_is_called_estimated_in_the_title_and_drawn_otherwise():
    told = story()
    figure = break_even_time.break_even_time(told)
    styles = {line.get_linestyle() for line in figure.axes[1].lines[:2]}

    assert "T4 as estimated would win" in figure.get_suptitle().replace("\n", " ")
    assert styles == {"-", "--"}


def test_cost_adds_up_what_the_verdict_says_a_job_costs():
    told = story()
    report = cost.longest(told.reports)
    rent = cost.options(report)[0]
    hours = np.array([10.0])
    here = report.result.outcomes[0]

    year = float(cost.total(report, rent, hours, 12)[0])

    jobs = 10 * 3600 / here.seconds.middle * 52
    assert year == pytest.approx(here.cost.middle * jobs, rel=1e-6)


def test_a_bar_is_what_a_month_of_the_answer_costs():
    told = story()
    report = cost.longest(told.reports)
    [job] = [job for job in told.answer.jobs if job.task == report.task]
    bars = {name: amount for name, amount, why in cost.months_of(report) if why is None}

    for place in job.places:
        assert bars[place.option] == pytest.approx(place.month)
    drawn = texts(cost.cost(told))
    assert any(f"at {report.workload.use.runs_per_week:.2g} jobs a week" in text for text in drawn)


def test_a_line_of_money_ends_at_its_quota():
    report = cost.longest(story().reports)
    free = next(o for a in report.result.outcomes if (o := a.option).name == "colab-free-t4")

    _, by_hours = cost.panels_of(report)
    sums = by_hours.sums(free)

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
    named = {found.options[i] for i in found.advised.ravel() if i != NOBODY}

    assert named <= {answer.option.name for answer in report.result.outcomes}
    assert set(decision_map._names([found])) == named


def test_noise_says_what_happened_how_often():
    one = next(r for r in campaign() if r.id.startswith("cpu-fashion"))
    failed = msgspec.structs.replace(
        one, id="failed", round=9, status="rejected", reasons=("throttled",)
    )
    told = story([*disturbed(campaign()), failed])

    said = {told.row(group): noise.reasons(told, group) for group in told.groups}

    assert said["fashion, cpu"] == "6 steal, 1 rejected: throttled"
    assert said["line, cpu"] == "6 steal"
    assert said["fashion, cpu"] in texts(noise.noise(told))


def test_a_group_of_which_nothing_counts_has_its_row_in_noise():
    failed = [
        msgspec.structs.replace(
            run("gpu", n, 5.0), status="failed", reasons=("crashed",), epochs=(), result=None
        )
        for n in (1, 2)
    ]

    assert "2 failed: crashed" in texts(noise.noise(story([*campaign(), *failed])))


def test_two_machines_are_told_apart_in_labels():
    told = story([*campaign(2), *elsewhere(campaign(2))], names={"ba9876543210": "my laptop"})

    labels = {told.label(group) for group in told.groups}

    assert "my laptop: cpu" in labels
    assert "Test: colab-like (emulated)" in labels


def test_every_basis_differs_in_shape():
    looks = [(look.marker, str(look.line), look.hatch) for look in style.LOOKS.values()]

    for place in range(2):
        shapes = [look[place] for look in looks[:5]]
        assert len(set(shapes)) == len(shapes)


def test_a_dark_picture_has_no_white_paper():
    drawn = picture("epoch-time", story())

    assert style.PAPER.encode() in drawn.light
    assert style.PAPER.encode() not in drawn.dark


def test_break_even_time_tells_what_is_rented_from_what_stands_here():
    said = break_even_time.title(three_tracks().reports)

    assert said.startswith("Stay local for short jobs: T4 as estimated would win above")
    assert "; here, native-gpu is faster from " in said


def test_several_tracks_share_one_note_with_a_line_each():
    for axes in break_even_time.break_even_time(three_tracks()).axes[:4]:
        [note] = [text.get_text() for text in axes.texts]
        assert [line.split(":")[0] for line in note.splitlines()] == ["native-gpu", "T4"]


def test_a_local_gpu_wins_over_no_session_and_has_a_band_alone():
    told = three_tracks()

    for axes, report in zip(speed_up.speed_up_needed(told).axes, told.reports, strict=False):
        dots = [line for line in axes.lines if line.get_marker() == "o"]
        rented = wins_from(report, tracks(report)[2])
        assert [line.get_xdata()[0] for line in dots] == pytest.approx(
            [rented.middle] if rented and 1 <= rented.middle <= 10_000 else []
        )
        assert "native-gpu" not in " ".join(text.get_text() for text in axes.texts)


@pytest.mark.parametrize(("speed", "wins"), [("1x", False), ("9x", True)])
def test_a_cloud_that_never_wins_is_said_to_in_its_panel(speed, *, wins):
    told = story(request=Request(assume={"colab-t4": speed}))
    figure = speed_up.speed_up_needed(told)
    never = [r.task for r in told.reports if wins_from(r, tracks(r)[1]) is None]

    assert bool(never) != wins
    for axes, report in zip(figure.axes, told.reports, strict=False):
        said = [text.get_text() for text in axes.texts]
        assert (said == ["never wins"]) == (report.task in never)


def test_the_curve_is_dense_where_it_falls_and_the_task_has_its_line():
    report = story().reports[1]
    first = speed_up.impossible_until(report)

    [above] = [n for n in speed_up.needed(report) if n.epochs > first][:1]
    axes = speed_up.speed_up_needed(story()).axes[1]

    assert above.middle > speed_up.MOST
    assert [report.workload.epochs] * 2 in [list(line.get_xdata()) for line in axes.lines]


def test_a_gpu_of_another_machine_is_a_band_of_the_same_task():
    told = beside_another()
    report = told.reports[1]
    of_task = [group for group in told.groups if group.task == report.task]
    [here, there] = [group for group in of_task if not group.emulated]

    [_, band] = speed_up.bands_of(told, report)

    assert band.label == "Other: native-gpu, measured there"
    assert band.middle == pytest.approx(
        np.median(here.values(steady_epoch_seconds)) / np.median(there.values(steady_epoch_seconds))
    )


def test_a_gpu_that_trained_another_task_of_that_name_is_no_band():
    other = [
        msgspec.structs.replace(r, task=msgspec.structs.replace(r.task, fingerprint="x"))
        for r in elsewhere(with_gpu(campaign()))
    ]
    told = story([*campaign(), *other])

    assert [band.label for band in speed_up.bands_of(told, told.reports[1])] == ["T4 as estimated"]


@pytest.mark.parametrize(
    ("name", "panel"),
    [
        ("time-to-score", 0),
        ("phases", 0),
        ("break-even-time", 0),
        ("cost", 1),
        ("speed-up-needed", 1),
    ],
)
def test_suspect_numbers_look_suspect_everywhere(figures, name, panel):
    noisy = CHARTS[name](story(disturbed(campaign())))

    assert "^" in {line.get_marker() for line in noisy.axes[panel].lines}
    assert "^" not in {line.get_marker() for line in figures[name].axes[panel].lines}
    assert "48 of 48 suspect" in " ".join(noisy.get_supxlabel().split())


def test_a_legend_shows_only_shapes_that_are_drawn():
    figure = epoch_time.epoch_time(story(disturbed(campaign())))

    handles = figure.axes[0].get_legend().legend_handles
    drawn = {line.get_marker() for line in figure.axes[0].lines if len(line.get_xdata())}

    assert {handle.get_marker() for handle in handles} <= drawn
    assert figure.get_suptitle().endswith("(all repeats suspect)")


def test_a_title_names_the_environment_that_it_speaks_of():
    scored = [
        msgspec.structs.replace(r, epochs=tuple(epoch(i, 5.0, score=i + 2) for i in range(4)))
        for r in campaign(2)
    ]

    assert time_to_score.title(story(scored)).endswith("on cpu")


def test_where_all_savings_are_negligible_the_map_advises_here():
    told = story([r for r in campaign() if r.task.name == "line"])
    [report] = told.reports
    found = decision_map.grid(report)

    assert found.negligible.any()
    assert set(found.advised[found.negligible]) == {0}
    assert "what another saves is negligible" in decision_map.title(
        {"line": found}, decision_map._kinds(told)
    )
    assert "negligible" in decision_map.NOTE


def test_an_option_has_one_colour_in_every_chart_of_money():
    told = story()
    colour = option_colours(told)
    money = cost.cost(told)
    legend = {
        text.get_text().split("\n")[0]: handle.get_color()
        for text, handle in zip(
            money.legends[0].get_texts(), money.legends[0].legend_handles, strict=True
        )
    }

    assert colour["cpu"] == style.BLUE
    assert all(colour[name] == shown for name, shown in legend.items())


def test_the_map_shows_the_basis_in_shape():
    hatches = decision_map._hatches(story())

    assert hatches["cpu"] != hatches["colab-free-t4"] != hatches["colab-t4"]
    assert len(set(hatches.values())) >= 3


def test_money_marks_where_two_lines_cross_and_where_none_do_says_so():
    told = story()
    report = cost.longest(told.reports)
    chosen = cost.options(report)
    figure = cost.cost(told)

    for axes, panel in [(figure.axes[1], cost.panels_of(report)[1])]:
        crossed = cost.crossings(panel, chosen)
        dots = [line for line in axes.lines if line.get_marker() == "o"]
        assert [line.get_xdata()[0] for line in dots] == [one.place for one in crossed]
        for one in crossed:
            less, more = (next(o for o in chosen if o.name == n) for n in (one.less, one.more))
            assert panel.cost(less, one.place * 1.001) < panel.cost(more, one.place * 1.001)
        assert axes.get_ylim()[0] < 0
        assert "logarithmic above 1" in axes.get_ylabel()


def test_captions_name_each_machine_and_the_command_with_its_options():
    told = story(
        [*campaign(2), *elsewhere(campaign(2))],
        names={"ba9876543210": "my laptop"},
        typed=["--with", "other.zip", "--name", "ba9876543210=my laptop"],
    )
    caption = " ".join(noise.noise(told).get_supxlabel().split())

    assert "my laptop: Other Processor, 2 processors, 16 GiB (ba9876543210)" in caption
    assert "Test Processor, 2 processors" in caption
    assert caption.endswith("--only noise --with other.zip --name 'ba9876543210=my laptop'")


def test_a_machine_is_called_by_its_processor_and_its_gpu():
    rented = msgspec.structs.replace(
        MACHINE, processor="Intel(R) Xeon(R) Processor", gpus=("NVIDIA H100 80GB HBM3",)
    )

    assert called(rented) == "Intel Xeon, H100"
    assert facts(rented).startswith("Intel Xeon Processor, H100, 2 processors")
    assert short("Tesla T4") == "T4"
    assert short("NVIDIA A100-SXM4-40GB") == "A100"
    assert short("NVIDIA GeForce RTX 3060") == "RTX 3060"


@pytest.mark.parametrize("name", COMMITTED)
def test_the_committed_pictures_are_what_is_drawn_from_the_committed_records(name):
    store = Store(REPOSITORY / "results")
    told = build_report([store.load(path) for path in store.paths()], "", TODAY)

    drawn = picture(name, told).light

    assert (REPOSITORY / f"docs/charts/{name}.svg").read_bytes() == drawn, (
        f"certbench charts --out docs/charts --only {name}"
    )
