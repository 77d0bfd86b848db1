"""The answer as sentences: what to do first, the same in the terminal and on the page."""

import math
from collections.abc import Sequence

from bench.evidence.words import about, about_seconds, counted, listed, money_spoken, nouned
from bench.verdict.answer import Answer, JobAnswer
from bench.verdict.places import Crossing, Place

NO_GAIN = 1.1  # an epoch that is faster by less never makes a job sooner by more than a tenth
NEXT = "say how fast one is: --assume colab-t4=4x-9x, or what model it is: --kind cnn"


def headline(found: Answer) -> str:
    """The first line: begins with the advice in capitals."""
    if len(found.jobs) == 1:
        return job_headline(found.jobs[0])
    groups: dict[str, list[JobAnswer]] = {}
    for job in found.jobs:
        groups.setdefault(job.advised.advice, []).append(job)
    ordered = sorted(groups, key=lambda advice: (advice != found.advice, advice))
    return " ".join(_for_all(advice, groups[advice], found) for advice in ordered)


def _for_all(advice: str, jobs: Sequence[JobAnswer], found: Answer) -> str:
    names = listed(tuple(job.task for job in jobs))
    who = f"all {len(jobs)} tasks" if len(jobs) == len(found.jobs) else names
    seconds = sorted(job.here.seconds.middle for job in jobs)
    span = " to ".join(dict.fromkeys(about_seconds(s) for s in (seconds[0], seconds[-1])))
    where = tuple(dict.fromkeys(j.advised.place.name for j in jobs if j.advised.place))
    inside = tuple(dict.fromkeys(filter(None, map(_better_here, jobs))))
    verb = {
        "stay": f"STAY on this machine{f', in {listed(inside)},' if inside else ''}",
        "rent": f"RENT {listed(where)}",
        "buy": f"BUY {listed(where)}",
        "either": f"EITHER this machine or {listed(where)}",
        "unknown": "UNKNOWN",
    }[advice]
    tail = f" Next: {NEXT}." if advice == "unknown" else ""
    return f"{verb} for {who} ({span} each here).{tail}"


def job_headline(job: JobAnswer) -> str:
    """The advice for one job, with both times, and both sums where they are not negligible."""
    found = job.advised
    what = _what(job)
    if found.place is None:
        tail = f" Next: {NEXT}." if found.why and "speed" in found.why else ""
        return f"UNKNOWN for {what}: {found.why}.{tail}"
    inside = _better_here(job)
    verb = {
        "stay": f"STAY on this machine{f', in {inside},' if inside else ''}",
        "rent": f"RENT {_with_option(found.place)}",
        "buy": f"BUY {_with_option(found.place)}",
        "either": f"EITHER this machine or {_with_option(found.place)}",
    }[found.advice]
    if found.why:
        return f"{verb} for {what}: {found.why}."
    times = f"{about_seconds(job.here.seconds.middle)} here, {_there(job)} there"
    return f"{verb} for {what}: {times}, {_ratio(job)}{_money(job)}{_turned(job)}."


def _what(job: JobAnswer) -> str:
    """The job, and what its epoch rests on where that is not a whole one."""
    most = "at most " if job.at_most else ""
    basis = f" (basis: {job.basis} of an epoch)" if job.basis else ""
    return f"{job.task}, {most}{counted(round(job.epochs), 'epoch')}{basis}"


def _better_here(job: JobAnswer) -> str | None:
    """Another environment of this machine that is sooner, its GPU; None where none is."""
    found = job.advised
    inside = found.advice == "stay" and found.sooner and not found.turned
    return found.place.name if inside and found.place else None


def _there(job: JobAnswer) -> str:
    place = job.advised.place
    assert place is not None
    if not place.ranged:
        return about_seconds(place.seconds.middle)
    low, high = about_seconds(place.seconds.low), about_seconds(place.seconds.high)
    middle = f"about {about_seconds(place.seconds.middle)}"
    return middle if low == high else f"{middle} ({low} to {high})"


def _ratio(job: JobAnswer) -> str:
    """In words: about 6 times sooner."""
    place = job.advised.place
    assert place is not None
    times = job.here.seconds.middle / place.seconds.middle
    if 1 / NO_GAIN <= times <= NO_GAIN:
        return "about as soon"
    if job.advised.advice == "either":
        return "which of them is sooner cannot be told"
    who = "there" if times > 1 else "here"
    return f"{who} about {about(max(times, 1 / times))} times as soon"


def _money(job: JobAnswer) -> str:
    found = job.advised
    if not found.told or found.place is None:
        return "; costs are about the same"
    each = found.place.job_cost.middle - job.here.job_cost.middle
    way = "more" if found.extra_month > 0 else "less"
    use = job.report.workload.use
    sums = (
        f"{money_spoken(job.here.month, job.currency)} a month here, "
        f"{money_spoken(found.place.month, job.currency)} there"
    )
    return (
        f"; {money_spoken(abs(each), job.currency)} {way} a job, "
        f"{money_spoken(abs(found.extra_month), job.currency)} {way} a month "
        f"({sums}, at {nouned(about(use.runs_per_week or 1), 'job')} a week)"
    )


def _turned(job: JobAnswer) -> str:
    return "; what an hour is worth to you decides" if job.advised.turned else ""


def crossing_lines(found: Answer) -> list[str]:
    """From how many minutes of a job here another place is sooner; a line a place."""
    by_name: dict[str, list[tuple[str, Place]]] = {}
    for job in found.jobs:
        for place in job.places[1:]:
            if place.why_not is None:
                by_name.setdefault(place.name, []).append((job.task, place))
    return [_from(each) for each in by_name.values()]


def _from(places: Sequence[tuple[str, Place]]) -> str:
    place = places[0][1]
    name = place.name
    crossings = [(task, p.crossing) for task, p in places if p.crossing is not None]
    worth = [(c.minutes, t, c) for t, c in crossings if worth_it(c)]
    never = tuple(task for task, c in crossings if not worth_it(c))
    if not worth:
        return f"{name} is sooner by more than a tenth at no length."
    lengths = _lengths(sorted(worth, key=lambda item: item[:2]))
    lengths += f" ({worth[0][1]})" if never and len(worth) == 1 else ""
    if any(crossing.doubtful for _, _, crossing in worth):
        text = f"{_with_option(place)} is probably sooner {lengths}, if its estimate holds"
    elif lengths.startswith("when") and not place.at_home:
        text = f"{_verb(place)} {lengths}: {_with_option(place)} is then sooner"
    else:
        text = f"{name} is sooner {lengths}"
    return text + (f"; never for {listed(never)}." if never else ".")


def _lengths(worth: Sequence[tuple[float, str, Crossing]]) -> str:
    """The shortest and the longest of the lengths, with their tasks where they differ."""
    (_, one, first), (_, other, last) = worth[0], worth[-1]
    said = dict.fromkeys(crossing_spoken(crossing) for crossing in (first, last))
    if len(said) == 1:
        return crossing_spoken(first)
    latest = f"{long_spoken(last)} ({other})"
    if first.at_once:
        return f"from the first epoch on ({one}), at the latest from {latest} here on"
    return f"when a job takes more than about {long_spoken(first)} ({one}) to {latest} here"


def long_spoken(crossing: Crossing) -> str:
    """The length of a job here from which on a place is sooner."""
    return about_seconds(crossing.minutes * 60)


def _verb(place: Place) -> str:
    """What it is to go to a place."""
    return "BUY" if place.owned else "RENT"


def _with_option(place: Place) -> str:
    """The place, and behind it the option to take."""
    return place.name if place.option == place.name else f"{place.name} ({place.option})"


def worth_it(crossing: Crossing) -> bool:
    """Whether a place is sooner by more than a tenth at some length."""
    return math.isfinite(crossing.minutes) and crossing.gain.middle > NO_GAIN


def crossing_spoken(crossing: Crossing) -> str:
    """From which length of a job on."""
    if crossing.at_once:
        return "from the first epoch on"
    return f"when a job takes more than about {long_spoken(crossing)} here"
