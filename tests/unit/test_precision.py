"""`--repeats auto` goes on until each median epoch is known to within 3 %."""

import msgspec
import pytest

from bench.evidence.record import Record
from bench.verdict.precision import enough, precise, unknown
from builders import epoch, record


@pytest.mark.parametrize(
    ("seconds", "enough"),
    [
        ([1.0] * 5, False),
        ([1.0] * 6, True),
        ([1.0, 1.01, 0.99, 1.0, 1.01, 0.99], True),
        ([1.0, 1.3, 0.8, 1.0, 1.2, 0.9], False),
        ([0.65, 1.3] * 5, False),
    ],
)
def test_six_rounds_that_agree_are_enough(seconds: list[float], *, enough: bool) -> None:
    assert precise(seconds) == enough


def rounds(name: str, number: int, wobble: float = 0.0, **changes: object) -> list[Record]:
    return [
        record(
            id=f"{name}{index}",
            round=index,
            task=msgspec.structs.replace(record().task, name=name, fingerprint=name * 8),
            **{"epochs": (epoch(0), epoch(1, 1.0 + wobble * index))} | changes,
        )
        for index in range(1, number + 1)
    ]


BROKEN = {"status": "failed", "reasons": ("exception",), "epochs": ()}


@pytest.mark.parametrize(
    ("records", "left", "done"),
    [
        (rounds("calm", 6), (), True),
        (rounds("calm", 5), ("calm in cpu",), False),
        (rounds("calm", 6, wobble=0.5), ("calm in cpu",), False),
        ([], ("calm in cpu (no round counts)",), False),
        (rounds("calm", 5, **BROKEN), ("calm in cpu (no round counts: failed: exception)",), False),
        (rounds("calm", 6, **BROKEN), ("calm in cpu (no round counts: failed: exception)",), True),
        (rounds("calm", 6, epochs=(epoch(0),)), ("calm in cpu (no round counts)",), True),
    ],
)
def test_a_planned_pair_is_known_or_named(
    records: list[Record], left: tuple[str, ...], *, done: bool
) -> None:
    """Six rounds that gave nothing end a campaign too: fourteen more would give nothing either."""
    planned = [("calm", "cpu")]

    assert unknown(records, planned) == left
    assert enough(records, planned) == done


def test_what_was_planned_and_never_ran_is_not_known() -> None:
    planned = [("calm", "cpu"), ("calm", "gpu"), ("wild", "cpu")]

    assert not enough(rounds("calm", 6), planned)
    assert len(unknown(rounds("calm", 6), planned)) == 2
