"""The answer as plain data, with the same content as its text. docs/verdict.md documents it."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import msgspec

from bench.evidence.words import NEVER
from bench.verdict.answer import Answer, JobAnswer
from bench.verdict.decide import Outcome
from bench.verdict.headline import crossing_lines, headline, job_headline
from bench.verdict.knobs import knob_lines
from bench.verdict.model import interval_of
from bench.verdict.places import Place
from bench.verdict.prices import is_stale
from bench.verdict.statistics import Estimate


def as_data(answer: Answer) -> dict[str, object]:
    """The same content as plain data."""
    return {
        "advice": answer.advice,
        "sentence": headline(answer),
        "crossing_sentences": crossing_lines(answer),
        "knob_sentences": knob_lines(answer),
        "cautions": list(answer.cautions),
        "more_cautions": list(answer.more_cautions),
        "unanswered": list(answer.unanswered),
        "machine": answer.machine,
        "jobs": [_job_data(job, answer.request.today) for job in answer.jobs],
        "exam": _plain(answer.exam),
        "no_exam": answer.no_exam,
    }


def _job_data(job: JobAnswer, today: date) -> dict[str, object]:
    report = job.report
    grid = report.map
    names = [[grid.options[i] if i >= 0 else None for i in row] for row in grid.best.tolist()]
    advised = job.advised
    return {
        "task": job.task,
        "sentence": job_headline(job),
        "epochs_at_most": job.at_most,
        "basis_of_an_epoch": job.basis,
        "advice": advised.advice,
        "place": advised.place.name if advised.place else None,
        "option": advised.place.option if advised.place else None,
        "why": advised.why,
        "extra_month": advised.extra_month,
        "waiting_hours_month": advised.waiting_month,
        "both_sums_told": advised.told,
        "turned_by_hour_worth": advised.turned,
        "cautions": [caution.text for caution in job.cautions],
        "places": [_place_data(place) for place in job.places],
        "workload": _plain(report.workload),
        "currency": job.currency,
        "options": [_option_data(outcome, today) for outcome in report.result.outcomes],
        "fastest": _plain(report.result.fastest),
        "cheapest": _plain(report.result.cheapest),
        "time_crossings": _plain(report.times),
        "money_crossings": _plain(report.money),
        "session_start_seconds": report.session_start,
        "required_speedups": _plain(report.required_speedups),
        "tipping_points": _plain(report.tipping_points),
        "map": {
            "epochs": list(grid.epochs),
            "runs_per_week": list(grid.runs_per_week),
            "cheapest": names,
            "tied": grid.tied.tolist(),
            "negligible": grid.negligible.tolist(),
        },
    }


def _place_data(place: Place) -> dict[str, object]:
    crossing = place.crossing
    return {
        "name": place.name,
        "option": place.option,
        "options": list(place.options),
        "basis": place.basis,
        "seconds": _bounds(place.seconds),
        "start_seconds": place.start_seconds,
        "job_cost": _bounds(place.job_cost),
        "month": _plain(place.month),
        "total": _plain(place.total),
        "hours_per_week": _plain(place.hours_per_week),
        "why_not": place.why_not,
        "crossing": crossing
        and {
            "minutes": _plain(crossing.minutes),
            "low": _plain(crossing.low),
            "high": _plain(crossing.high),
            "epochs": _plain(crossing.epochs),
            "at_once": crossing.at_once,
            "gain": _bounds(crossing.gain),
        },
    }


def _option_data(answer: Outcome, today: date) -> dict[str, object]:
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
        "price": msgspec.to_builtins(option.price) | {"stale": is_stale(option.price, today)},
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
