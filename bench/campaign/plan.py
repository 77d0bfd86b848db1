"""Which runs a campaign consists of, and in which order: round by round, shuffled with a seed."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.contract.facts import Variant
from bench.evidence.record import Campaign, Record
from bench.evidence.variants import called, file_part, parts


@dataclass(frozen=True, kw_only=True)
class Run:
    """One planned run. `own` is a user's task file; `attempt` counts from 1.

    `task` is what is trained, by its name with its variant in it: `fashion[batch_size=512]`.
    """

    id: str
    task: str
    own: Path | None
    environment: str
    round: int
    attempt: int
    order: int
    seed: int
    entry: str | None = None

    @property
    def variant(self) -> Variant:
        """What it varies from the plain task, the backend always."""
        return parts(self.task)[1]


def plan(campaign: Campaign, own: Sequence[Path] = (), entry: str | None = None) -> tuple[Run, ...]:
    """All runs of a campaign; `entry` is this machine's name in the user's list of machines.

    A round holds every task in every environment once. Within a round tasks are shuffled, and the
    environments of a task follow each other directly, so that what is compared lies close in time.
    Round r trains with seed `campaign.seed + r - 1`, the same in every environment.
    """
    files = {path.stem: path for path in own}
    places = [
        (number, task, environment)
        for number in range(1, campaign.rounds + 1)
        for task, environment in _one_round(campaign, number)
    ]
    return tuple(
        Run(
            id=run_id(campaign.id, number, _place(entry, environment), task, attempt=1),
            task=task,
            own=files.get(parts(task)[0]),
            environment=environment,
            round=number,
            attempt=1,
            order=order,
            seed=campaign.seed + number - 1,
            entry=entry,
        )
        for order, (number, task, environment) in enumerate(places, start=1)
    )


def _one_round(campaign: Campaign, number: int) -> list[tuple[str, str]]:
    shuffle = random.Random(f"{campaign.id} {number}").sample  # noqa: S311  an order, no secret
    tasks = shuffle(campaign.tasks, len(campaign.tasks))
    return [
        (task, environment)
        for task in tasks
        for environment in shuffle(campaign.environments, len(campaign.environments))
    ]


def _place(entry: str | None, environment: str) -> str:
    """Where a run takes place; no entry and no environment has a dot in its name."""
    return f"{entry}.{environment}" if entry else environment


def run_id(campaign: str, number: int, environment: str, task: str, *, attempt: int) -> str:
    """A name that sorts by campaign and round, and is safe as a file's name."""
    again = f"-a{attempt}" if attempt > 1 else ""
    return f"{campaign}-r{number:02d}-{environment}-{file_part(task)}{again}"


def missing(runs: Iterable[Run], records: Iterable[Record]) -> tuple[Run, ...]:
    """The runs that have no record yet, or only such as were cut short: those get another.

    Cut short is a run that was interrupted, or whose engine failed it: neither says anything about
    the task or the environment.
    """
    done: dict[tuple[int, str, str], list[Record]] = {}
    for record in records:
        key = (record.round, record.environment.name, called(record))
        done.setdefault(key, []).append(record)
    open_runs = []
    for run in runs:
        before = done.get((run.round, run.environment, run.task), [])
        if all(_cut_short(record) for record in before):
            open_runs.append(_again(run, attempt=len(before) + 1))
    return tuple(open_runs)


def _cut_short(record: Record) -> bool:
    return record.status == "interrupted" or record.reasons == ("engine",)


def _again(run: Run, *, attempt: int) -> Run:
    campaign = run.id.partition("-r")[0]
    place = _place(run.entry, run.environment)
    name = run_id(campaign, run.round, place, run.task, attempt=attempt)
    return replace(run, id=name, attempt=attempt)
