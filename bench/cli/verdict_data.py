"""A verdict as plain data, with the same content as its text. docs/verdict.md documents it."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

from bench.verdict.model import interval_of
from bench.verdict.overview import Overview
from bench.verdict.prices import is_stale
from bench.verdict.report import JobReport
from bench.verdict.statistics import Estimate
from bench.verdict.words import NEVER


def as_data(answer: Overview) -> dict[str, object]:
    """The same content as plain data."""
    return {
        "verdict": answer.verdict,
        "mind": list(answer.mind),
        "jobs": [_job_data(report) for report in answer.reports],
        "exam": _plain(answer.exam),
        "no_exam": answer.no_exam,
    }


def _job_data(report: JobReport) -> dict[str, object]:
    grid = report.map
    names = [[grid.options[i] if i >= 0 else None for i in row] for row in grid.best.tolist()]
    return {
        "task": report.task,
        "verdict": report.verdict,
        "cautions": list(report.cautions),
        "mind": list(report.mind),
        "workload": _plain(report.workload),
        "currency": report.result.currency,
        "options": [_option_data(answer) for answer in report.result.outcomes],
        "fastest": _plain(report.result.fastest),
        "cheapest": _plain(report.result.cheapest),
        "advised": _plain(report.result.advised),
        "saving": report.result.saving,
        "most_saving": report.result.most_saving,
        "time_crossings": _plain(report.times),
        "money_crossings": _plain(report.money),
        "session_start_seconds": report.session_start,
        "required_speedup": _plain(report.required_speedups),
        "tipping_points": _plain(report.tipping_points),
        "map": {
            "epochs": list(grid.epochs),
            "runs_per_week": list(grid.runs_per_week),
            "cheapest": names,
            "close": grid.tied.tolist(),
            "saves_a_cent": grid.pays.tolist(),
        },
    }


def _option_data(answer: Any) -> dict[str, object]:
    import msgspec

    option = answer.option
    return {
        "name": option.name,
        "seconds": _bounds(answer.seconds),
        "cost": _bounds(answer.cost),
        "interval": interval_of(option.timing),
        "rounds": option.timing.rounds if interval_of(option.timing) != "stated" else None,
        "why_not": answer.why,
        "fits": option.fits,
        "model_error": option.model_error,
        "suspects": list(option.suspects),
        "origins": _plain(option.origins),
        "price": msgspec.to_builtins(option.price)
        | {"stale": is_stale(option.price, datetime.now(tz=UTC).date())},
    }


def _bounds(found: Estimate) -> dict[str, object]:
    return {name: _plain(getattr(found, name)) for name in ("middle", "low", "high")}


def _plain(value: Any) -> Any:
    """Dataclasses as dictionaries; infinity, which JSON does not know, as "never"."""
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return NEVER if isinstance(value, float) and not math.isfinite(value) else value
