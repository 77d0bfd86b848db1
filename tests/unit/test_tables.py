"""A table fits the terminal that it is printed on, and says what it leaves out."""

import re

import pytest
from click.testing import CliRunner

from bench.campaign import doctor
from bench.cli import certbench
from bench.cli.tables import print_blocks, print_table

ROWS = [
    {
        "task": name,
        "environment": "colab-like (emulated)",
        "runs": "6 ok",
        "marks": "6 disturbed",
        "first_s": 0.376,
        "start_s": 2.73,
        "total_s": 18.9,
    }
    for name in ("line", "sunspots")
]
CAPTION = "Medians. first: the first epoch; start: imports, data and model; total: to the grade"


@pytest.fixture
def shown(monkeypatch, capsys):
    """What a terminal of that many columns shows."""

    def show(columns, *arguments, how=print_table):
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", str(columns))
        how(*arguments)
        return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)

    return show


@pytest.mark.parametrize("columns", [30, 40, 60, 80, 100, 120])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut_off(shown, columns):
    text = shown(columns, ROWS, "Title", CAPTION)

    assert max(map(len, text.splitlines())) <= columns
    assert "…" not in text
    assert "sunspots" in text
    assert " ".join(text.split()).count("the first epoch; start: imports, data") == 1


def test_a_table_that_fits_has_a_line_a_row_and_leaves_nothing_out(shown):
    text = shown(120, ROWS, "Title")

    assert re.search(r"line +colab-like \(emulated\) +6 ok +6 disturbed +0.376 +2.73 +18.9", text)
    assert "not shown" not in text


def test_cells_are_wrapped_between_words_before_a_column_goes(shown):
    text = shown(62, ROWS, "Title")

    assert re.search(r"line +colab-like +6 ok", text)
    assert re.search(r"\n +\(emulated\) +disturbed", text)
    assert "not shown" not in text


def test_what_the_caller_named_goes_first_then_the_last_columns(shown):
    named = shown(56, ROWS, "Title", "", ("start_s",))
    unnamed = shown(40, ROWS, "Title")

    assert named.endswith("not shown at 56 columns: start s\n")
    assert " ".join(unnamed.split()).endswith("not shown at 40 columns: first s, start s, total s")
    assert "disturbed" in unnamed


def test_what_may_go_goes_before_a_cell_takes_three_lines(shown):
    rows = [{"task": "line", "why": "one two three four", "more": "five six seven eight nine"}]

    text = shown(21, rows, "Title", "", ("more",))

    assert re.search(r"line +one two three *\n +four *\n", text)
    assert " ".join(text.split()).endswith("not shown at 21 columns: more")


def test_piped_a_table_is_as_wide_as_it_needs_to_be(capsys):
    print_table([ROWS[0] | {"why": "because " * 40}], "Title")

    assert re.search(r"line .*18.9 .*(because ){40}", capsys.readouterr().out)


def test_markup_and_control_characters_are_only_text(capsys):
    print_table([{"[red]a[/red]": "[bold]x\x1b[31m"}], "[i]t", "[u]c")

    out = capsys.readouterr().out
    assert all(text in out for text in ("[red]a[/red]", "[bold]x�[31m", "[i]t", "[u]c"))


def test_a_table_without_rows_is_its_title(capsys):
    print_table([], "Nothing")

    assert capsys.readouterr().out.startswith("Nothing")


def test_blocks_are_wrapped_and_indented(shown):
    text = shown(29, [("t4", "a card", "word " * 9)], "Cards", ["[1] me"], how=print_blocks)

    assert re.search(r"t4: a card\n    (word ){5} *\n    (word ){4} *\n", text)
    assert text.endswith("[1] me\n")


def test_a_rented_machine_lends_what_it_has(monkeypatch):
    text = listed_environments(monkeypatch, {})

    assert "machine with one T4; measured; processors and memory of the rented machine" in text
    assert "own processor; emulated; 2 processors, 12.7 GiB of memory" in text


def listed_environments(monkeypatch, why):
    """What the list of environments says where these do not work, and all others do."""
    monkeypatch.setattr(doctor, "obstacle", lambda entry: why.get(entry.name))
    return CliRunner().invoke(certbench, ["environments"], catch_exceptions=False).stdout


def test_the_list_of_environments_says_which_work_here_and_why_others_do_not(monkeypatch):
    none = "no usable GPU; install its driver"
    text = listed_environments(monkeypatch, {"gpu": none, "colab-like-gpu": none})

    works, not_here = text.split("Not here: ")
    assert works.startswith("Works here:\n  ok   cpu: a container")
    assert not_here.startswith(f"{none}\n  no   gpu: ")
    assert "  no   colab-like-gpu: " in not_here
