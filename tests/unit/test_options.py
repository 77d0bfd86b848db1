"""Options become one frozen value, whose defaults stand once."""

from dataclasses import fields

import pytest
from click.testing import CliRunner

from bench.cli import certbench, decide, run
from bench.cli.decide import Duration, decide_command
from bench.cli.run import Asked, run_command
from bench.errors import UsageError
from bench.verdict.request import Request

NOT_TYPED = {"today"}
SHOWN = {"own", "results", "form", "campaign", "sources", "details"}


def test_every_field_of_a_request_has_its_option() -> None:
    options = {parameter.name for parameter in decide_command.params}

    assert options - SHOWN == {field.name for field in fields(Request)} - NOT_TYPED


def test_every_option_of_run_has_its_field() -> None:
    options = {parameter.name for parameter in run_command.params}

    assert options - {"results", "form"} == {field.name for field in fields(Asked)}


def test_what_is_not_typed_keeps_the_requests_own_defaults(monkeypatch) -> None:
    asked: list[Request] = []
    monkeypatch.setattr(decide, "_records", lambda *_: ())
    monkeypatch.setattr("bench.verdict.answer.answer", lambda *given: asked.append(given[-1]) or 1)
    monkeypatch.setattr(decide, "_say_whose", lambda _: None)
    monkeypatch.setattr("bench.cli.verdict_text.show_answer", lambda *_, **__: None)

    command = ["decide", "--deadline", "90m", "--rate", "EUR=1.08", "--assume", "colab-t4=9x"]
    CliRunner().invoke(certbench, command, catch_exceptions=False)

    stated = Request(deadline_seconds=5400.0, rates={"EUR": 1.08}, assume={"colab-t4": "9x"})
    assert asked == [stated]


def test_run_hands_on_what_was_typed(monkeypatch) -> None:
    asked: list[Asked] = []
    monkeypatch.setattr(run, "_request", asked.append)
    monkeypatch.setattr(run, "_campaign", lambda *_: (None, ()))
    monkeypatch.setattr(run, "_finish", lambda *_: None)

    command = ["run", "--task", "line", "--task", "fashion", "--repeats", "auto", "--seed", "7"]
    CliRunner().invoke(certbench, command, catch_exceptions=False)

    assert asked == [Asked(wanted=("line", "fashion"), rounds="auto", seed=7)]


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("1.5m", 90), ("5h", 18_000), ("2d", 172_800)]
)
def test_a_duration_has_its_unit(text: str, seconds: float) -> None:
    assert Duration("--idle").convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["90", "-1h", "1,5h", "h", "nan", "1w"])
def test_a_duration_without_its_unit_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--idle .*: say a number and its unit"):
        Duration("--idle").convert(text, None, None)
