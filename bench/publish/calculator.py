"""What the page's calculator needs to know: prices, speeds, limits and the answers of Python.

The rule itself stands in `bench/verdict` and, for a visitor's own job, once more in
templates/calculator.js; tests/browser holds both to the same sentences and sums.
"""

import base64
import hashlib
from collections.abc import Mapping

import msgspec

from bench.evidence import strangers
from bench.publish.story import Story
from bench.verdict.answer import JobAnswer
from bench.verdict.headline import NEXT, NO_GAIN, job_headline
from bench.verdict.jobs import YOUR_JOB, stated_job
from bench.verdict.options import session_start
from bench.verdict.prices import Owned, Price
from bench.verdict.published import KINDS, Kind
from bench.verdict.request import (
    DEFAULT_JOBS_PER_WEEK,
    DEFAULT_MONTHS,
    EXPECTED,
    NEGLIGIBLE_A_MONTH,
    WEEK_HOURS,
    Request,
)
from bench.verdict.speed import Work, speed_of_place

CUSTOM = "a cloud machine"  # a place of which only a price and a speed-up are stated
ANY = "any"
# What each field is checked by; the calculator's names are those of its URL.
FIELDS: Mapping[str, str] = {
    "epoch_seconds": "epoch_seconds",
    "epochs": "epochs",
    "jobs_a_week": "jobs_per_week",
    "start_seconds": "session_start",
}
# Each field, what it is called, and what stands behind it.
LABELS = (
    ("epoch_seconds", "Seconds an epoch", "on this machine"),
    ("epochs", "Epochs", ""),
    ("jobs_a_week", "Jobs a week", ""),
    ("start_seconds", "Wait for a session", "seconds"),
    ("price_hour", "Price an hour", "of a price of your own"),
    ("speedup", "Speed-up there", "of an epoch: 4, or 3-9"),
)


def script_hash(script: str) -> str:
    """The source that a Content-Security-Policy names for this script in the page."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def known(story: Story) -> dict[str, object]:
    """All that the calculator knows, as JSON can hold it."""
    asked = Request(epoch_seconds=1.0, epochs=1.0, today=story.today)
    base = stated_job(story.records, story.here, asked, story.prices).base
    currency = base.price.currency
    places = [_place(name, price) for name, price in story.prices.items() if name != "local"]
    return {
        "currency": currency,
        "your_job": YOUR_JOB,
        "custom": CUSTOM,
        "no_gain": NO_GAIN,
        "next": NEXT,
        "negligible": NEGLIGIBLE_A_MONTH,
        "months": DEFAULT_MONTHS,
        "jobs": DEFAULT_JOBS_PER_WEEK,
        "week_hours": WEEK_HOURS,
        "here": {
            "name": base.name,
            "start": float(base.timing.start[0]),
            "price": msgspec.to_builtins(base.price),
        },
        "places": [p for p in places if p and p["currency"] == currency],
        "tasks": [_task(job) for job in (story.answer.jobs if story.answer else ())],
        "fields": {name: _expected(key) for name, key in FIELDS.items()},
    }


def _expected(key: str) -> dict[str, object]:
    found = EXPECTED[key]
    return {
        "text": found.text,
        "least": found.least,
        "most": found.most,
        "above": found.above,
        "whole": found.whole,
    }


def _place(name: str, price: Price) -> dict[str, object] | None:
    """A price whose speed somebody knows, of any kind of model and of each."""
    kinds: dict[str, Kind | None] = {ANY: None, **{kind: kind for kind in KINDS}}
    bands = {label: _band(price, kind) for label, kind in kinds.items()}
    if None in bands.values():
        return None
    return {
        "option": name,
        "gpu": strangers.name(price.gpu or ""),
        "currency": price.currency,
        "usual": price.usual,
        "owned": isinstance(price, Owned),
        "start": None if isinstance(price, Owned) else session_start(price, Request()),
        "price": msgspec.to_builtins(price),
        "bands": bands,
    }


def _band(price: Price, kind: Kind | None) -> tuple[float, float, float] | None:
    found = speed_of_place(price, Work(kind=kind, epoch_seconds=1.0))
    return None if found is None else (found.low, found.middle, found.high)


def _task(job: JobAnswer) -> dict[str, object]:
    """A task as it was measured, with the sentence of Python for it."""
    timing = job.report.result.outcomes[0].option.timing
    return {
        "task": job.task,
        "label": strangers.name(job.task),
        "epoch_seconds": float(f"{float(timing.epoch[0]):.3g}"),
        "epochs": job.epochs,
        "start": float(timing.start[0]),
        "sentence": strangers.clean(job_headline(job), 1000),
    }
