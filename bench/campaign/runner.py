"""Runs a campaign: one run at a time, each ended by a record, whatever happens."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import msgspec
from msgspec.structs import replace

from bench.campaign.brought import Brought
from bench.campaign.engines import Engine, Launch, Ready
from bench.campaign.environments import place_of
from bench.campaign.journal import KILLED, Closing, Journal
from bench.campaign.plan import Run
from bench.campaign.script import UserScript
from bench.campaign.script_options import drop_empty
from bench.contract.events import Event, decode
from bench.contract.power import power_profile
from bench.errors import CertbenchError, Interrupted, StoreError
from bench.evidence.derive import rented
from bench.evidence.fold import fold
from bench.evidence.identity import UNSEEN
from bench.evidence.record import (
    SCHEMA,
    Campaign,
    Machine,
    Opened,
    Phases,
    Record,
    TaskFacts,
)
from bench.evidence.store import Store
from bench.evidence.strangers import brief
from bench.evidence.trust import judge_run
from bench.evidence.variants import parts

SHOWN_BYTES = 80


class GarbledError(Exception):
    """A worker said what is no event. It ends the run and not the campaign."""


class Listener(Protocol):
    """Is told what happens while a campaign runs."""

    def begins(self, run: Run) -> None:
        """A run is about to start."""

    def on_event(self, event: Event) -> None:
        """The running worker said something."""

    def ends(self, record: Record) -> None:
        """A run has ended and its record is kept."""


@dataclass(frozen=True, kw_only=True)
class Started:
    """An environment that is ready, with the engine that starts it."""

    engine: Engine
    ready: Ready


@dataclass(frozen=True, kw_only=True)
class Job:
    """A campaign with everything that its runs need.

    `known` are the records that lay in the store when it was prepared, which is read once.
    """

    campaign: Campaign
    machine: Machine
    runs: Sequence[Run]
    environments: Mapping[str, Started]
    script: UserScript | None = None
    brought: Brought | None = None
    known: tuple[Record, ...] = ()

    @property
    def before(self) -> tuple[Record, ...]:
        """The records of its earlier sittings."""
        return tuple(record for record in self.known if record.campaign.id == self.campaign.id)


def never(_: Sequence[Record]) -> bool:
    """Every planned round is wanted."""
    return False


def run_campaign(
    job: Job, store: Store, listener: Listener, enough: Callable[[Sequence[Record]], bool] = never
) -> tuple[Record, ...]:
    """Run all runs in their order; the records of those that were started.

    `enough` is asked before each round, the first too, with the records so far, whether the planned
    rest may be left out.

    Raises Interrupted on a stop by hand, EngineError where the engine is gone and StoreError
    where the disk is full. The records so far, and that of the run cut short, are kept, and every
    engine is closed.
    """
    records: list[Record] = []
    with ExitStack() as engines:
        for started in job.environments.values():
            engines.callback(started.engine.close)
        for run in job.runs:
            if (not records or records[-1].round != run.round) and enough(records):
                break
            listener.begins(run)
            record = execute(job, run, store, listener)
            drop_empty(job.script, run.id)
            records.append(record)
            listener.ends(record)
    return tuple(records)


def execute(job: Job, run: Run, store: Store, listener: Listener) -> Record:
    """One run, from its journal to its record."""
    started = job.environments[place_of(run.environment, str(run.variant["backend"]))]
    draft = draft_record(job, run, started.ready)
    heard: list[Event] = []
    with Journal(store, draft) as journal:

        def hear(line: bytes) -> None:
            journal.write(line)
            heard.append(_decoded(line))
            listener.on_event(heard[-1])

        profile = power_profile()
        try:
            finish = started.engine.run(_launch(job, run, started.ready), hear)
        except StoreError:
            raise  # the disk is full: the journal is all there is, the next campaign reads it
        except GarbledError as error:
            record = replace(
                fold(draft, heard, KILLED, None),
                status="failed",
                reasons=("protocol",),
                detail=str(error),
            )
            store.save(record)
            journal.discard()
            return record
        except (CertbenchError, KeyboardInterrupt) as error:
            store.save(_cut_short(draft, heard, error))
            journal.discard()
            if _by_hand(error):
                raise Interrupted("stopped: go on with --resume") from error
            raise
        closing = Closing(finish.ending, finish.start_seconds, finish.session)
        journal.close(closing)
        planned = replace(draft, session=finish.session)
        told = fold(planned, heard, finish.ending, finish.start_seconds)
        record = judge_run(with_profile(told, profile, power_profile()))
        store.save(record)
        journal.discard()
    return record


def with_profile(record: Record, before: str | None, after: str | None) -> Record:
    """The record with the host's power profile where the worker could not see it from inside.

    The last reading gets the one after the run. On a rented machine the host's says nothing.
    """
    if rented(record) or not record.readings:
        return record
    told = [before] * (len(record.readings) - 1) + [after]
    pairs = zip(record.readings, told, strict=True)
    filled = [replace(r, power_profile=r.power_profile or profile) for r, profile in pairs]
    return replace(record, readings=tuple(filled))


def _decoded(line: bytes) -> Event:
    try:
        return decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        said = brief(line[:SHOWN_BYTES].decode(errors="replace"))
        raise GarbledError(
            f"the worker said {said!r}, which is no event: the task wrote to descriptors that are "
            "not its own, or the image is of another version (`certbench build`)"
        ) from error


def _by_hand(error: BaseException) -> bool:
    return isinstance(error, KeyboardInterrupt)


def _cut_short(draft: Record, heard: list[Event], error: BaseException) -> Record:
    """The record of a run that ended because the campaign did."""
    record = fold(draft, heard, KILLED, None)
    if _by_hand(error):
        return replace(record, status="interrupted", reasons=("stopped",), detail="stopped by hand")
    return replace(record, status="failed", reasons=("engine",), detail=str(error))


def _launch(job: Job, run: Run, ready: Ready) -> Launch:
    return Launch(
        run_id=run.id,
        ready=ready,
        task=parts(run.task)[0],
        variant=run.variant,
        seed=run.seed,
        epochs=job.campaign.epochs,
        own=run.own,
        script=job.script,
        brought=job.brought if run.own else None,
    )


def _opened(job: Job, run: Run) -> Opened:
    """What the user opened for his own file."""
    brings = (job.script or job.brought) if run.own else None
    if brings is None:
        return Opened()
    return Opened(
        data=tuple(each.inside for each in brings.data),
        network=bool(job.script and job.script.network),
        packages=brings.packages.digest if brings.packages else None,
    )


def draft_record(job: Job, run: Run, ready: Ready) -> Record:
    """The record as planned, before the worker has said a word."""
    return Record(
        schema=SCHEMA,
        id=run.id,
        campaign=job.campaign,
        machine=UNSEEN if ready.facts.rented and not ready.here else job.machine,
        controller=job.machine if ready.facts.rented and not ready.here else None,
        entry=run.entry,
        task=TaskFacts(
            name=parts(run.task)[0],
            source=_launch(job, run, ready).source,
            variant=run.variant,
        ),
        environment=replace(
            ready.facts, isolated=ready.facts.isolated and not _opened(job, run).network
        ),
        opened=_opened(job, run),
        round=run.round,
        attempt=run.attempt,
        order=run.order,
        seed=run.seed,
        started_at=now(),
        status="interrupted",
        reasons=(),
        detail=None,
        limits=ready.limits,
        seen=None,
        phases=Phases(),
        stages=(),
        epochs=(),
        result=None,
        placements=None,
        pipeline=None,
        readings=(),
        ending=KILLED,
    )


def now() -> str:
    """The present moment in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
