"""What stands under a chart: whose numbers, of when, which versions, how many, how to redraw."""

import shlex
from collections.abc import Sequence

from bench.evidence.record import Record
from bench.evidence.strangers import drawable
from bench.evidence.words import counted, day
from bench.publish.machines import facts
from bench.publish.story import Story

FRAMEWORKS = ("tensorflow", "keras")
MACHINES_MOST = 3
TYPED_MOST = 200


def caption(story: Story, chart: str, note: str = "") -> str:
    """Machine, date, versions, n and the command; `note` goes first."""
    parts = (
        machines_spoken(story),
        dates_spoken(story.records),
        versions_spoken(story.records),
        f"{counted(len(story.records), 'record')}, {rounds(story)}",
        suspects_spoken(story),
        command(story, chart),
    )
    about = " · ".join(part for part in parts if part)
    return f"{note} {about}" if note else about


def machines_spoken(story: Story) -> str:
    """Up to three machines by their facts, behind their names where they were given some."""
    if len(story.machines) > MACHINES_MOST:
        return counted(len(story.machines), "machine")
    given = {m.id: drawable(story.given(m), 32) for m in story.machines}
    return "; ".join(
        f"{given[m.id]}: {facts(m)}" if given[m.id] else facts(m) for m in story.machines
    )


def suspects_spoken(story: Story) -> str:
    """How many of the repeats that count are suspect; nothing where none is."""
    suspect = sum(story.suspects(group) for group in story.groups)
    every = sum(len(group.counted) for group in story.groups)
    return f"{suspect} of {every} suspect" if suspect else ""


def command(story: Story, chart: str) -> str:
    """What draws the chart again, from files of the same names."""
    words = ["certbench", "charts", "--only", chart, *story.typed]
    return drawable(shlex.join(words), TYPED_MOST)


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
