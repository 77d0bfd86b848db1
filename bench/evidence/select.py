"""Which records a command speaks of: machines do not mix unless they are asked to."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.errors import UsageError
from bench.evidence.record import Record


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
) -> Selection:
    """This machine's newest campaign, or the one that was named, or all.

    Where this machine has none, the newest of any machine, and the sentence says so. Raises
    UsageError where there is nothing to choose from.
    """
    if not records:
        raise UsageError("no records yet: `certbench run --env cpu` makes some")
    if everything:
        return Selection(records=tuple(records), sentence=f"All {len(records)} records.")
    if campaign is not None:
        return _of_campaign(records, campaign, machine)
    own = [record for record in records if record.machine.id == machine]
    newest = max(record.campaign.id for record in own or records)
    return _of_campaign(records, newest, machine)


def _of_campaign(records: Sequence[Record], campaign: str, machine: str) -> Selection:
    found = tuple(record for record in records if record.campaign.id == campaign)
    if not found:
        known = ", ".join(sorted({record.campaign.id for record in records})[-5:])
        raise UsageError(f"no campaign is called {campaign!r}; the newest are: {known}")
    whose = found[0].machine
    owner = "this machine" if whose.id == machine else f"ANOTHER machine, {whose.id}"
    return Selection(
        records=found,
        sentence=(
            f"Campaign {campaign} of {owner} ({whose.processor}, {whose.processors} processors, "
            f"{whose.memory_gib} GiB): {len(found)} records."
        ),
    )
