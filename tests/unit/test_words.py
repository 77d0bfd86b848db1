"""How numbers are said, and strangers' text made harmless."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.evidence.strangers import brief, clean, drawable, printable, table_cell
from bench.evidence.words import about_seconds, counted, listed, nouned, place_called

BENCH = Path(__file__).resolve().parents[2] / "bench"
ESCAPE = "a\x1b[31mb\u202ec"


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [
        (0, "run", "0 runs"),
        (1, "round", "1 round"),
        (1.0, "hour", "1 hour"),
        (1.5, "hour", "1.5 hours"),
        (2, "process", "2 processes"),
        (3, "entry", "3 entries"),
        (3, "epoch", "3 epochs"),
        (3, "batch", "3 batches"),
        (3, "day", "3 days"),
        (12_345, "record", "12,345 records"),
        (2, "other campaign", "2 other campaigns"),
    ],
)
def test_a_count_stands_with_its_noun(number: float, noun: str, said: str) -> None:
    assert counted(number, noun) == said


def test_a_number_in_words_is_singular_as_a_bare_1_alone() -> None:
    assert [nouned(said, "step") for said in ("1", "1.0", "2 or 3", "?")] == [
        "1 step",
        "1.0 steps",
        "2 or 3 steps",
        "? steps",
    ]


def test_names_are_listed_as_in_a_sentence() -> None:
    assert [listed(names) for names in ((), ("a",), ("a", "b"), ("a", "b", "c"))] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_a_duration_has_two_digits_and_its_unit() -> None:
    assert [about_seconds(s) for s in (0.123, 76.4, 131, 5399, 7200, float("inf"))] == [
        "0.12 s",
        "76 s",
        "2.2 min",
        "90 min",
        "2 h",
        "never",
    ]


def test_emulated_is_said_wherever_a_place_is_named() -> None:
    assert place_called("colab-like", emulated=True) == "colab-like (emulated)"
    assert place_called("cpu", emulated=False) == "cpu"


@given(st.text())
def test_no_way_to_show_a_strangers_text_moves_the_cursor(text: str) -> None:
    for shown in (printable(text), brief(text), clean(text, 40), drawable(text), table_cell(text)):
        assert shown.isprintable()


def test_what_is_taken_out_leaves_a_mark() -> None:
    assert printable(ESCAPE) == clean(ESCAPE) == "a�[31mb�c"
    assert clean("x" * 50, 10) == "x" * 9 + "…"


def test_a_cell_has_three_digits_and_absent_is_a_dash() -> None:
    assert [table_cell(v) for v in (None, 0.12345, 99.96, 1234.5, 7, ["a", "b"], [])] == [
        "–",
        "0.123",
        "100",
        "1,234",
        "7",
        "a, b",
        "–",
    ]


NOUNS = (
    "attempts|campaigns|epochs|examples|figures|GPUs|hours|jobs|machines|minutes|months|options|"
    "prices|processors|records|repeats|rounds|runs|sessions|steps|tasks|units|variants|weeks"
)
PLURAL = re.compile(rf"^ ({NOUNS})\b")


def bare_counts(tree: ast.AST) -> list[str]:
    """Where a text joins a number and a plural by itself: `1 rounds` would be said."""
    return [
        ast.unparse(before) + after.value[:12]
        for text in ast.walk(tree)
        if isinstance(text, ast.JoinedStr)
        for before, after in zip(text.values, text.values[1:], strict=False)
        if isinstance(before, ast.FormattedValue)
        and isinstance(after, ast.Constant)
        and PLURAL.match(str(after.value))
    ]


AT_LEAST_TWO = {
    "bench/evidence/archive.py": 1,  # more than can be read
    "bench/verdict/headline.py": 1,  # all tasks, where there are several
    "bench/verdict/cautions.py": 1,  # six rounds
    "bench/verdict/request.py": 1,  # 300 minutes
    "bench/worker/advice.py": 1,  # a set that steps do not make
    "bench/worker/stages.py": 1,  # an epoch that ran short had several
}


def test_every_count_goes_through_the_one_function() -> None:
    """The charts' own titles are looked at by their own tests."""
    found = {
        path.relative_to(BENCH.parent).as_posix(): bare_counts(ast.parse(path.read_text()))
        for path in BENCH.rglob("*.py")
        if "charts" not in path.parts
    }

    assert {path: len(said) for path, said in found.items() if said} == AT_LEAST_TWO, found


def test_the_rule_sees_a_bare_count() -> None:
    assert bare_counts(ast.parse('f"{n} rounds"')) == ["{n} rounds"]
    assert bare_counts(ast.parse("f'{said} left of {name}'")) == []
