"""Runs one task in an environment of the tests' own and returns its record."""

from pathlib import Path

import msgspec

from bench.campaign.engines import Engine
from bench.campaign.environments import Environment, place_of
from bench.campaign.machine import this_machine
from bench.campaign.plan import plan
from bench.campaign.runner import Job, Listener, Started, run_campaign
from bench.campaign.script import UserScript
from bench.campaign.setup import new_campaign
from bench.evidence.record import Record
from bench.evidence.store import Store
from bench.evidence.variants import variant_name
from builders import Silent


def run_one(
    engine: Engine,
    entry: Environment,
    task: str | Path,
    results: Path,
    *,
    epochs: int | None = None,
    seconds: float = 120.0,
    listener: Listener | None = None,
    script: UserScript | None = None,
) -> Record:
    """The record of one run, read back from its file."""
    own = (task,) if isinstance(task, Path) else ()
    name = task.stem if isinstance(task, Path) else task
    variant = variant_name(name, {"backend": entry.backend})
    campaign = new_campaign([entry.name], [variant], rounds=1, seed=1, epochs=epochs)
    started = Started(engine=engine, ready=engine.ready(entry, seconds))
    job = Job(
        campaign=campaign,
        machine=this_machine(),
        runs=plan(campaign, own),
        environments={place_of(entry.name, entry.backend): started},
        script=script,
    )
    [record] = run_campaign(job, Store(results), listener or Silent())
    assert Store(results).load_all() == (record,)
    return record


def readings_growth(record: Record, name: str) -> float:
    first, *_, last = record.readings
    return getattr(last, name) - getattr(first, name)


def as_json(record: Record) -> dict:
    return msgspec.to_builtins(record)
