"""Whether a record can be shown at all. Well-formed JSON may still hold nonsense, or be a trap.

What is merely ugly (markup, endless texts) is shown harmlessly; refused is what would make a page
lie, fail, or lie outside its folder.
"""

from collections.abc import Callable, Iterable, Mapping

from bench.contract.facts import EpochFacts
from bench.contract.task import TOP_SCORE
from bench.evidence.derive import TOTAL_PHASES
from bench.evidence.record import Record
from bench.evidence.store import SAFE_ID

SECONDS_MOST = 1e9  # some thirty years; far below where sums overflow
EPOCHS_MOST = 100_000
SECONDS_LEAST = 1e-6  # no epoch is shorter, and below it scales and ratios break
FIXTURE = "fixture"


def fault(record: Record) -> str | None:
    """What is wrong with it, as the end of a sentence; None where it can be shown."""
    return next((text for text, is_so in FAULTS.items() if is_so(record)), None)


def _impossible(seconds: Iterable[float | None]) -> bool:
    return any(s is not None and not 0 <= s <= SECONDS_MOST for s in seconds)


def _phases(record: Record) -> Iterable[float | None]:
    return (getattr(record.phases, name) for name in (*TOTAL_PHASES, "check"))


def _impossible_epoch(record: Record) -> bool:
    return any(
        not (
            0 <= epoch.train_seconds <= SECONDS_MOST
            and 0 <= epoch.validation_seconds <= SECONDS_MOST
            and 0 <= epoch.ended_seconds <= SECONDS_MOST
        )
        for epoch in record.epochs
    )


def _took_no_time(epoch: EpochFacts) -> bool:
    return epoch.train_seconds + epoch.validation_seconds < SECONDS_LEAST


def _impossible_score(record: Record) -> bool:
    scores = [epoch.score for epoch in record.epochs]
    scores += [record.result.score] if record.result else []
    return any(score is not None and not 0 <= score <= TOP_SCORE for score in scores)


FAULTS: Mapping[str, Callable[[Record], bool]] = {
    "is a fixture of the tests and no measurement": lambda r: r.campaign.certbench == FIXTURE,
    "has an id that no record has": lambda r: not SAFE_ID.fullmatch(r.id),
    "has phases of impossible length": lambda r: _impossible(_phases(r)),
    "has epochs of impossible length": _impossible_epoch,
    "ended well and has an epoch that took no time": lambda r: (
        r.status == "ok" and any(_took_no_time(epoch) for epoch in r.epochs)
    ),
    "has more epochs than a run can have": lambda r: len(r.epochs) > EPOCHS_MOST,
    "has a score outside 0 to 5": _impossible_score,
    "has a category outside 0 to 5": lambda r: not 0 <= (r.task.category or 0) <= TOP_SCORE,
    "has an impossible pass over its input": lambda r: (
        r.pipeline is not None and _impossible([r.pipeline.seconds])
    ),
}
