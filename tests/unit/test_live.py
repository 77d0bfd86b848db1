"""The live line keeps what matters most at any width, and cuts no word."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bench.cli.live import View, bar, clock, left_spoken, live_line, sampled, sparkline

FASHION = View(
    number=3,
    runs=30,
    round=1,
    rounds=6,
    task="fashion",
    environment="cpu",
    doing="",
    epoch=5,
    epochs=10,
    epoch_seconds=1.324,
    losses=[0.9, 0.6, 0.5, 0.45, 0.412],
    score=3,
    elapsed_seconds=72.0,
    left_seconds=734.0,
    runs_left=28,
)


def test_140_columns_show_all() -> None:
    assert live_line(FASHION, 140).plain == (
        "[3/30]  fashion  in cpu  round 1/6  ━━━━────  epoch 5/10  1.32 s/epoch  "
        "loss █▄▂▂▁ 0.412  score 3  1:12 so far  ~12 min left"
    )


def test_80_columns_keep_bar_and_elapsed() -> None:
    assert live_line(FASHION, 80).plain == (
        "[3/30]  fashion  ━━━━────  epoch 5/10  1.32 s/epoch  1:12 so far  ~12 min left"
    )


def test_60_columns_keep_the_pace_and_the_time_that_is_left() -> None:
    assert live_line(FASHION, 60).plain == (
        "[3/30]  fashion  epoch 5/10  1.32 s/epoch  ~12 min left"
    )


@given(
    columns=st.integers(20, 200),
    task=st.text("fashion_=[]0123", min_size=1, max_size=60),
    doing=st.sampled_from(["", "importing TensorFlow", "first epoch, tracing too"]),
    epochs=st.sampled_from([None, 1, 10, 300]),
    seconds=st.sampled_from([None, 0.05, 1.3, 4000.0]),
)
def test_no_line_fills_the_terminal_and_whole_parts_go(columns, task, doing, epochs, seconds):
    view = replace(FASHION, task=task, doing=doing, epochs=epochs, epoch_seconds=seconds)
    line, whole = live_line(view, columns).plain, live_line(view, 10_000).plain

    assert cell_len(line) < columns
    assert all(part in whole for part in line.split("  "))
    if seconds is not None and columns >= 40:
        assert "s/epoch" in line
        assert line.endswith("~12 min left")


def test_what_it_does_stands_where_no_epoch_has_ended() -> None:
    view = replace(
        FASHION, doing="importing TensorFlow", epoch=0, epoch_seconds=None, losses=[], score=None
    )

    assert "importing TensorFlow" in live_line(view, 60).plain
    assert "epoch" not in live_line(view, 140).plain


@pytest.mark.parametrize(
    ("done", "of", "drawn"),
    [(0, 10, "────────"), (5, 10, "━━━━────"), (10, 10, "━━━━━━━━"), (12, 10, "━━━━━━━━")],
)
def test_the_bar_fills(done: int, of: int, drawn: str) -> None:
    assert bar(done, of) == drawn


def test_there_is_no_bar_where_the_whole_is_not_known() -> None:
    assert bar(3, None) == ""


def test_a_sparkline_has_its_ends_at_the_lowest_and_the_highest() -> None:
    assert sparkline([0.0, 7.0, 1.0, None, float("nan")]) == "▁█▂"
    assert sparkline([1.0]) == ""
    assert sparkline([2.0, 2.0]) == "▁▁"


def test_many_losses_are_drawn_by_a_few_with_the_first_and_the_newest() -> None:
    assert sampled([float(n) for n in range(300)]) == [0, 43, 85, 128, 171, 214, 256, 299]
    assert sampled([1.0, None]) == [1.0, None]


def test_time_is_said_as_a_clock_says_it() -> None:
    assert [clock(s) for s in (7.9, 723, 3723)] == ["0:07", "12:03", "1:02:03"]


def test_where_nobody_knows_the_time_the_runs_are_counted() -> None:
    assert left_spoken(None, 1) == "1 run left"
    assert left_spoken(0.0, 1) == "~1 s left"
