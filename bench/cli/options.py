"""Options that several commands share, spelled and explained once."""

import os
import re
import sys
import textwrap
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import rich_click as click

from bench.evidence.strangers import printable

results_option = click.option(
    "--results",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    metavar="DIR",
    help="Keep and find records in this folder, below `runs`.",
)

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Show a table for people, or JSON for programs.",
)


Asked = TypeVar("Asked")


def asked_as(
    kind: Callable[..., Asked],
    converted: Mapping[str, Callable[[Any], object]] = MappingProxyType({}),
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Hand a command one frozen value of that kind, made of the options named as its fields.

    An option that was not given keeps the value's own default, so that each stands once; what
    `converted` has a function for goes through it. All other options are handed on by name.
    """
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # a dataclass

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def called(**given: Any) -> None:
            asked = {n: v for n, v in given.items() if n in names and v is not None}
            asked |= {n: converted[n](v) for n, v in asked.items() if n in converted}
            command(kind(**asked), **{n: v for n, v in given.items() if n not in names})

        return called

    return decorated


SIGNS = {
    "ok": "green",
    "warn": "yellow",
    "interrupted": "yellow",
    "no": "yellow",
    "FAIL": "red",
    "failed": "red",
    "rejected": "red",
    "oom": "red",
    "timeout": "red",
}


def say(line: str, sign: str = "") -> None:
    """Messages go to stderr; stdout belongs to data. A terminal that was closed hears none.

    On a terminal lines break between words. `sign` is the word of `SIGNS` that gets its colour.
    """
    with suppress(OSError):
        click.echo(_coloured(_fitted(printable(line)), sign), err=True)


def _fitted(text: str) -> str:
    if not sys.stderr.isatty():
        return text
    from rich.console import Console

    columns = Console(stderr=True).width
    return textwrap.fill(text, columns, break_long_words=False, break_on_hyphens=False)


def _coloured(text: str, sign: str) -> str:
    """The text, the first such word in its colour; click takes the colour out of a pipe."""
    if sign not in SIGNS or "NO_COLOR" in os.environ:
        return text
    painted = click.style(sign, fg=SIGNS[sign])
    return re.sub(rf"\b{re.escape(sign)}\b", lambda _: painted, text, count=1)


def as_json(value: object) -> None:
    """Write data to stdout as indented JSON."""
    import json

    click.echo(json.dumps(value, indent=2, allow_nan=False, ensure_ascii=True))
