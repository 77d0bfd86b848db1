"""What can be checked of the documents is checked: names, types, links, commands, exit codes."""

import re
import signal
import sys
import types
import typing
from pathlib import Path

import msgspec
import pytest

from bench.errors import exit_codes
from bench.evidence.record import Record

ROOT = Path(__file__).resolve().parents[2]
WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def structs() -> list[type]:
    """Every type that a record is made of, in the order in which a reader meets them."""
    found: list[type] = []
    waiting: list[object] = [Record]
    while waiting:
        kind = waiting.pop(0)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if kind not in found:
                found.append(kind)
                waiting.extend(typing.get_type_hints(kind).values())
        else:
            waiting.extend(typing.get_args(kind))
    return found


def type_text(kind: type) -> dict[str, str]:
    """Each field of a type with its type in words."""
    return {
        name: _text(hint) for name, hint in typing.get_type_hints(kind).items() if name[0] != "_"
    }


def _text(hint: object) -> str:
    arguments = typing.get_args(hint)
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return " or ".join("null" if a is type(None) else _text(a) for a in arguments)
    if typing.get_origin(hint) is typing.Literal:
        return ", ".join(f"`{a}`" for a in arguments)
    if typing.get_origin(hint) is tuple:
        return f"list of {_text(arguments[0])}"
    if typing.get_origin(hint) is dict:
        return f"{_text(arguments[1])} by name"
    if hint in WORDS:
        return WORDS[hint]
    return f"[{hint.__name__}](#{hint.__name__.lower()})"


def test_the_record_format_page_names_every_field_with_its_type() -> None:
    page = (ROOT / "docs/record-format.md").read_text()

    for kind in structs():
        section = page.split(f"### {kind.__name__}\n")[1].split("\n### ")[0]
        rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \| ", section, flags=re.MULTILINE))
        assert rows == type_text(kind), kind.__name__


def test_how_it_measures_shows_how_often_the_statistics_are_wrong() -> None:
    """A row a noise and true ratio, as `benchmarks/simulate_statistics.py` prints them."""
    page = (ROOT / "docs/method.md").read_text()
    table = page.split("| noise | true ratio |")[1].split("\n\n")[0].splitlines()[2:]

    assert len(table) == 10
    assert sum("false" in line for line in table) == sum("found" in line for line in table) == 5


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")))
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())

    missing = [target for target in targets if not (page.parent / target).exists()]

    assert missing == []


FAULTS = ("unit/test_faults_*.py", "integration/test_faults_*.py")


def test_the_page_of_faults_names_each_test_of_faults_once() -> None:
    page = (ROOT / "docs/faults.md").read_text()
    named = re.findall(r"`(test_\w+)`", page)
    files = [path for pattern in FAULTS for path in (ROOT / "tests").glob(pattern)]
    tests = [
        name
        for path in files
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    ]

    assert len(files) > 4
    assert sorted(named) == sorted(tests)


def test_every_row_of_faults_ends_in_a_test_and_tells_a_real_exit_code() -> None:
    page = (ROOT / "docs/faults.md").read_text()
    lines = [line for line in page.splitlines() if line.startswith("| ") and "`test_" in line]
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    killed = {128 + signal.SIGKILL, 128 + signal.SIGPIPE}
    codes = {code for code, _ in exit_codes()} | killed

    assert {len(row) for row in rows} == {5}
    for fault, kept, said, code, tests in rows:
        assert all(cell.strip() for cell in (fault, kept, said)), fault
        assert {int(number) for number in re.findall(r"\d+", code)} <= codes, fault
        assert re.search(r"\d+", code) or code.strip() == "goes on", fault
        assert re.fullmatch(r" `test_\w+`(, `test_\w+`)* ", tests), fault


def test_the_terminals_picture_is_what_the_commands_print_today() -> None:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import terminal_picture

    assert terminal_picture.PICTURE.read_text() == terminal_picture.picture(), (
        "draw it again: python benchmarks/terminal_picture.py"
    )
