"""From the lines a worker said to the record that is kept: one fold for every engine."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from bench.contract.bounds import SECONDS_MOST
from bench.contract.events import (
    PROTOCOL,
    Built,
    Counters,
    Described,
    Epoch,
    Event,
    Failed,
    Handshake,
    Monitored,
    Phase,
    Piped,
    Placed,
    Scored,
    Seen,
    Staged,
)
from bench.contract.facts import EpochFacts, Stage
from bench.contract.facts import Seen as SeenFacts
from bench.evidence.identity import machine_seen
from bench.evidence.record import Ending, Record, Status

REJECTING = ("gpu-not-used", "tpu-not-used", "data-digest")


def fold(draft: Record, events: Iterable[Event], ending: Ending, start: float | None) -> Record:
    """The record of a run that has ended.

    `draft` is the record as planned, `start` the seconds until the worker's first word (None where
    it never spoke). What the worker said before its end is kept, however it ended.
    """
    record = replace(draft, ending=ending, phases=replace(draft.phases, start=start))
    failure: Failed | None = None
    handshake: Handshake | None = None
    for event in events:
        if isinstance(event, Failed):
            failure = event
        elif isinstance(event, Handshake):
            handshake = event
        else:
            record = _take(record, event)
    return _conclude(record, handshake, failure)


def _take(record: Record, event: Event) -> Record:
    """The record with one event's facts in it."""
    match event:
        case Phase(name=name, seconds=seconds):
            before = getattr(record.phases, name) or 0.0
            total = min(before + seconds, SECONDS_MOST)
            return replace(record, phases=replace(record.phases, **{name: total}))
        case Monitored(metric=metric):
            return replace(record, task=replace(record.task, metric=metric))
        case Described() | Built():
            facts = {name: getattr(event, name) for name in event.__struct_fields__}
            return replace(record, task=replace(record.task, **facts))
        case _:
            return replace(record, **_field(record, event))


def _field(record: Record, event: Event) -> dict[str, Any]:
    match event:
        case Epoch(epoch=epoch):
            return {"epochs": (*record.epochs, epoch)} | _counted(record, epoch)
        case Counters(reading=reading):
            return {"readings": (*record.readings, reading)}
        case Seen(seen=seen):
            return {"seen": seen} | _trained_on(record, seen)
        case Staged(stage=stage):
            stages = (*record.stages, stage)
            return {"stages": stages} | _wanted(record, stages)
        case Scored(result=result):
            return {"result": result}
        case Placed(devices=devices):
            return {"placements": devices}
        case Piped(pipeline=pipeline):
            return {"pipeline": pipeline}
        case _:
            return {}


def _wanted(record: Record, stages: tuple[Stage, ...]) -> dict[str, Any]:
    """A script's epochs are known as its fits begin."""
    if record.task.source != "script":
        return {}
    wanted = sum(stage.epochs_wanted for stage in stages)
    return {"task": replace(record.task, epochs_wanted=wanted)}


def _counted(record: Record, epoch: EpochFacts) -> dict[str, Any]:
    """The steps of an epoch, where only a pass over the data could tell them."""
    if record.task.source != "script" or record.task.steps is not None or not epoch.steps:
        return {}
    wanted = epoch.steps if record.campaign.steps is None else None
    return {"task": replace(record.task, steps=epoch.steps, steps_wanted=wanted)}


def _trained_on(record: Record, seen: SeenFacts) -> dict[str, Any]:
    """The machine as the worker found it, where another than it commanded the run."""
    return {} if record.controller is None else {"machine": machine_seen(seen)}


def _conclude(record: Record, handshake: Handshake | None, failure: Failed | None) -> Record:
    status, reasons, detail = _verdict(record, handshake, failure)
    return replace(record, status=status, reasons=reasons, detail=detail)


def _verdict(
    record: Record, handshake: Handshake | None, failure: Failed | None
) -> tuple[Status, tuple[str, ...], str | None]:
    """(status, reasons, one sentence), the most telling cause first."""
    ending = record.ending
    if handshake is not None and handshake.protocol != PROTOCOL:
        return "failed", ("protocol",), "the image speaks another protocol: run `certbench build`"
    if ending.timed_out:
        return "timeout", ("timeout",), f"stopped after its {record.limits.seconds:g} s"
    if ending.oom_killed:
        return "oom", ("oom",), _memory_sentence(record)
    if failure is not None and failure.code == "out-of-memory":
        return "oom", ("oom",), failure.message
    if failure is not None:
        status: Status = "rejected" if failure.code in REJECTING else "failed"
        return status, (failure.code,), failure.message
    if ending.exit_code == 137:
        return "failed", ("killed",), _killed_sentence()
    if ending.exit_code != 0:
        return "failed", (f"exit-{ending.exit_code}",), _last_line(record)
    if record.result is None:
        return "failed", ("no-result",), "the worker ended without a result"
    return "ok", (), None


def _memory_sentence(record: Record) -> str:
    peaks = [reading.memory_peak_bytes or 0 for reading in record.readings]
    limit = record.limits.memory_bytes
    allowed = "the engine's memory" if limit is None else f"{limit / 2**30:.1f} GiB"
    peak = max(peaks, default=0) / 2**30
    return f"ran out of memory: limit {allowed}, last seen peak {peak:.1f} GiB"


def _killed_sentence() -> str:
    return (
        "killed from outside (exit 137) although its own limit was not reached: "
        "a small engine VM, or somebody stopped it"
    )


def _last_line(record: Record) -> str | None:
    return record.ending.stderr_tail[-1][:500] if record.ending.stderr_tail else None
