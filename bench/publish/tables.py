"""The tables of the page as plain rows: what a template shows and a program reads is the same."""

import csv
import io
import json
from collections.abc import Mapping, Sequence

from bench.evidence import derive
from bench.evidence.record import Record
from bench.evidence.rows import row
from bench.evidence.strangers import clean, csv_cell, name
from bench.evidence.variants import called
from bench.evidence.words import day, figure, money_spoken, seconds_spoken
from bench.publish.story import Story
from bench.verdict.decide import Winner
from bench.verdict.model import interval_of
from bench.verdict.prices import is_stale, spoken
from bench.verdict.report import JobReport
from bench.verdict.sentences import cheapest, crossings_spoken, rented_from

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
    return name(record.environment.name) + (" (emulated)" if record.environment.emulated else "")


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
    return [_verdict_row(report) for report in story.reports]


def _verdict_row(report: JobReport) -> Row:
    here = report.result.outcomes[0]
    return {
        "task": name(report.task),
        "epochs": f"{report.workload.epochs:g}",
        "time here": seconds_spoken(here.seconds.middle),
        "from to": f"{seconds_spoken(here.seconds.low)} to {seconds_spoken(here.seconds.high)}",
        "basis": interval_of(here.option.timing),
        "fastest": pick(report.result.fastest),
        "cheapest": pick(cheapest(report)),
        "rented is faster": rented_from(report),
    }


def option_rows(report: JobReport) -> list[Row]:
    """A line an option of one task: time, money, and what they stand on."""
    currency = report.result.currency
    return [
        {
            "option": name(answer.option.name),
            "time": seconds_spoken(answer.seconds.middle),
            "from to": f"{seconds_spoken(answer.seconds.low)} to "
            f"{seconds_spoken(answer.seconds.high)}",
            "money a job": money_spoken(answer.cost.middle, currency),
            "basis": interval_of(answer.option.timing),
            "speed": ", ".join(dict.fromkeys(o.basis for o in answer.option.origins)),
            "price": "assumed" if answer.option.price.assumed else "published",
            "but": answer.why or ("" if answer.option.fits else "the time model misses its total"),
        }
        for answer in report.result.outcomes
    ]


def crossing_lines(report: JobReport) -> list[str]:
    """Where one option overtakes another, as sentences."""
    return [f"{sentence}." for sentence in crossings_spoken(report, name)]


def origin_lines(report: JobReport) -> list[str]:
    """Where each number comes from, as sentences; what several options share is said once."""
    owners: dict[str, list[str]] = {}
    for option in (answer.option for answer in report.result.outcomes):
        for origin in option.origins:
            text = f"{origin.what} {origin.basis}: {clean(origin.text, 300)}"
            owners.setdefault(text, []).append(name(option.name))
    return [f"{', '.join(names)}: {text}." for text, names in owners.items()]


def pick(found: Winner) -> str:
    """A winner, or those it cannot be told from."""
    if found.name is None:
        return "none can"
    if found.tied:
        return f"too close: {', '.join(map(name, (found.name, *found.tied)))}"
    return f"{name(found.name)}{' (preliminary)' if found.preliminary else ''}"


def price_rows(story: Story) -> list[Row]:
    """Every price with its source, its date, and whether it is stale."""
    return [
        {
            "option": name(price.name),
            "price": clean(spoken(price), 200),
            "billing": clean(price.billing, 120),
            "region or tier": clean(price.region, 120),
            "seen": price.seen.isoformat(),
            "basis": "assumed" if price.assumed else "published",
            "age": "stale" if is_stale(price, story.today) else "fresh",
            "source": clean(price.source, 300),
        }
        for price in story.prices.values()
    ]


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
            name(group.task), {"task": name(group.task)} | dict.fromkeys(sides, "–")
        )
        if found is not None:
            task[story.label(group)] = (
                f"{figure(found.middle)} s ({figure(found.low)} to {figure(found.high)}, "
                f"{found.interval})"
            )
    return list(rows.values())


def data_rows(story: Story) -> list[Data]:
    """A flat row a record, raw numbers with their names, as `certbench show --format json`."""
    return [
        row(record) | {"marks": [code for code, _ in story.marks.get(record.id, ())]}
        for record in story.records
    ]


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
