"""A job as records know it, or as the user states it, and how fast it is where it was measured."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from msgspec.structs import replace

from bench.errors import UsageError
from bench.evidence import derive
from bench.evidence.pools import same_work
from bench.evidence.record import Record
from bench.evidence.variants import called, natural, settings
from bench.evidence.words import counted
from bench.verdict.model import Option, Origin, Timing, exact, measured, model_error
from bench.verdict.pace import Strength
from bench.verdict.prices import Owned, Price, Prices
from bench.verdict.rented import rented_at
from bench.verdict.request import Request
from bench.verdict.strength import strength_of
from bench.verdict.table import Pool, pools

YOUR_JOB = "your job"
START_SECONDS = 10.0  # of a model that was never run here, where nothing else was run either
MODEL = ["start_seconds", "epoch_seconds"]


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """What is to be trained, as far as records know it: pools of this machine and of rented ones.

    `elsewhere` holds those of other machines, as MACHINE:ENVIRONMENT: they are no options by
    themselves, but an option may be assumed to be as fast. `memory_gib` and `gpu_memory_gib` are
    the greatest peaks that were measured; `user_task` is whether the task is the user's
    own; `steps` is how many an epoch has; `at_most` is whether it may end before its last epoch,
    `basis` what of an epoch was measured, where that is not the whole; `strength` is what this
    machine's processor is against Colab's, where that was measured; `settings` is what its variant
    was trained with.
    """

    name: str
    category: int
    epochs: int | None
    base: Option
    pools: Mapping[str, Pool]
    elsewhere: Mapping[str, Pool] = field(default_factory=dict)
    memory_gib: float | None = None
    gpu_memory_gib: float | None = None
    memory_obstacle: str | None = None
    user_task: bool = True
    steps: int | None = None
    at_most: bool = False
    basis: str | None = None
    strength: Strength | None = None
    settings: Mapping[str, int | float | str] = field(default_factory=dict)


def tasks_of(records: Sequence[Record], machine: str) -> tuple[str, ...]:
    """The tasks measured on that machine outside emulation, in the order of the exam."""
    return _tasks(pools(records), machine)


def _tasks(known: Iterable[Pool], machine: str) -> tuple[str, ...]:
    found = {
        (pool.category or 9, natural(pool.task), pool.task)
        for pool in known
        if pool.machine == machine and not pool.emulated and not pool.rented
    }
    return tuple(name for *_, name in sorted(found))


def task_job(
    records: Sequence[Record], machine: str, task: str, prices: Prices, local: str | None
) -> TrainingJob:
    """The job of a task with records. Raises UsageError where it has none on this machine."""
    known = pools(records)
    found = [p for p in known if p.task == task and (p.rented or p.machine == machine)]
    base = _base(found, task, local, _tasks(known, machine))
    found.sort(key=lambda pool: (same_work(pool.last, base.last), pool.newest))
    newest = {pool.environment: pool for pool in found}
    return TrainingJob(
        name=task,
        category=base.category,
        epochs=base.epochs,
        base=measured_option(base, base, prices),
        pools=newest,
        elsewhere=_elsewhere(known, base),
        memory_gib=_peak_gib([base], "memory_bytes"),
        gpu_memory_gib=_peak_gib(found, "gpu_memory_bytes"),
        memory_obstacle=_memory_obstacle(records, machine, task, newest),
        user_task=base.own,
        steps=base.last.task.steps_wanted or base.last.task.steps,
        at_most=any(stage.at_most for stage in base.last.stages),
        basis=basis_of(base.last),
        strength=strength_of(known, base.machine, base.environment),
        settings=settings(base.last),
    )


def _elsewhere(known: Iterable[Pool], base: Pool) -> dict[str, Pool]:
    """What other machines measured of the same configuration and data, the newest of each."""
    return {
        f"{pool_machine}:{pool.environment}": pool
        for pool in known
        if same_work(pool.last, base.last) and pool.machine != base.machine
        for pool_machine in filter(None, (pool.machine, pool.last.machine.id_v1))
    }


def stated_job(
    records: Sequence[Record], machine: str, request: Request, prices: Prices
) -> TrainingJob:
    """A model that was never run: its epoch is stated, its start too, or that of other tasks."""
    assert request.epoch_seconds is not None
    start, why = _stated_start(records, machine, request)
    origins = (
        Origin(what="epoch", basis="assumed", text=f"{request.epoch_seconds:g} s, by you"),
        Origin(what="start", basis="assumed", text=f"{start:.3g} s: {why}"),
    )
    timing = Timing(start=exact(start), epoch=exact(request.epoch_seconds))
    base = Option(name="local", price=price_of("local", prices), timing=timing, origins=origins)
    return TrainingJob(name=YOUR_JOB, category=0, epochs=None, base=base, pools={}, user_task=False)


def _stated_start(records: Sequence[Record], machine: str, request: Request) -> tuple[float, str]:
    """All that is not a steady epoch, and where it comes from."""
    if request.own_start_seconds is not None:
        return request.own_start_seconds, "by you"
    here = [p for p in pools(records) if p.machine == machine and not p.emulated]
    starts = [s for p in here if not p.rented for s in p.column("start_seconds").values()]
    if not starts:
        return START_SECONDS, "nothing was run"
    middle = sorted(starts)[len(starts) // 2]
    return middle, f"the middle of {counted(len(starts), 'record')} of other tasks"


def basis_of(record: Record) -> str | None:
    """What of an epoch a run measured, in words; None for the whole of it."""
    done, wanted = record.task.steps, record.task.steps_wanted
    if record.campaign.steps is None or not done or not wanted or done >= wanted:
        return None
    return f"{done:,} of {counted(wanted, 'step')}"


def measured_option(pool: Pool, base: Pool, prices: Prices) -> Option:
    """An environment with records; a price of its own name goes before that of `local`."""
    price, paid = rented_at(pool, prices) if pool.rented else _owned_at(pool, prices)
    timing = measured(pool)
    text = counted(timing.rounds, "record") + _suspected(pool)
    if part := basis_of(pool.last):
        text += f", {part} of each epoch"
    if pool.versions != base.versions:
        text += ", other framework versions"
    differs = pool is not base and not same_work(pool.last, base.last)
    return Option(
        name=pool.environment,
        price=price,
        timing=timing,
        origins=(Origin(what="start and epoch", basis="measured", text=text), *paid),
        model_error=model_error(pool),
        obstacle="configuration or data differ: not comparable" if differs else None,
        suspects=tuple(sorted(pool.suspects)),
    )


def _suspected(pool: Pool) -> str:
    """How many of its rounds carry which mark."""
    return "".join(f", {count} suspect: {code}" for code, count in sorted(pool.suspects.items()))


def _owned_at(pool: Pool, prices: Prices) -> tuple[Price, tuple[Origin, ...]]:
    """The user's price of that name, or that of `local` with what the GPU drew on top."""
    price = prices.get(pool.environment) or price_of("local", prices)
    watts = pool.column("gpu_watts")
    if not (watts and pool.gpu and price.assumed and isinstance(price, Owned)):
        return price, ()
    drawn = round(median(watts.values()))
    text = f"{drawn} W on top of {price.watts_load:g} W, by the GPU's own counter"
    return (
        replace(price, watts_load=price.watts_load + drawn),
        (Origin(what="GPU power", basis="measured", text=text),),
    )


def price_of(name: str, prices: Prices) -> Price:
    """The price of that name. Raises UsageError where there is none."""
    if name not in prices:
        raise UsageError(f"no price is called {name!r}: give one with --prices my.toml")
    return prices[name]


def _peak_gib(found: Sequence[Pool], column: str) -> float | None:
    peaks = [value for pool in found for value in pool.column(column).values()]
    return max(peaks) / 2**30 if peaks else None


def _base(found: Sequence[Pool], task: str, local: str | None, known: Sequence[str]) -> Pool:
    able = {pool.environment: pool for pool in found if not (pool.emulated or pool.rented)}
    if not able:
        others = f"; there are some of: {', '.join(known)}" if known else ""
        raise UsageError(
            f"no measured run of {task!r} here: `certbench run --env cpu --task {task}`{others}"
        )
    name = local or ("cpu" if "cpu" in able else min(able))
    if name not in able:
        raise UsageError(f"--local {name}: no measured run of {task} there; {', '.join(able)} have")
    if not derive.knows_whole_epochs(able[name].last):
        cut = counted(able[name].last.campaign.steps or 0, "step")
        raise UsageError(
            f"{task} in {name} was cut to {cut} an epoch, and "
            "nothing says how many a whole one has: run it without --steps"
        )
    if able[name].rounds[MODEL].dropna().empty and able[name].epochs < 2:
        raise UsageError(
            f"{task} in {name} has a single epoch, which also pays for tracing: let it fit two"
        )
    if able[name].rounds[MODEL].dropna().empty:
        raise UsageError(
            f"{task} in {name} has no run of two epochs or more: run it without --epochs"
        )
    return able[name]


def _memory_obstacle(
    records: Sequence[Record], machine: str, task: str, newest: Mapping[str, Pool]
) -> str | None:
    """What an emulated environment says about Colab's memory; None where the task fits."""
    dead = [
        r
        for r in records
        if r.status == "oom"
        and r.environment.emulated
        and (r.machine.id, called(r)) == (machine, task)
        and r.environment.name not in newest
    ]
    if not dead:
        return None
    name = dead[-1].environment.name
    return f"out of memory under Colab's limits ({name}, emulated, {counted(len(dead), 'record')})"
