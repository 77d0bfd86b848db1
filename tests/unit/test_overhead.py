"""What `make overhead` says before, and beside, its table."""

import sys
from pathlib import Path

import pytest

from builders import epoch, record

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import overhead


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "no task is called 'nothing'"),
        (["--pairs", "0"], "invalid positive value: '0'"),
        (["--pairs", "many"], "invalid positive value: 'many'"),
    ],
)
def test_what_cannot_be_measured_is_one_line(
    monkeypatch, capsys, arguments: list[str], message: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["overhead", *arguments])

    with pytest.raises(SystemExit) as caught:
        overhead.main()

    said = capsys.readouterr().err + str(caught.value.code)
    assert message in said
    assert "Traceback" not in said


def test_disturbed_runs_are_told_beside_the_table() -> None:
    runs = [
        record(id=str(n), round=n + 1, epochs=(epoch(0), epoch(1, seconds)))
        for n, seconds in enumerate((1, 1, 9, 9))
    ]

    assert "in two modes" in overhead.marked(runs)
    assert overhead.marked(runs[:1]) == "no run of the harness is suspect"
