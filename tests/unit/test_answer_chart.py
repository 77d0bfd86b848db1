"""The hero chart says what the answer says, and draws each job where the answer puts it."""

import numpy as np
import pytest

from bench.publish.charts import answer, style
from bench.verdict.request import Request
from figures import texts
from publish_builders import campaign, story, with_gpu


def test_each_dot_stands_at_the_seconds_of_the_answer():
    told = story()

    axes = answer.answer_chart(told).axes[0]

    dots = {
        (round(float(line.get_xdata()[0]), 6), round(float(line.get_ydata()[0]), 6))
        for line in axes.lines
        if line.get_marker() in ("o", "*")
    }
    assert dots == {
        (round(job.here.seconds.middle, 6), round(place.seconds.middle, 6))
        for job in told.answer.jobs
        for place in job.places[1:]
    }
    assert axes.get_xlim() == axes.get_ylim()


def test_the_line_of_a_place_meets_the_diagonal_at_its_crossing():
    told = story(request=Request(task="fashion", assume={"colab-t4": "4x"}))
    [job] = told.answer.jobs
    [line] = answer.lines_of(told.answer)
    [crossing] = [place.crossing for place in job.places[1:]]
    there = line.seconds(np.array([crossing.minutes * 60]), 4.0)

    assert line.gains == pytest.approx((4, 4, 4))
    assert there[0] == pytest.approx(crossing.minutes * 60, rel=1e-6)


def test_a_line_never_falls_under_the_wait():
    [line] = answer.lines_of(story(request=Request(assume={"colab-t4": "50x"})).answer)

    assert line.seconds(np.array([0.01, 1.0]), 50.0).min() >= 120.0


def test_the_title_begins_with_the_advice_and_names_the_crossing():
    figure = answer.answer_chart(story())

    title = " ".join(figure.get_suptitle().split())

    assert title.startswith("Stay here for all 4 tasks; T4 is sooner for jobs of more than")


def test_the_own_job_is_a_star_with_its_name():
    told = story(request=Request(epoch_seconds=12, epochs=200))

    figure = answer.answer_chart(told)

    assert any(line.get_marker() == "*" for line in figure.axes[0].lines)
    assert any(text.startswith("your job, 40 min") for text in texts(figure))


def test_a_place_keeps_its_colour_whoever_stands_beside_it():
    alone = style.place_colours(["T4"])
    others = style.place_colours(["mine", "native-gpu", "T4", "another"])

    assert alone["T4"] == others["T4"] == style.ORANGE
    assert len(set(others.values())) == 4
    assert style.BLUE not in others.values()


def test_two_places_have_a_line_each():
    told = story([*campaign(), *with_gpu(campaign())])

    assert [line.name for line in answer.lines_of(told.answer)] == [
        place.name for place in told.answer.jobs[0].places[1:]
    ]
