"""What to know before the answer is believed, the worst first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.evidence.words import listed, seconds_spoken
from bench.verdict.decide import Workload
from bench.verdict.jobs import TrainingJob
from bench.verdict.model import Option
from bench.verdict.money import HOUR
from bench.verdict.places import Place
from bench.verdict.statistics import ENOUGH_ROUNDS

WIDE = 3.0  # a range whose ends are further apart than so many times is told


@dataclass(frozen=True, kw_only=True)
class Caution:
    """One sentence without its full stop; a smaller `rank` is worse."""

    rank: int
    text: str


def cautions_of(
    job: TrainingJob,
    options: Sequence[Option],
    places: Sequence[Place],
    workload: Workload,
    left_out: Sequence[str],
) -> tuple[Caution, ...]:
    """All that one job's numbers warn of."""
    found = [*_measuring(job, options), *_places(places, options, workload)]
    if workload.idle_seconds and any(option.rented for option in options):
        found.append(Caution(rank=8, text="the idle minutes are assumed"))
    if left_out:
        names = listed(tuple(left_out))
        text = f"{names} left out: another currency, say its rate with --rate"
        found.append(Caution(rank=6, text=text))
    return tuple(sorted(found, key=lambda caution: caution.rank))


def _measuring(job: TrainingJob, options: Sequence[Option]) -> Iterator[Caution]:
    """Rough models, few rounds, noise and suspect repeats."""
    for option in options:
        measured = any(o.basis == "measured" and "epoch" in o.what for o in option.origins)
        if not option.fits and measured:
            way = "over" if option.model_error > 0 else "under"
            share = f"{abs(option.model_error):.0%}"
            text = f"the estimate for {option.name} is rough, {share} {way} the measured total"
            yield Caution(rank=1, text=text)
    if any(option.timing.rounds < ENOUGH_ROUNDS for option in options):
        yield Caution(rank=2, text=f"preliminary: fewer than {ENOUGH_ROUNDS} rounds")
    here = job.pools.get(job.base.name)
    if here is not None and here.noise is not None and here.noise.kind == "noisy":
        yield Caution(rank=3, text="this machine is noisy")
    marks = tuple(sorted({mark for option in options for mark in option.suspects}))
    if marks:
        yield Caution(rank=4, text=f"repeats are suspect ({listed(marks)})")


def _places(
    places: Sequence[Place], options: Sequence[Option], workload: Workload
) -> Iterator[Caution]:
    """What the speeds of other places rest on, and ranges that reach over a limit."""
    caps = {option.name: option.price.session_hours for option in options}
    for place in places:
        cap = caps[place.option]
        over = cap is not None and place.seconds.high > cap * HOUR
        if over and not workload.restarts and place.why_not is None:
            longest = seconds_spoken(place.seconds.high, 2)
            text = f"it may take {longest} on {place.option}, over the session cap"
            yield Caution(rank=2, text=text)
    for basis in ("assumed", "estimated", "published"):
        names = tuple(dict.fromkeys(p.name for p in places if p.basis == basis and p.crossing))
        if names:
            yield Caution(rank=5, text=f"the speed of {listed(names)} is {basis}, not measured")
    stated = tuple(o.name for o in options if o.price.assumed and o.rented)
    if stated:
        yield Caution(rank=7, text=f"the price of {listed(stated)} is assumed")
