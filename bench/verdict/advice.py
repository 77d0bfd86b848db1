"""The rule of the answer: time first, money where it is more than a negligible sum.

Sooner by more than a tenth wins. Where that costs more than the negligible sum a month, both sums
are for the sentence to say; it turns only where the user said what an hour of waiting is worth.
What differs by less in time, or than its interval, and negligibly in money is `either`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.verdict.decide import Workload, elapsed, seconds_of
from bench.verdict.model import Option, clearly_less, joint
from bench.verdict.money import HOUR
from bench.verdict.places import Place
from bench.verdict.statistics import Floats

Advice = Literal["stay", "rent", "buy", "either", "unknown"]
TENTH = 1.1


@dataclass(frozen=True, kw_only=True)
class Advised:
    """What to do, and where: the place to go to, or for `stay` the best other one.

    `extra_month` is what going there costs more a month, negative where it costs less;
    `waiting_month` the hours of waiting that it saves. `told` is whether both sums belong into the
    sentence, `turned` whether what an hour is worth turned the advice.
    """

    advice: Advice
    place: Place | None
    why: str | None = None
    sooner: bool = False
    extra_month: float = 0.0
    waiting_month: float = 0.0
    told: bool = False
    turned: bool = False


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """This machine against the others that can do the job."""

    here: Place
    able: Sequence[Place]
    options: Mapping[str, Option]
    workload: Workload
    hour_worth: float | None

    def sooner(self, one: Place, other: Place) -> bool:
        """Whether `one` is done before `other` by more than a tenth, beyond what is in doubt."""
        return one.seconds.middle * TENTH < other.seconds.middle and self._clearly(one, other)

    def _clearly(self, one: Place, other: Place) -> bool:
        less, more = self._samples(one), self._samples(other)
        weakest = joint([self.options[p.option].timing for p in (one, other)])
        if weakest.few:  # a range is all that is known: a provisional advice follows where it ends
            return bool(less.max() < more.min())
        return bool(clearly_less(less, more, weakest))

    def _samples(self, place: Place) -> Floats:
        option = self.options[place.option]
        return elapsed(
            option, seconds_of(option, self.workload.epochs, self.workload), self.workload
        )

    def extra_month(self, place: Place) -> float:
        """What the place costs more than this machine, a month."""
        return place.month - self.here.month

    def waiting(self, place: Place) -> float:
        """Hours of waiting that the place saves a month."""
        use = self.workload.use
        jobs = use.jobs / use.months if use.runs_per_week is not None else 1.0
        return (self.here.seconds.middle - place.seconds.middle) / HOUR * jobs

    def advised(
        self, advice: Advice, place: Place, *, sooner: bool = False, turned: bool = False
    ) -> Advised:
        """The advice with what going to the place costs and saves."""
        extra = self.extra_month(place)
        return Advised(
            advice=advice,
            place=place,
            extra_month=extra,
            waiting_month=self.waiting(place),
            told=abs(extra) > self.workload.negligible,
            sooner=sooner,
            turned=turned,
        )


def advise(
    places: Sequence[Place],
    options: Mapping[str, Option],
    workload: Workload,
    hour_worth: float | None,
) -> Advised:
    """The advice for one job; `places` are this machine and the others, `options` by their name."""
    here, others = places[0], places[1:]
    able = [place for place in others if place.why_not is None]
    if not others:
        return Advised(advice="unknown", place=None, why="no other place has a speed")
    if not able:
        return _nowhere_else(here, others)
    if here.why_not is not None:
        best = min(able, key=lambda place: place.seconds.middle)
        return Advised(advice=_going(best), place=best, why=here.why_not, sooner=True, told=True)
    return _compared(
        _Choice(here=here, able=able, options=options, workload=workload, hour_worth=hour_worth)
    )


def _nowhere_else(here: Place, others: Sequence[Place]) -> Advised:
    why = "; ".join(f"{place.name}: {place.why_not}" for place in others)
    if here.why_not is None:
        return Advised(advice="stay", place=others[0], why=f"no other place can do it ({why})")
    return Advised(
        advice="unknown",
        place=None,
        why=f"no place can do it ({here.name}: {here.why_not}; {why})",
    )


def _compared(choice: _Choice) -> Advised:
    sooner = [place for place in choice.able if choice.sooner(place, choice.here)]
    if sooner:
        return _faster_elsewhere(choice, sooner)
    level = [place for place in choice.able if not choice.sooner(choice.here, place)]
    if level:
        return _as_fast(choice, level)
    return _faster_here(choice)


def _faster_elsewhere(choice: _Choice, sooner: Sequence[Place]) -> Advised:
    """Go, unless the user said what an hour is worth and the hours saved are not worth it."""
    best = _least(sooner, _burden(choice))
    worth = choice.hour_worth
    found = choice.advised(_going(best), best, sooner=True)
    if worth is None or not found.told or found.extra_month <= found.waiting_month * worth:
        return found
    return choice.advised("stay", best, sooner=True, turned=True)


def _faster_here(choice: _Choice) -> Advised:
    """Stay, unless what going saves is worth more than the waiting that it costs."""
    fastest = min(choice.able, key=lambda place: place.seconds.middle)
    best = _least(choice.able, _burden(choice)) if choice.hour_worth is not None else fastest
    found = choice.advised("stay", best)
    worth = choice.hour_worth
    saved, waited = -found.extra_month, -found.waiting_month
    if worth is None or saved <= choice.workload.negligible or saved <= waited * worth:
        return found
    return choice.advised(_going(best), best, turned=True)


def _as_fast(choice: _Choice, level: Sequence[Place]) -> Advised:
    """No difference in time that is certain: money decides, where it is more than negligible."""
    best = min(level, key=lambda place: place.month)
    extra, limit = choice.extra_month(best), choice.workload.negligible
    if extra < -limit:
        return choice.advised(_going(best), best)
    return choice.advised("stay" if extra > limit else "either", best)


def _least(places: Sequence[Place], burden: Callable[[Place], float]) -> Place:
    """The least burden; of those within a tenth of it in time the cheapest."""
    best = min(places, key=burden)
    near = [p for p in places if p.seconds.middle <= best.seconds.middle * TENTH]
    return min(near, key=lambda place: (place.month, place.seconds.middle))


def _burden(choice: _Choice) -> Callable[[Place], float]:
    """The time, or where an hour is worth something what time and money come to a month."""
    worth = choice.hour_worth
    if worth is None:
        return lambda place: place.seconds.middle
    return lambda place: place.month - choice.waiting(place) * worth


def _going(place: Place) -> Advice:
    """Going to an owned machine is buying it, where it is not here already."""
    if not place.owned:
        return "rent"
    return "stay" if place.at_home else "buy"
