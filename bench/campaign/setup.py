"""Before the first run: engines chosen, what is missing built, the campaign named or taken up."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

import tasks
from bench import __version__
from bench.campaign import data
from bench.campaign.engines import Engine, Say
from bench.campaign.engines.registry import engine_of
from bench.campaign.environments import Environment, environment, on_backend, place_of
from bench.campaign.runner import Started, now
from bench.errors import EngineError, ImageError, UsageError
from bench.evidence.identity import commander
from bench.evidence.record import Campaign, Record
from bench.evidence.variants import parts

Opened = dict[str, Started]


def open_environments(
    names: Sequence[str], task_names: Sequence[str], seconds: float, say: Say
) -> Opened:
    """Each environment, ready to start; an image that is missing or old is built first.

    Once for each backend of `task_names`, which have their variants in them, by one engine.
    """
    wanted = [parts(name) for name in task_names]
    backends = dict.fromkeys(str(variant["backend"]) for _, variant in wanted) or ["tensorflow"]
    plain = tuple(dict.fromkeys(task for task, _ in wanted if task in tasks.names()))
    opened = {}
    for name in names:
        entry = environment(name)
        engine = engine_of(entry)
        for backend in backends:
            started = _opened(engine, on_backend(entry, backend), plain, seconds, say)
            opened[place_of(name, backend)] = started
    return opened


def open_environment(
    entry: Environment, task_names: Sequence[str], seconds: float, say: Say
) -> Started:
    """One environment, ready to start. Raises the engine's errors, each with the next step."""
    return _opened(engine_of(entry), entry, task_names, seconds, say)


def _opened(
    engine: Engine, entry: Environment, task_names: Sequence[str], seconds: float, say: Say
) -> Started:
    try:
        ready = engine.ready(entry, seconds)
    except ImageError as missing:
        say(f"{missing}: doing that now")
        engine.build(entry, say)
        ready = engine.ready(entry, seconds)
    if engine.data_here:
        data.prepare_missing(tuple(task_names), say)
    return Started(engine=engine, ready=ready)


def open_or_fall_back(
    name: str, other: str, task_names: Sequence[str], seconds: float, say: Say
) -> Opened:
    """The environment `name`, or `other` where its engine or its image cannot be had."""
    try:
        return open_environments([name], task_names, seconds, say)
    except (EngineError, ImageError) as error:
        reason = str(error).removesuffix(f", or use --env {other}")
        say(f"{reason}. Going on with {other} now: the records will say so")
        return open_environments([other], task_names, seconds, say)


def known_tasks(wanted: Sequence[str]) -> tuple[str, ...]:
    """The names, each once. Raises UsageError for one that is none."""
    known = tasks.names()
    for name in wanted:
        if name not in known:
            raise UsageError(
                f"no task is called {name!r}; there are: {', '.join(known)}. "
                "A file of your own: --task ./mine.py"
            )
    return tuple(dict.fromkeys(wanted))


def new_campaign(  # noqa: PLR0913  one argument a fact
    environments: Sequence[str],
    names: Sequence[str],
    *,
    rounds: int,
    seed: int,
    epochs: int | None,
    auto: bool | None = None,
    name: str | None = None,
) -> Campaign:
    """A campaign of that name, or with one that sorts by time."""
    return Campaign(
        id=name or campaign_name(),
        started_at=now(),
        certbench=__version__,
        environments=tuple(dict.fromkeys(environments)),
        tasks=tuple(names),
        rounds=rounds,
        seed=seed,
        epochs=epochs,
        auto=auto,
    )


def campaign_name() -> str:
    """A name that sorts by time."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{stamp}-{secrets.token_hex(3)}"


def newest_campaign(records: Sequence[Record], machine: str) -> Campaign:
    """The campaign to go on with, as it was last planned. Raises UsageError where there is none."""
    own = [record.campaign for record in records if commander(record).id == machine]
    if not own:
        raise UsageError("nothing to resume: this machine has no campaign in these results")
    return max(own, key=lambda campaign: (campaign.id, campaign.rounds, bool(campaign.auto)))
