"""The live line costs the running worker nothing: what it shows is worked out between runs."""

import re
import sys
import threading

import pytest

from bench.campaign.plan import plan
from bench.cli import progress
from bench.contract.events import Epoch, Handshake, Phase, Scored, Seen, Staged
from bench.contract.facts import Result
from builders import CAMPAIGN, MACHINE, described, epoch, record, seen, stage


class Terminal:
    """A stderr that is a terminal and keeps what it is told."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass

    @property
    def plain(self) -> str:
        return re.sub(r"\x1b\[\d*m", "", self.text)


def terminal_of(monkeypatch: pytest.MonkeyPatch, columns: int = 140) -> Terminal:
    """Stderr is a terminal of so many columns without colours.

    Asked for inside the test: pytest puts its own stderr back between a fixture and its test.
    """
    made = Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    for name, value in {"COLUMNS": str(columns), "NO_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Each time that the time to go is worked out."""
    calls: list[int] = []
    monkeypatch.setattr(progress, "campaign_seconds", lambda left, *_: calls.append(len(left)))
    return calls


def heard(number: int) -> progress.Progress:
    shown = progress.Progress(plan(CAMPAIGN), [], MACHINE.id)
    shown.begins(plan(CAMPAIGN)[0])
    shown.on_event(described())
    for index in range(number):
        shown.on_event(Epoch(epoch=epoch(index)))
    return shown


def test_epochs_do_not_make_the_host_work_out_the_time_to_go(counted: list[int]) -> None:
    shown = heard(50)

    assert len(counted) == 1
    shown.ends(record())
    assert len(counted) == 1


def test_in_a_terminal_the_epoch_is_drawn_with_its_pace_and_what_is_left(
    counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = terminal_of(monkeypatch)
    monkeypatch.setattr(progress, "REDRAW_SECONDS", 0.0)

    heard(2)

    assert "epoch 2/2  1.5 s/epoch  loss ▁▁ 0.1  score 3  0:00 so far  1 run left" in terminal.plain
    assert len(counted) == 1


def test_epochs_are_drawn_once_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    heard(1)
    drawn = terminal.text.count(progress.CLEAR_LINE)

    heard(50)

    assert terminal.text.count(progress.CLEAR_LINE) == 2 * drawn


def test_no_thread_draws_while_a_run_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal_of(monkeypatch)
    before = threading.active_count()

    heard(3)

    assert threading.active_count() == before


def test_before_the_first_epoch_it_says_what_the_run_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each word is drawn when what was before it ends; where nothing is new nothing is drawn."""
    terminal = terminal_of(monkeypatch)
    shown = progress.Progress(plan(CAMPAIGN), [], MACHINE.id)
    shown.begins(plan(CAMPAIGN)[0])
    assert "in cpu  round 1/1  starting  0:00 so far  1 run left" in terminal.plain
    for event, said in (
        (Handshake(protocol=1), "checking the data"),
        (described(), "importing TensorFlow"),
        (Phase(name="imports", seconds=1.0), ""),
        (Seen(seen=seen()), "loading the data"),
        (Phase(name="data", seconds=1.0), "building the model"),
        (Phase(name="build", seconds=1.0), ""),
        (Staged(stage=stage()), "first epoch, tracing too"),
        (Epoch(epoch=epoch(0)), ""),
        (Phase(name="fit", seconds=1.0), "grading"),
        (Scored(result=Result(metric=0.9, score=5)), "reading the input alone"),
    ):
        terminal.text = ""
        shown.on_event(event)
        assert said in terminal.plain
        assert bool(terminal.text) == bool(said)


def test_without_a_terminal_there_is_a_line_a_run_and_nothing_else(capsys) -> None:
    heard(2).ends(record())

    assert capsys.readouterr().err == "[1/1] round 1/1 · fashion in cpu: ok, score 5, 7.0 s\n"


def test_at_60_columns_the_line_of_a_run_breaks_between_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = terminal_of(monkeypatch, 60)
    shown = heard(0)
    terminal.text = ""
    words = "the worker said " * 12

    shown.ends(record(status="failed", reasons=("exception",), detail=words.strip()))

    lines = terminal.text.removeprefix(progress.CLEAR_LINE).splitlines()
    assert max(map(len, lines)) <= 60
    assert " ".join(lines) == (
        f"[1/1] round 1/1 · fashion in cpu: failed, score 5, 7.0 s (exception: {words.strip()})"
    )
