"""Faults of what we write to: terminals of few signs, readers that leave, disks that are full."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cli.run import _last_attempts
from bench.cli.streams import plain
from bench.errors import StoreError
from bench.evidence.store import Store
from bench.publish import folder
from builders import record

ROOT = Path(__file__).resolve().parents[2]
SAYS = """
import sys
from bench.cli import certbench, main
import rich_click as click
from bench.cli.options import say
from bench.cli.tables import print_prose, print_table
@certbench.command("says")
def says():
    say("1 · 2 → 3 … é 結 \\ud800 \\x1b[2J")
    click.echo("± 3 · ≥ 4 é 結")
    print_prose("5 × 6 – 結")
    print_table([{"a": "·"}], "title →")
sys.argv = ["certbench", "says"]
main()
"""
PLAIN_PLACES = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "strict UTF-8": {"PYTHONIOENCODING": "utf-8:strict"},
}


def python(code: str, *arguments: str, **settings: object) -> subprocess.CompletedProcess[bytes]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **settings.pop("env", {})}
    command = [sys.executable, "-c", f"exec({code!a})", *arguments]
    return subprocess.run(
        command, check=False, env=environ, timeout=120, **{"stderr": subprocess.PIPE, **settings}
    )


@pytest.mark.parametrize("place", PLAIN_PLACES)
def test_every_stream_takes_every_text(place: str) -> None:
    done = python(SAYS, env=PLAIN_PLACES[place], stdout=subprocess.PIPE)

    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    if place in ("ascii", "C"):
        assert done.stderr.decode("ascii").startswith("1 - 2 -> 3 ... e ?")
        assert done.stdout.decode("ascii").startswith("+/- 3 - >= 4 e ?")
    if place == "latin-1":
        assert done.stderr.decode("latin-1").startswith("1 · 2 -> 3 ... é ?")


def test_our_own_signs_have_a_plain_one() -> None:
    for sign, expected in {
        "·": "-",
        "→": "->",
        "–": "-",
        "é": "e",
        "結": "?",
        "\ud800": "?",
    }.items():
        assert plain(UnicodeEncodeError("ascii", sign, 0, 1, "")) == (expected, 1)


MANY = "from bench.cli import main; import sys; sys.argv = ['certbench', *sys.argv[1:]]; main()"


@pytest.mark.parametrize("command", ["tasks", "environments", "prices", "--help"])
def test_a_reader_that_leaves_ends_the_command_in_silence(command: str) -> None:
    """`certbench … | head -1`, at its worst: nobody reads at all."""
    read, write = os.pipe()
    os.close(read)
    try:
        done = python(MANY, command, stdout=write)
    finally:
        os.close(write)

    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("command", ["tasks", "prices"])
def test_a_full_disk_behind_stdout_is_one_line(command: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = python(MANY, command, stdout=full)

    assert done.returncode == StoreError.exit_code
    assert done.stderr.decode().splitlines() == [
        "certbench: the output cannot be written: No space left on device"
    ]


def test_a_closed_terminal_hears_nothing_and_stops_nothing() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = python(SAYS, stdout=subprocess.PIPE, stderr=write)
    finally:
        os.close(write)

    assert done.returncode == 0
    assert b"title" in done.stdout


# --- the page ------------------------------------------------------------------------------------


def full_after(count: int):
    """Files of a page; the disk is full after so many."""
    for number in range(count):
        yield f"{number}.html", b"new"
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_page_on_a_full_disk_leaves_the_earlier_one_whole(tmp_path: Path) -> None:
    out = tmp_path / "site"
    folder.write_page(out, [("index.html", b"old"), ("0.html", b"old"), ("runs/a.html", b"old")])
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    with pytest.raises(StoreError, match="No space left"):
        folder.write_page(out, full_after(2))

    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_first_page_on_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No space left"):
        folder.write_page(tmp_path / "site", full_after(2))

    assert list((tmp_path / "site").iterdir()) == []


def test_a_file_in_the_way_of_a_page_leaves_the_earlier_one_whole(tmp_path: Path) -> None:
    out = tmp_path / "site"
    folder.write_page(out, [("index.html", b"old")])
    (out / "mine.html").write_bytes(b"mine")

    with pytest.raises(StoreError, match=r"mine\.html is in the way"):
        folder.write_page(out, [("index.html", b"new"), ("mine.html", b"new")])

    assert (out / "index.html").read_bytes() == b"old"
    assert (out / "mine.html").read_bytes() == b"mine"


def test_a_page_killed_half_way_is_cleared_by_the_next(tmp_path: Path) -> None:
    out = tmp_path / "site"
    (out / f"{folder.PART}killed").mkdir(parents=True)

    folder.write_page(out, [("index.html", b"new")])

    assert not list(out.glob(f"{folder.PART}*"))


# --- what a command's end says -------------------------------------------------------------------


def test_what_a_later_attempt_made_good_is_no_failure(tmp_path: Path) -> None:
    """The engine was killed in mid-run, then `--resume`: the campaign is whole."""
    first = record(id="one", attempt=1, status="failed", reasons=("engine",))
    again = record(id="two", attempt=2)
    other = record(id="three", round=2, status="failed", reasons=("exception",))

    assert _last_attempts((again, first)) == (again,)
    assert _last_attempts((first, other, again)) == (again, other)


def test_a_folder_that_cannot_be_listed_is_one_line(tmp_path: Path, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "glob", refuse)

    with pytest.raises(StoreError, match="Input/output error"):
        Store(tmp_path).load_all()
