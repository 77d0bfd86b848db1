"""`--repeats auto` goes on until each median epoch is known to within 3 %."""

import msgspec
import pytest

from bench.verdict.precision import imprecise, precise
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


def test_it_is_said_which_task_is_not_known_well_enough() -> None:
    rounds = [
        record(
            id=f"{name}{number}",
            round=number,
            task=msgspec.structs.replace(record().task, name=name, fingerprint=name * 8),
            epochs=(epoch(0), epoch(1, 1.0 + wobble * number)),
        )
        for name, wobble in (("calm", 0.0), ("wild", 0.5))
        for number in range(1, 7)
    ]

    assert imprecise(rounds) == ("wild in cpu",)
