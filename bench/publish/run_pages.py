"""The pages of all runs. Where there are many, other processes write them while charts are drawn.

Each page depends on its own record and on what is shared by all, so that the bytes are the same
however many processes there are.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from multiprocessing import get_context

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from bench.evidence.record import Record
from bench.publish import run_page
from bench.publish.story import Story

File = tuple[str, bytes]
Shared = Mapping[str, object]

ALONE = 2000  # up to here another process takes longer to start than it saves
CHUNK = 250
PROCESSES_MOST = 8


@cache
def templates() -> Environment:
    """The templates of the page; text in them is escaped."""
    return Environment(
        loader=PackageLoader("bench.publish"),
        autoescape=select_autoescape(default=True, disabled_extensions=("css", "js")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@contextmanager
def run_pages(story: Story, shared: Shared, *, alone: int = ALONE) -> Iterator[Iterator[File]]:
    """Begin at once where there are more than `alone` records; gives the files."""
    chunks = [story.records[i : i + CHUNK] for i in range(0, len(story.records), CHUNK)]
    told = [_about(story, chunk) for chunk in chunks]
    if len(story.records) <= alone:
        yield (file for about in told for file in pages_of(about, shared))
        return
    processes = min(PROCESSES_MOST, max(1, (os.cpu_count() or 1) - 1), len(chunks))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        found = [pool.submit(_pages_of_packed, *_packed(about), shared) for about in told]
        try:
            yield _gathered(found, told, shared)
        finally:
            pool.shutdown(cancel_futures=True)


def pages_of(story: Story, shared: Shared) -> list[File]:
    """The page of every run in the story."""
    template = templates().get_template("run.html")
    places = {"page": "runs.html", "up": "../"}
    return [
        (
            f"runs/{record.id}.html",
            template.render({**shared, **run_page.context(story, record), **places}).encode(),
        )
        for record in story.records
    ]


def _about(story: Story, records: Sequence[Record]) -> Story:
    """What the pages of these records tell of the story; without the rest, which is large."""
    marks = {r.id: story.marks[r.id] for r in records if r.id in story.marks}
    return replace(story, records=tuple(records), groups=(), marks=marks, answer=None)


def _packed(story: Story) -> tuple[Story, bytes]:
    """The story and its records as JSON, which travels faster than objects."""
    return replace(story, records=()), msgspec.json.encode(story.records)


def _pages_of_packed(story: Story, records: bytes, shared: Shared) -> list[File]:
    known = msgspec.json.decode(records, type=tuple[Record, ...])
    return pages_of(replace(story, records=known), shared)


def _gathered(found: list[Future[list[File]]], told: list[Story], shared: Shared) -> Iterator[File]:
    """The files of all chunks; those that no process has begun, the last ones, are made here."""
    while found and found[-1].cancel():
        found.pop()
        yield from pages_of(told[len(found)], shared)
    while found:
        yield from found.pop().result()
