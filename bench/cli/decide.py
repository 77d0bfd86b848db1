"""`certbench decide`: here or in the cloud, in time and in money."""

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from bench.cli.options import as_json, format_option, results_option, say
from bench.cli.prices import prices_option
from bench.errors import UsageError

if TYPE_CHECKING:
    from bench.verdict.jobs import TrainingJob
    from bench.verdict.options import Scenario, Wishes
    from bench.verdict.overview import Overview

DURATION = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|d)")
UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@click.command("decide")
@click.option("--task", metavar="T", help="One task of the records. Default: each of them.")
@click.option("--epochs", type=float, metavar="N", help="Default: those the task was run with.")
@click.option("--runs-per-week", type=float, metavar="R", help="Default: this job once.")
@click.option("--months", type=float, metavar="M", help="Over which costs are added up.")
@click.option("--deadline", metavar="5h", help="A job must end within it: 90s, 30m, 5h, 2d.")
@click.option(
    "--option",
    "names",
    multiple=True,
    metavar="NAME",
    help="Only these, what is assumed, and here.",
)
@click.option(
    "--assume", multiple=True, metavar="NAME=9x", help="Or NAME=4x-12x, or NAME=[MACHINE:]ENV."
)
@click.option("--epoch-seconds", type=float, metavar="S", help="A model never run here: its epoch.")
@click.option("--session-start", metavar="2m", help="Of a cloud, until one is measured.")
@click.option("--idle", metavar="10m", help="A rented session is paid for so long after each job.")
@click.option("--published", is_flag=True, help="Use published speeds beside measured clouds.")
@click.option("--restarts", is_flag=True, help="Checkpoints carry a job over the session cap.")
@click.option("--local", metavar="E", help="Which environment is 'here'. Default: cpu.")
@click.option("--attempts", type=int, default=2, show_default=True, help="Exam day: of each task.")
@click.option(
    "--thinking", type=float, default=10, show_default=True, metavar="MINUTES",
    help="Exam day: per attempt.",
)  # fmt: skip
@click.option("--campaign", metavar="ID", help="Only the records of this campaign.")
@prices_option
@results_option
@format_option
def decide_command(own: Path | None, results: Path, form: str, **wishes: Any) -> None:
    """Decide between this machine and the cloud, from records and dated prices.

    The first line is the verdict. Then, for each job: seconds and dollars of each option, from how
    many epochs on another is faster, how fast a cloud would have to be, and where each number
    comes from: measured, published or assumed. Answers on day one, from local records alone.
    """
    from bench.cli.verdict_data import as_data
    from bench.cli.verdict_text import show_overview
    from bench.verdict.prices import load_prices

    prices = load_prices(own)
    answer = _answer(results, prices, wishes)
    if form == "json":
        as_json(as_data(answer))
    else:
        show_overview(answer, one=bool(wishes["task"] or wishes["epoch_seconds"]))


def _answer(results: Path, prices: Any, wishes: dict[str, Any]) -> "Overview":
    from bench.verdict.options import Scenario
    from bench.verdict.overview import overview
    from bench.verdict.published import load_speeds

    asked = _wishes(wishes)
    jobs = _jobs(results, prices, wishes)
    settings = [
        Scenario(job=job, prices=prices, speeds=load_speeds(), wishes=asked) for job in jobs
    ]
    reports = [_report(setting, wishes) for setting in settings]
    return overview(reports, jobs, wishes["attempts"], wishes["thinking"])


def _report(setting: "Scenario", wishes: dict[str, Any]) -> Any:
    from bench.verdict.decide import Workload, check_numbers
    from bench.verdict.report import job_report, use_of

    epochs = setting.job.epochs if wishes["epochs"] is None else wishes["epochs"]
    if epochs is None:
        raise UsageError("--epoch-seconds needs --epochs: how many will your job have?")
    if math.isfinite(epochs) and epochs != round(epochs):
        raise UsageError(f"--epochs is {epochs:g}: a whole number")
    workload = Workload(
        epochs=epochs,
        use=use_of(setting, wishes["runs_per_week"], wishes["months"]),
        deadline_seconds=_duration("--deadline", wishes["deadline"]),
        restarts=wishes["restarts"],
        memory_gib=setting.job.memory_gib,
        gpu_memory_gib=setting.job.gpu_memory_gib,
        idle_seconds=_duration("--idle", wishes["idle"]) or 0.0,
    )
    check_numbers(workload)
    return job_report(setting, workload)


def _jobs(results: Path, prices: Any, wishes: dict[str, Any]) -> "list[TrainingJob]":
    from bench.campaign.machine import this_machine
    from bench.evidence.store import Store
    from bench.verdict.jobs import own_job, task_job, tasks_of
    from bench.verdict.table import home, of_campaign

    records = of_campaign(Store(results).load_all(), wishes["campaign"])
    if wishes["epoch_seconds"] is not None:
        _check_own(wishes)
        machine = home(records, this_machine().id) if records else ""
        return [own_job(records, machine, wishes["epoch_seconds"], prices)]
    machine = home(records, this_machine().id)
    if machine != this_machine().id:
        say(f"This machine has no records: those of {machine} are used.")
    tasks = [wishes["task"]] if wishes["task"] else tasks_of(records, machine)
    if not tasks:
        raise UsageError("no measured run here yet: `certbench run --env cpu` makes some")
    return [task_job(records, machine, task, prices, wishes["local"]) for task in tasks]


def _check_own(wishes: dict[str, Any]) -> None:
    """Raise UsageError for what says nothing of a job that was never run."""
    if wishes["task"]:
        raise UsageError("say --task or --epoch-seconds, not both: which job is it?")
    if wishes["local"]:
        raise UsageError("--local chooses among records, and your job has none: leave it out")
    if wishes["published"]:
        raise UsageError(
            "published speeds are those of the exam's tasks: say how fast it is for your job, "
            "--assume colab-t4=10x-35x"
        )


def _wishes(wishes: dict[str, Any]) -> "Wishes":
    from bench.verdict.options import Wishes

    pairs = [_pair(text) for text in wishes["assume"]]
    assume = dict(pairs)
    if len(assume) < len(pairs):
        raise UsageError("--assume names an option twice: which of the two is it?")
    return Wishes(
        names=tuple(dict.fromkeys(wishes["names"])),
        assume=assume,
        session_start=_duration("--session-start", wishes["session_start"]),
        published=wishes["published"],
        local=wishes["local"],
    )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise UsageError(f"--assume {text}: say NAME=9x, for example colab-t4=9x")
    return name, value


def _duration(option: str, text: str | None) -> float | None:
    """Seconds of `5h` and the like. Raises UsageError for a number without its unit."""
    if text is None:
        return None
    found = DURATION.fullmatch(text)
    if not found:
        raise UsageError(f"{option} {text}: say a number and its unit, 90s, 30m, 5h or 2d")
    return float(found[1]) * UNIT_SECONDS[found[2]]
