"""What stands under a chart: whose numbers, of when, which versions, how many, how to redraw."""

from collections.abc import Sequence

from bench.evidence.record import Machine, Record
from bench.publish.story import Story
from bench.publish.words import day, drawable

FRAMEWORKS = ("tensorflow", "keras")


def caption(story: Story, chart: str, note: str = "") -> str:
    """Machine, date, versions, n and the command; `note` goes first."""
    own = [r for r in story.records if r.machine.id == story.here]
    parts = (
        machines_spoken(story.machines),
        dates_spoken(story.records),
        versions_spoken(own),
        f"{len(story.records)} records, {rounds(story)}",
        f"certbench charts --only {chart}",
    )
    about = " · ".join(part for part in parts if part)
    return f"{note} {about}" if note else about


def machines_spoken(machines: Sequence[Machine]) -> str:
    """The machine by its facts, or how many there are."""
    if len(machines) != 1:
        return f"{len(machines)} machines"
    [one] = machines
    plural = "s" * (one.processors != 1)
    return (
        f"{drawable(one.processor)}, {one.processors} processor{plural}, {one.memory_gib} GiB "
        f"({drawable(one.id, 16)})"
    )


def dates_spoken(records: Sequence[Record]) -> str:
    """The first and the last day."""
    days = sorted({day(record.started_at) for record in records} - {"–"})
    if not days:
        return "no date"
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def versions_spoken(records: Sequence[Record]) -> str:
    """The frameworks' versions, all that occur."""
    said = []
    for package in FRAMEWORKS:
        found = sorted(
            {r.seen.versions[package] for r in records if r.seen and package in r.seen.versions}
        )
        if found:
            said.append(f"{package} {' and '.join(drawable(v, 16) for v in found[:3])}")
    return ", ".join(said)


def rounds(story: Story) -> str:
    """Over how many rounds the groups go."""
    counts = sorted({len(group.counted) for group in story.groups if group.counted}) or [0]
    span = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"{span} repeat{'s' * (counts[-1] != 1)} each"
