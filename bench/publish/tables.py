"""The tables of the page as plain rows; those that the terminal prints too come from below."""

import csv
import io
import json
from collections.abc import Mapping, Sequence

from bench.evidence import derive
from bench.evidence.record import Record
from bench.evidence.strangers import clean, csv_cell, name, table_cell
from bench.evidence.variants import called
from bench.evidence.words import ABSENT, day, figure, place_called
from bench.publish.story import Story
from bench.verdict.rows import price_row, task_row

Row = dict[str, str]
Data = Mapping[str, object]
COLUMNS = (
    "started",
    "task",
    "environment",
    "machine",
    "round",
    "status",
    "noticed",
    "score",
    "epoch s",
    "total s",
)
CELL_MOST = 300
NUMBERS = ("round", "score", "epoch s", "total s")


def run_rows(story: Story) -> list[list[object]]:
    """A row a run, the newest first: the id, then the `COLUMNS`; numbers stay numbers."""
    newest = sorted(story.records, key=lambda r: (r.started_at, r.order, r.id), reverse=True)
    return [_run_row(story, record) for record in newest]


def _run_row(story: Story, record: Record) -> list[object]:
    result = record.result
    return [
        record.id,
        day(record.started_at),
        name(called(record)),
        environment(record),
        story.names[record.machine.id],
        record.round,
        record.status,
        noticed(story, record),
        result.score if result else None,
        rounded(derive.steady_epoch_seconds(record)),
        rounded(derive.total_seconds(record)),
    ]


def environment(record: Record) -> str:
    """The environment's name; one that stands for other hardware says so."""
    place = record.environment
    return place_called(name(place.name), emulated=place.emulated)


def noticed(story: Story, record: Record) -> str:
    """Why a run does not count, or why it is suspect; empty where there is nothing."""
    if record.status != "ok":
        return clean(", ".join(record.reasons), 120)
    codes = [code for code, _ in story.marks.get(record.id, ())]
    return clean(f"suspect: {', '.join(codes)}", 120) if codes else ""


def rounded(value: float | None) -> float | None:
    """Four digits: enough for a table, and short in a file of many runs."""
    return None if value is None else float(f"{value:.4g}")


def verdict_rows(story: Story) -> list[Row]:
    """A line a task: its time here, who wins, and what a cloud must do."""
    return [shown(task_row(report)) for report in story.reports]


def shown(row: Data) -> Row:
    """A row in texts fit for the page."""
    return {key: clean(table_cell(value), CELL_MOST) for key, value in row.items()}


def price_rows(story: Story) -> list[Row]:
    """Every price with its source and its date, which says where it is stale."""
    return [shown(price_row(price, story.today)) for price in story.prices.values()]


def machine_rows(story: Story) -> list[Row]:
    """The machines by their facts, the verdict's first."""
    return [
        {
            "name": story.names[machine.id],
            "id": name(machine.id),
            "processor": clean(machine.processor, 120),
            "processors": str(machine.processors),
            "memory": f"{machine.memory_gib} GiB",
            "GPUs": clean(", ".join(machine.gpus), 120) or "none",
            "system": clean(f"{machine.system}, {machine.architecture}", 80),
            "runs": str(sum(r.machine.id == machine.id for r in story.records)),
        }
        for machine in story.machines
    ]


def side_rows(story: Story) -> list[Row]:
    """A line a task, a column each machine and environment: the median steady epoch."""
    sides = list(dict.fromkeys(story.label(group) for group in story.groups if group.counted))
    rows: dict[str, Row] = {}
    for group in story.groups:
        found = group.estimate(derive.steady_epoch_seconds)
        task = rows.setdefault(
            name(group.task), {"task": name(group.task)} | dict.fromkeys(sides, ABSENT)
        )
        if found is not None:
            task[story.label(group)] = (
                f"{figure(found.middle)} s ({figure(found.low)} to {figure(found.high)}, "
                f"{found.interval})"
            )
    return list(rows.values())


def as_csv(rows: Sequence[Data]) -> bytes:
    """The rows for a spreadsheet, which takes none of their texts for a formula."""
    columns = [key for key in (rows[0] if rows else {}) if key != "phases"]
    phases = list(rows[0]["phases"]) if rows else []  # type: ignore[call-overload]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*columns, *(f"{name}_seconds" for name in phases)])
    for one in rows:
        values = [_flat(one[column]) for column in columns]
        inner = [one["phases"][phase] for phase in phases]  # type: ignore[index]
        writer.writerow([csv_cell(value) for value in (*values, *inner)])
    return out.getvalue().encode()


def _flat(value: object) -> object:
    if isinstance(value, list):
        return "; ".join("" if item is None else str(item) for item in value)
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value
