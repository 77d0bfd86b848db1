"""The options of a verdict as charts draw them: those that take the same time are one track."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from bench.evidence.derive import rented
from bench.evidence.strangers import drawable
from bench.publish.groups import Group
from bench.publish.story import Story
from bench.verdict.crossing import TimeCrossing
from bench.verdict.decide import Outcome
from bench.verdict.model import Option, Timing, job_seconds, summary
from bench.verdict.places import basis_of
from bench.verdict.prices import is_stale
from bench.verdict.report import JobReport
from bench.verdict.statistics import Estimate, Floats

WORDS = {
    "measured": "",
    "published": " as published",
    "estimated": " as estimated",
    "assumed": " as assumed",
}


@dataclass(frozen=True, kw_only=True)
class Track:
    """Options with one timing. `basis` is measured, published or assumed."""

    label: str
    basis: str
    timing: Timing
    options: tuple[Option, ...]

    @property
    def local(self) -> bool:
        """Whether it is the machine itself."""
        return not self.options[0].rented

    def seconds(self, epochs: Floats) -> list[Estimate]:
        """The job's seconds at each number of epochs."""
        return [summary(row, self.timing) for row in job_seconds(self.timing, epochs[:, None])]


def basis(option: Option) -> str:
    """The weakest origin of an option's speed; its start may be assumed without changing it."""
    return basis_of(option)


def look_of(story: Story, report: JobReport, track: Track) -> str:
    """The track's basis, or suspect where every repeat that it was measured in is."""
    return speed_look(story, report, track.options[0])


def speed_look(story: Story, report: JobReport, option: Option) -> str:
    """The basis of an option's speed, or suspect where every repeat behind it is."""
    kind = basis(option)
    behind = [g for g in measured_in(story, report) if g.environment == option.name]
    suspect = bool(behind) and all(story.basis(group) == "suspect" for group in behind)
    return "suspect" if suspect and kind == "measured" else kind


def measured_in(story: Story, report: JobReport) -> tuple[Group, ...]:
    """The groups of a report's task that were measured here or rented."""
    return tuple(
        g
        for g in story.groups
        if g.task == report.task
        and g.counted
        and not g.emulated
        and (g.machine == story.here or rented(g.counted[0]))
    )


def short_label(track: Track) -> str:
    """The track in few letters, for a note in a panel."""
    return drawable(track.label.removesuffix(WORDS[track.basis]), 16)


def price_basis(option: Option, today: date) -> str:
    """Assumed, stale or published: no price is measured, it is what a seller says."""
    if option.price.assumed:
        return "assumed"
    if is_stale(option.price, today):
        return "stale"
    return "published"


def spoken_basis(option: Option, today: date) -> str:
    """Where speed and price come from, in words."""
    price = price_basis(option, today)
    return f"speed {basis(option)}, price {price}"


def tracks(report: JobReport) -> tuple[Track, ...]:
    """One for each different timing, the local one first."""
    found: list[list[Option]] = []
    for option in (answer.option for answer in report.result.outcomes):
        same = next((group for group in found if _same(group[0].timing, option.timing)), None)
        if same is None:
            found.append([option])
        else:
            same.append(option)
    return tuple(
        Track(
            label=_label(group),
            basis=basis(group[0]),
            timing=group[0].timing,
            options=tuple(group),
        )
        for group in found
    )


def _same(one: Timing, other: Timing) -> bool:
    return np.array_equal(one.start, other.start) and np.array_equal(one.epoch, other.epoch)


def _label(options: Sequence[Option]) -> str:
    first, kind = options[0], WORDS[basis(options[0])]
    gpus = {option.price.gpu for option in options}
    if len(options) > 1 and len(gpus) == 1 and first.price.gpu:
        return f"{drawable(first.price.gpu, 20)}{kind}"
    names = ", ".join(drawable(option.name, 24) for option in options[:2])
    more = f" and {len(options) - 2} more" if len(options) > 2 else ""
    return f"{names}{more}{kind}"


def wins_from(report: JobReport, track: Track) -> TimeCrossing | None:
    """From how many epochs on the track beats the local one; None where it never does."""
    name = track.options[0].name
    found = next((time for time in report.times if name in (time.a, time.b)), None)
    if found is None or found.b != name or not np.isfinite(found.middle):
        return None
    return found


def able(report: JobReport) -> tuple[Outcome, ...]:
    """The answers of the options that can do the job."""
    return tuple(answer for answer in report.result.outcomes if answer.why is None)


def longest(reports: Sequence[JobReport]) -> JobReport:
    """The report of the job that takes longest on the local machine."""
    return max(reports, key=lambda report: report.result.outcomes[0].seconds.middle)


def epochs_spoken(epochs: float) -> str:
    """A number of epochs as an axis or a title says it."""
    return f"{epochs:,.0f}" if epochs >= 10 else f"{epochs:.2g}"
