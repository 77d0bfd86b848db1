"""All charts by name, in the order of the page. To add one: write it, and list it here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from matplotlib.figure import Figure

from bench.publish.charts import (
    answer,
    break_even_time,
    cost,
    decision_map,
    epoch_time,
    noise,
    phases,
    speed_up,
    style,
    time_to_score,
    variants,
)
from bench.publish.story import Story
from bench.publish.sweeps import sweeps

CHARTS: Mapping[str, Callable[[Story], Figure]] = {
    answer.NAME: answer.answer_chart,
    epoch_time.NAME: epoch_time.epoch_time,
    phases.NAME: phases.phases,
    time_to_score.NAME: time_to_score.time_to_score,
    variants.NAME: variants.variants,
    break_even_time.NAME: break_even_time.break_even_time,
    cost.NAME: cost.cost,
    speed_up.NAME: speed_up.speed_up_needed,
    decision_map.NAME: decision_map.decision_chart,
    noise.NAME: noise.noise,
}


def with_something_to_show(story: Story) -> tuple[str, ...]:
    """The names of the charts for a page: without variants there is no chart of them."""
    return tuple(name for name in CHARTS if name != variants.NAME or sweeps(story))


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A chart as the page holds it; `title` is its finding, `caption` its origin."""

    name: str
    title: str
    caption: str
    light: bytes
    dark: bytes


def picture(name: str, story: Story) -> Picture:
    """Draw a chart for both papers."""
    figure = CHARTS[name](story)
    light = style.svg(figure)
    return Picture(
        name=name,
        title=_one_line(figure.get_suptitle()),
        caption=_one_line(figure.get_supxlabel()),
        light=light,
        dark=style.at_night(light),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
