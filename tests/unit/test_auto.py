"""`--repeats auto`: from 6 rounds up to 20, and what was not reached is said once."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from bench.campaign import job as jobs
from bench.campaign.engines import Finish, Launch
from bench.campaign.job import MOST_ROUNDS, Request, prepare_job
from bench.campaign.plan import missing, plan
from bench.campaign.runner import Job, Started
from bench.cli import certbench
from bench.cli.run import run_job
from bench.contract.events import PROTOCOL, Failed, Handshake
from bench.evidence.store import Store
from builders import CAMPAIGN, MACHINE, WELL, FakeEngine, Silent, environment, epoch, story


class Wobbly(FakeEngine):
    """Each run's epochs take longer than those of the run before."""

    def run(self, launch: Launch, on_line) -> Finish:
        self.events = story(epoch(0), epoch(1, 1.0 + 0.3 * launch.seed))
        return super().run(launch, on_line)


def broken() -> FakeEngine:
    said = Failed(code="exception", message="no")
    return FakeEngine(
        [Handshake(protocol=PROTOCOL), said], msgspec.structs.replace(WELL, exit_code=1)
    )


def auto(engine: FakeEngine, store: Store) -> Job:
    campaign = msgspec.structs.replace(CAMPAIGN, rounds=MOST_ROUNDS, auto=True)
    ready = engine.ready(environment(), 60.0)
    return Job(
        campaign=campaign,
        machine=MACHINE,
        runs=missing(plan(campaign), store.load_all()),
        environments={"cpu": Started(engine=engine, ready=ready)},
        known=store.load_all(),
    )


@pytest.mark.parametrize(
    ("engine", "rounds", "said"),
    [
        (FakeEngine(), 6, ""),
        (Wobbly(), 20, "not reached after 20 rounds: fashion in cpu\n"),
        (
            broken(),
            6,
            "not reached after 6 rounds: fashion in cpu (no round counts: failed: exception)\n",
        ),
    ],
)
def test_it_ends_where_more_rounds_teach_nothing_and_says_once_what_is_not_known(
    tmp_path: Path, capsys, engine: FakeEngine, rounds: int, said: str
) -> None:
    store = Store(tmp_path)

    run_job(auto(engine, store), store, Silent())

    assert len(engine.launched) == rounds
    assert capsys.readouterr().err == said


def test_a_campaign_that_knows_enough_runs_nothing_more_when_it_is_taken_up(tmp_path: Path) -> None:
    store, engine = Store(tmp_path), FakeEngine()
    run_job(auto(engine, store), store, Silent())

    again = FakeEngine()
    run_job(auto(again, store), store, Silent())

    assert again.launched == []


def test_a_campaign_that_is_taken_up_goes_on_ending_by_itself(tmp_path: Path, monkeypatch) -> None:
    """Also one that was told so only when it was taken up the first time."""
    store, engine = Store(tmp_path), FakeEngine()
    first = auto(engine, store)
    run_job(cut_short(first, rounds=1), store, Silent())
    monkeypatch.setattr(jobs, "this_machine", lambda: MACHINE)
    monkeypatch.setattr(jobs, "open_environments", lambda *_: first.environments)

    taken = prepare_job(Request(resume=True), store, print)

    assert (taken.campaign.auto, taken.campaign.rounds, len(taken.runs)) == (True, 20, 19)


def cut_short(job: Job, *, rounds: int) -> Job:
    """The job cut short after so many rounds."""
    return Job(
        campaign=job.campaign,
        machine=job.machine,
        runs=job.runs[:rounds],
        environments=job.environments,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--repeats", "autos"], "'autos' is not a number from 1 to 99, or auto"),
        (["--repeats", "0"], "'0' is not a number from 1 to 99, or auto"),
        (["--repeats", "auto", "--epochs", "1"], "needs two epochs or more"),
    ],
)
def test_repeats_that_cannot_be_are_refused(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(certbench, ["run", *arguments])

    assert done.exit_code != 0
    assert message in " ".join((done.output + str(done.exception)).replace("│", " ").split())


def test_no_round_reads_the_store(tmp_path: Path, monkeypatch) -> None:
    """It is read once, when the campaign is prepared: a store may hold many thousands."""
    store = Store(tmp_path)
    planned = auto(FakeEngine(), store)
    read: list[Path] = []
    monkeypatch.setattr(Store, "load", lambda _, path: read.append(path))

    records = run_job(planned, store, Silent())

    assert (len(records), read) == (6, [])
