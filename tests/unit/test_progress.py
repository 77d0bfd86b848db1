"""The live line costs the running worker nothing: what it shows is worked out between runs."""

import sys

import pytest

from bench.campaign.plan import plan
from bench.cli import progress
from bench.contract.events import Epoch
from builders import CAMPAIGN, MACHINE, described, epoch, record


class Terminal:
    """A stderr that is a terminal and keeps what it is told."""

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


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


def test_in_a_terminal_the_epoch_is_drawn_with_the_time_to_go(
    counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "REDRAW_SECONDS", 0.0)

    heard(2)

    assert "epoch 2/2 · score 3 so far · 1 runs to go" in terminal.text
    assert len(counted) == 1
