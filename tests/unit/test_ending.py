"""A campaign ends with its answer, one table and what to type next; round one has a first one."""

from pathlib import Path

import msgspec

from bench.campaign.plan import plan
from bench.campaign.runner import Job
from bench.cli.ending import Provisional, lines_of, next_steps, show_ending
from bench.evidence.record import Record
from builders import CAMPAIGN, MACHINE, Silent, record
from verdict_builders import run


def job(*, rounds: int, known: tuple[Record, ...] = ()) -> Job:
    campaign = msgspec.structs.replace(CAMPAIGN, rounds=rounds)
    return Job(
        campaign=campaign, machine=MACHINE, runs=plan(campaign), environments={}, known=known
    )


def ran(rounds: int, epoch_seconds: float = 2.0) -> tuple[Record, ...]:
    """Records of `fashion` in cpu: epochs of 2 s, 10 s of all else."""
    return tuple(
        msgspec.structs.replace(run("cpu", number, epoch_seconds), campaign=CAMPAIGN)
        for number in range(1, rounds + 1)
    )


def test_the_first_round_of_several_brings_a_provisional_answer(capsys) -> None:
    told = Provisional(Silent(), job(rounds=3))

    for record_ in ran(3):
        told.ends(record_)

    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("Provisional, after round 1: STAY on this machine for fashion")


def test_a_single_round_is_the_last_one_and_says_nothing_before(capsys) -> None:
    told = Provisional(Silent(), job(rounds=1))

    told.ends(ran(1)[0])

    assert capsys.readouterr().err == ""


def test_the_end_is_the_answer_then_the_table_then_the_next_steps(capsys) -> None:
    show_ending(job(rounds=3), ran(3), Path("results"))

    text = capsys.readouterr().out
    places = [
        text.index(part) for part in ("STAY on", "Seconds and scores", "next:", "certbench d")
    ]
    assert places == sorted(places)
    assert "Where the seconds go" not in text


def test_the_answer_is_that_of_decide_with_the_records_that_were_here_before() -> None:
    """Three slow rounds of another campaign and three of this one: all six are one pool."""
    earlier = tuple(
        msgspec.structs.replace(
            r, campaign=msgspec.structs.replace(r.campaign, id="20250101T000000Z-aaaaaa")
        )
        for r in ran(3, 4.0)
    )

    alone, both = lines_of(job(rounds=3), ran(3)), lines_of(job(rounds=3, known=earlier), ran(3))

    assert any("preliminary" in line for line in alone)
    assert not any("preliminary" in line for line in both)


def test_a_month_is_said_in_money() -> None:
    """18 s of 65 W at 0.1872 a kWh, 5 times a week in 52 / 12 weeks: 0.0013 dollars."""
    lines = lines_of(job(rounds=3), ran(3))

    assert "A month of 5 jobs a week costs 0.0013 USD here, 0.00 USD with colab-free-t4." in lines


def test_where_nothing_ended_well_it_says_why_there_is_no_answer() -> None:
    failed = record(status="failed", reasons=("exception",), detail="no")

    [line] = lines_of(job(rounds=1), [failed])

    assert line.startswith("No answer yet: ")


def test_the_next_steps_name_the_folder_where_it_is_another() -> None:
    commands = [command for command, _ in next_steps(ran(3), Path("my results"))]

    assert "certbench run --resume --repeats 6 --results 'my results'" in commands
    assert "certbench explain --results 'my results'" in commands


def test_six_rounds_are_enough() -> None:
    commands = [command for command, _ in next_steps(ran(6), Path("results"))]

    assert not any("--resume" in command for command in commands)
