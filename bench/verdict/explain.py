"""Why a job is as slow as it is, said of each task and environment from records alone.

Joins causes (`bench.verdict.causes`) with what was tried elsewhere (`bench.verdict.tried`); knows
no terminal and no page: both show what stands here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.errors import UsageError
from bench.evidence.identity import commander
from bench.evidence.pools import Pool
from bench.evidence.record import Record
from bench.evidence.words import duration_spoken, listed, place_called
from bench.verdict.causes import causes
from bench.verdict.causes.finding import Finding, input_share
from bench.verdict.epoch_work import Work
from bench.verdict.tried import settings, subjects, trials


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One pool: what it is called, what stands out, the largest first, and one sentence of it."""

    task: str
    environment: str
    emulated: bool
    machine: str
    repeats: int
    epoch_seconds: float | None
    sentence: str
    findings: tuple[Finding, ...]

    @property
    def title(self) -> str:
        """Task and environment."""
        return f"{self.task} in {place_called(self.environment, emulated=self.emulated)}"


def explain(
    records: Sequence[Record],
    machine: str,
    *,
    task: str | None = None,
    environment: str | None = None,
) -> tuple[Explained, ...]:
    """What stands out in the newest pool of each task, variant and environment of a machine.

    Those that it rented count as its own.

    Raises UsageError for a task or an environment without records.
    """
    own = [pool for pool in subjects(records) if commander(pool.records[0]).id == machine]
    chosen = _named(own, 0, "task", task)
    chosen = _named(chosen, 3, "environment", environment)
    return tuple(_explained(pool, own) for pool in chosen)


def _named(found: Sequence[Pool], part: int, what: str, wanted: str | None) -> list[Pool]:
    chosen = [pool for pool in found if wanted is None or pool.place[part] == wanted]
    if not chosen:
        known = sorted({pool.place[part] for pool in found})
        raise UsageError(f"no record of the {what} {wanted!r}; there are: {', '.join(known)}")
    return chosen


def _explained(pool: Pool, others: Sequence[Pool]) -> Explained:
    work = Work(pool)
    findings = causes(work, trials(work, others))
    return Explained(
        task=_name(work.last),
        environment=pool.place[3],
        emulated=work.last.environment.emulated,
        machine=work.last.machine.id,
        repeats=len(pool.repeats),
        epoch_seconds=work.epoch,
        sentence=_sentence(work, findings),
        findings=findings,
    )


def _name(record: Record) -> str:
    """The task, with what varies from the plain one."""
    varied = ",".join(f"{name}={value}" for name, value in settings(record))
    return record.task.name + (f"[{varied}]" if varied else "")


def _sentence(work: Work, findings: Sequence[Finding]) -> str:
    """What an epoch is made of; where nothing stands out, that."""
    if work.epoch is None or work.train is None:
        return "No epoch was measured" if findings else _unmeasured(work)
    parts = f"{_arithmetic(work):.0%} of an epoch is arithmetic"
    if not findings:
        return f"Nothing stands out: {parts}"
    of = f"An epoch takes {duration_spoken(work.epoch)}"
    return f"{of}; {_parts(work)}"


def _arithmetic(work: Work) -> float:
    """What of an epoch is left when validation and the input alone are taken out."""
    hidden = min(1.0, input_share(work))
    return (work.train or 0.0) * (1 - hidden) / (work.epoch or 1.0)


def _parts(work: Work) -> str:
    train, validation = work.train or 0.0, work.validation or 0.0
    share = train / (train + validation or 1.0)
    said = [f"{share:.0%} training"] + ([f"{1 - share:.0%} validation"] if validation else [])
    alone = f"; its input alone takes {duration_spoken(work.input)}" if work.input else ""
    return listed(tuple(said)) + alone


def _unmeasured(work: Work) -> str:
    """Why there is no steady epoch to speak of."""
    if work.pool.repeats:
        return "Only one epoch was run, and the first also pays for tracing: run two or more"
    last = work.pool.others[-1]
    return f"No run ended well: {last.status}, {', '.join(last.reasons) or 'no reason given'}"


def first_finding(records: Sequence[Record], machine: str, task: str) -> str:
    """The first finding of a task's newest run as one line; where there is none, that."""
    newest = max(explain(records, machine, task=task), key=lambda e: e.repeats > 0)
    if not newest.findings:
        return f"{newest.sentence}."
    first = newest.findings[0]
    return f"{first.says}: {first.evidence}. Try: {first.command}"


def as_rows(found: Sequence[Explained]) -> list[dict[str, object]]:
    """For programs: each task and environment with its list of findings."""
    return [
        {
            "task": one.task,
            "environment": one.environment,
            "machine": one.machine,
            "repeats": one.repeats,
            "epoch_seconds": one.epoch_seconds,
            "sentence": one.sentence,
            "findings": [
                {
                    "finding": finding.finding,
                    "says": finding.says,
                    "evidence": finding.evidence,
                    "seconds_an_epoch": finding.seconds_an_epoch,
                    "advice": finding.advice,
                    "try": finding.command,
                    "measured": list(finding.measured),
                }
                for finding in one.findings
            ],
        }
        for one in found
    ]
