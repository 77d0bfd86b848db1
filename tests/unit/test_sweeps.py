"""Variants beside each other: what is drawn over what, and where another place wins."""

import msgspec
import pytest

from bench.publish.charts import variants
from bench.publish.charts.registry import with_something_to_show
from bench.publish.sweeps import crossings, sweeps
from figures import overlaps, texts
from publish_builders import campaign, story, with_gpu
from verdict_builders import run

# seconds of an epoch by batch: the processor's fall with the steps, the GPU's start higher
CPU = {32: 4.0, 128: 3.0, 512: 2.5, 2048: 2.4}
GPU = {32: 6.0, 128: 3.1, 512: 1.0, 2048: 0.4}


def _one(place: str, number: int, seconds: float, **settings: object):
    made = run(place, number, seconds, task="fashion", category=2)
    differing = {k: v for k, v in settings.items() if (k, v) != ("batch_size", 128)}
    task = msgspec.structs.replace(
        made.task,
        variant={"backend": "tensorflow"} | differing,
        batch_size=settings.get("batch_size", 128),
        fingerprint=f"{sorted(settings.items())}",
    )
    return msgspec.structs.replace(made, task=task, id=f"{made.id}-{sorted(settings.items())}")


def told(cpu=CPU, gpu=GPU, **more):
    here = [_one("cpu", n, s, batch_size=b, **more) for n in (1, 2, 3) for b, s in cpu.items()]
    base = [_one("cpu", n, s, batch_size=b, **more) for n in (1, 2, 3) for b, s in gpu.items()]
    return story([*here, *with_gpu(base, times=1.0)])


def test_the_calibrated_batch_is_a_point_of_the_line_like_any_other():
    [sweep] = sweeps(told())

    assert (sweep.task, sweep.knob, sweep.values) == ("fashion", "batch_size", (32, 128, 512, 2048))
    assert [len(line.points) for line in sweep.lines] == [4, 4]


def test_the_crossing_is_where_the_other_place_is_ahead_to_the_end():
    [sweep] = sweeps(told())

    [crossing] = crossings(sweep)

    assert (crossing.value, crossing.before.place, crossing.after.place) == (
        512,
        "cpu",
        "native-gpu",
    )


def test_the_chart_says_the_crossing_and_nothing_lies_on_another():
    figure = variants.variants(told())

    assert figure.get_suptitle().replace("\n", " ") == (
        "fashion: from batch_size 512 on native-gpu has the faster epoch, below it cpu"
    )
    assert overlaps(figure) == []
    assert {"32", "128", "512", "2048"} <= set(texts(figure))


def test_a_place_that_is_always_ahead_crosses_nothing():
    faster = {batch: seconds / 2 for batch, seconds in CPU.items()}

    [sweep] = sweeps(told(gpu=faster))

    assert crossings(sweep) == ()


@pytest.mark.parametrize("wrong", [{32: 4.0}, {}])
def test_a_value_that_one_place_lacks_is_no_crossing(wrong):
    assert all(crossings(sweep) == () for sweep in sweeps(told(gpu=wrong)))


def test_what_else_was_set_makes_lines_of_its_own():
    wide = [_one("cpu", n, 9.0, batch_size=b, width=2) for n in (1, 2, 3) for b in CPU]
    plain = [_one("cpu", n, s, batch_size=b) for n in (1, 2, 3) for b, s in CPU.items()]

    [sweep] = sweeps(story([*plain, *wide]))

    assert sweep.knob == "batch_size"
    assert {line.rest for line in sweep.lines} == {"width=1", "width=2"}


def test_words_stand_one_after_the_other():
    records = [
        *(_one("cpu", n, 4.0) for n in (1, 2, 3)),
        *(_one("cpu", n, 9.0, input="generator") for n in (1, 2, 3)),
    ]

    [sweep] = sweeps(story(records))

    assert variants.places(sweep) == {"dataset": 0.0, "generator": 1.0}


def test_without_variants_the_page_has_no_such_chart():
    assert "variants" not in with_something_to_show(story(campaign()))
    assert "variants" in with_something_to_show(told())
