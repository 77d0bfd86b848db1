"""How long a campaign will take, from records of the same tasks; no record, no promise."""

from collections.abc import Iterable, Sequence
from statistics import median

from bench.campaign.plan import Run
from bench.evidence.derive import total_seconds
from bench.evidence.identity import commander
from bench.evidence.record import Record
from bench.evidence.variants import called, parts
from bench.evidence.words import about_seconds

AROUND_A_RUN_SECONDS = 2.0  # making and removing a container, writing the record


def run_seconds(run: Run, records: Sequence[Record], machine: str) -> float | None:
    """Expected seconds of a run: this machine and environment, else this machine, else any.

    A variant that was never run is taken to be as long as other variants of its task.
    """
    well = [r for r in records if r.status == "ok"]
    same_task = [r for r in well if called(r) == run.task]
    same_task = same_task or [r for r in well if r.task.name == parts(run.task)[0]]
    here = [r for r in same_task if commander(r).id == machine]
    exact = [r for r in here if r.environment.name == run.environment]
    seconds = [t for r in exact or here or same_task if (t := total_seconds(r)) is not None]
    return median(seconds) + AROUND_A_RUN_SECONDS if seconds else None


def campaign_seconds(runs: Iterable[Run], records: Sequence[Record], machine: str) -> float | None:
    """The sum over all runs; None where one of them was never seen anywhere."""
    each = [run_seconds(run, records, machine) for run in runs]
    return None if None in each else sum(s for s in each if s is not None)


def spoken(seconds: float | None) -> str:
    """Seconds as people say them."""
    if seconds is None:
        return "an unknown time (no records of these tasks yet)"
    return f"about {about_seconds(seconds)}"


def disk_bytes(runs: Sequence[Run]) -> int:
    """What the records of the runs take, at most: a record of 300 epochs has 90 kB."""
    return len(runs) * 100_000
