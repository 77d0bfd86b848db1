"""Which records a command speaks of: machines do not mix unless they are asked to.

A machine is known by its models alone (processor, memory, system, GPUs), never by a name of its
own: two equal ones are one here, so the sentence says "of this kind".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.errors import UsageError
from bench.evidence.identity import commander
from bench.evidence.record import Record
from bench.evidence.words import counted

NAMED = 3  # so many other campaigns are named, the newest


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The records, and a sentence that says whose they are."""

    records: tuple[Record, ...]
    sentence: str


def select(
    records: Sequence[Record],
    machine: str,
    *,
    campaign: str | None = None,
    everything: bool = False,
    folder: Path | None = None,
) -> Selection:
    """This machine's newest campaign, or the one that was named, or all.

    Where this machine has none, the newest of any machine, and the sentence says so. Raises
    UsageError, naming the results `folder`, where there is nothing to choose from.
    """
    if not records:
        raise no_records(folder)
    if everything:
        return Selection(
            records=tuple(records), sentence=f"All: {counted(len(records), 'record')}."
        )
    if campaign is not None:
        return _of_campaign(records, campaign, machine)
    own = [record for record in records if commander(record).id == machine]
    newest = max(record.campaign.id for record in own or records)
    chosen = _of_campaign(records, newest, machine)
    return replace(chosen, sentence=chosen.sentence + _others(records, chosen.records[0]))


def no_records(folder: Path | None) -> UsageError:
    """The error where nothing was measured: it names the folder that was looked into."""
    where = f" in {folder.absolute()}" if folder else ""
    return UsageError(f"no records yet{where}: `certbench run --env cpu` makes some")


def _others(records: Sequence[Record], shown: Record) -> str:
    """A sentence about the other campaigns of the machine whose newest is shown; or nothing."""
    of_machine = {r.campaign.id for r in records if commander(r).id == commander(shown).id}
    others = sorted(of_machine - {shown.campaign.id}, reverse=True)
    if not others:
        return ""
    newest = ", ".join(others[:NAMED])
    more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    count = counted(len(others), "other campaign")
    return f" {count} of it ({newest}{more}): --campaign ID, or --all."


def _of_campaign(records: Sequence[Record], campaign: str, machine: str) -> Selection:
    found = tuple(record for record in records if record.campaign.id == campaign)
    if not found:
        known = ", ".join(sorted({record.campaign.id for record in records})[-5:])
        raise UsageError(f"no campaign is called {campaign!r}; the newest are: {known}")
    whose = commander(found[0])
    owner = "a machine of this kind" if whose.id == machine else f"ANOTHER machine, {whose.id}"
    return Selection(
        records=found,
        sentence=(
            f"Campaign {campaign} of {owner} ({whose.processor}, "
            f"{counted(whose.processors, 'processor')}, {whose.memory_gib} GiB): "
            f"{counted(len(found), 'record')}."
        ),
    )
