"""What the harness costs: each task in its container against plain Keras, in turn.

`make overhead [PAIRS=6] [TASKS="line fashion"] [FORMAT=json]`. The plain side is `plain.py` in an
environment of its own with the very libraries of the image (Keras imports pandas where there is
one, which alone took a second and a half), on Python 3.13 where that is here. The other side is a
run as `certbench run --env cpu` makes it.

Two things are measured, each in so many pairs. A **steady epoch**: both sides live at once and take
turns epoch by epoch (`paced.py`), so that a machine of two speeds is slow for both; what counts is
the median of the ratios of adjacent epochs. The seconds **until the first epoch has ended** and the
**whole run**: the two follow each other, the order changes from pair to pair, and the seconds count
from the start of the process or container, with all that the harness does in between, its own
checks too.

The harness's whole run ends at its last reading, after the evaluation, as the plain script does.
Not in it is what comes then and is in no total: the look at where the weights lie, the pass over
the pipeline alone, and the removal of the container. Which runs of the harness were disturbed is
told on stderr.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from paced import Harness, Plain, in_turn

import tasks
from bench.campaign.data import data_home, prepare_missing
from bench.campaign.environments import environment
from bench.campaign.lock import machine_lock
from bench.campaign.machine import this_machine
from bench.campaign.plan import plan
from bench.campaign.runner import Job, Started, run_campaign
from bench.campaign.setup import known_tasks, new_campaign, open_environment
from bench.contract.events import Event
from bench.errors import CertbenchError, ImageError, UsageError
from bench.evidence.derive import in_order
from bench.evidence.record import Record
from bench.evidence.store import Store
from bench.evidence.strangers import brief
from bench.evidence.summaries import sentences
from bench.verdict.statistics import Estimate, compare, estimate

PLAIN = Path(__file__).with_name("plain.py")
ROOT = PLAIN.parents[1]
PLAIN_HOME = ROOT / "build/plain"
STEADY = "steady_epoch_ratio"
GOALS = {STEADY: 1.02, "first_epoch_ratio": 1.15, "total_ratio": 1.10}
PARTS = ("steady", "whole")
Figures = dict[str, float]


class Quiet:
    """A listener that says nothing."""

    def begins(self, run: object) -> None:
        """Nothing."""

    def on_event(self, event: Event) -> None:
        """Nothing."""

    def ends(self, record: Record) -> None:
        """Nothing."""


def plain_python() -> Path:
    """The interpreter of the plain side; its environment is made where it is not there yet."""
    python = PLAIN_HOME / "bin/python"
    if not python.exists():
        base = base_python()
        say(f"making {PLAIN_HOME.relative_to(ROOT)} with {base}")
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        pinned = ["--require-hashes", "-r", str(ROOT / "requirements/worker.txt")]
        for command in (
            [base, "-m", "venv", str(PLAIN_HOME)],
            [*pip, *pinned],
            [*pip, f"psutil=={version('psutil')}"],
        ):
            _made(command)
    return python


def base_python() -> str:
    """The Python that was asked for, else 3.13, else this one. What is found may yet not run.

    A version manager's shim stands on the PATH for every version that it knows, here or not.
    """
    asked = os.environ.get("PLAIN_PYTHON")
    found = shutil.which(asked or "python3.13")
    if found and _runs(found):
        return found
    if asked:
        raise UsageError(f"PLAIN_PYTHON={asked} does not run: name a Python that does")
    return sys.executable


def _runs(program: str) -> bool:
    command = [program, "-c", "import venv, ensurepip"]
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603  a Python that was asked for
            command, capture_output=True, timeout=60, check=False
        )
        return done.returncode == 0
    return False


def _made(command: Sequence[str]) -> None:
    """Do a step of making the environment; where it fails, nothing half made is left."""
    try:
        subprocess.run(command, check=True)  # noqa: S603  our own commands
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(PLAIN_HOME, ignore_errors=True)
        raise ImageError(f"the plain side cannot be made: {brief(error)}") from error


def plain_command(python: Path, name: str, seed: int) -> list[str]:
    return [str(python), str(PLAIN), name, "--seed", str(seed), "--data", str(data_home())]


def plain_world() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


def plain(python: Path, name: str, seed: int) -> Figures:
    done = subprocess.run(  # noqa: S603
        plain_command(python, name, seed),
        capture_output=True,
        text=True,
        check=False,
        env=plain_world(),
    )
    if done.returncode:
        raise ImageError(f"the plain side failed: {brief(done.stderr.strip()[-300:], 300)}")
    told = json.loads(done.stdout.splitlines()[-1])
    return figures(told["ends"], told["total"])


def harness(started: Started, name: str, seed: int, kept: list[Record]) -> Figures:
    """The figures of one run; its record is kept, to be judged together with the others."""
    campaign = new_campaign(
        [started.ready.environment.name], [name], rounds=1, seed=seed, epochs=None
    )
    job = Job(
        campaign=campaign,
        machine=this_machine(),
        runs=plan(campaign),
        environments={started.ready.environment.name: started},
    )
    with tempfile.TemporaryDirectory() as folder:
        [record] = run_campaign(job, Store(Path(folder)), Quiet())
    if record.status != "ok" or record.phases.start is None:
        sys.exit(f"{record.id}: {record.status}, {record.detail}")
    kept.append(record)
    start = record.phases.start
    end = max(reading.at_seconds for reading in record.readings)
    return figures([start + epoch.ended_seconds for epoch in in_order(record)], start + end)


def figures(ends: Sequence[float], total: float) -> Figures:
    """The two figures of a run from the seconds at which its epochs ended."""
    return {"first_epoch_ratio": ends[0], "total_ratio": total}


def steady(name: str, pairs: int, started: Started, python: Path) -> dict[str, Estimate]:
    """Adjacent epochs of all pairs."""
    ratios: list[float] = []
    for pair in range(1, pairs + 1):
        with tempfile.TemporaryDirectory() as text:
            folder = Path(text)
            folder.chmod(0o755)
            sides = (
                Harness(started, name, pair, folder),
                Plain(plain_command(python, name, pair), folder / "plain", plain_world()),
            )
            ratios += in_turn(*sides, tasks.named(name).epochs, first=pair)
        say(f"{name}: steady epochs, pair {pair} of {pairs}")
    return {STEADY: estimate(ratios)}


def whole(
    name: str, pairs: int, started: Started, python: Path, kept: list[Record]
) -> dict[str, Estimate]:
    """First epoch and whole run, one side after the other."""
    sides: list[Callable[[int], Figures]] = [
        lambda seed: harness(started, name, seed, kept),
        lambda seed: plain(python, name, seed),
    ]
    found: list[dict[int, Figures]] = [{}, {}]
    for pair in range(1, pairs + 1):
        for side in (0, 1) if pair % 2 else (1, 0):
            found[side][pair] = sides[side](pair)
        say(f"{name}: whole runs, pair {pair} of {pairs}")
    return {
        goal: compare(*({p: f[goal] for p, f in side.items()} for side in found)).ratio
        for goal in GOALS
        if goal != STEADY
    }


def as_json(measured: Mapping[str, Mapping[str, Estimate]]) -> str:
    tasks_json = {
        name: {
            goal: {"median": ratio.middle, "low": ratio.low, "high": ratio.high}
            for goal, ratio in goals.items()
        }
        for name, goals in measured.items()
    }
    return json.dumps({"tasks": tasks_json}, indent=2)


def as_table(measured: Mapping[str, Mapping[str, Estimate]]) -> str:
    lines = [
        "| task | steady epoch | first epoch ended | whole run |",
        "|---|---|---|---|",
    ]
    for name, goals in measured.items():
        cells = [
            _cell(goals[goal], limit) if goal in goals else "" for goal, limit in GOALS.items()
        ]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(ratio: Estimate, limit: float) -> str:
    above = " above its goal" if ratio.middle > limit else ""
    return f"{ratio.middle:.3f} ({ratio.low:.3f} to {ratio.high:.3f}, {ratio.interval}){above}"


def marked(records: Sequence[Record]) -> str:
    """Why runs of the harness are suspect, a line a reason; a ratio of such runs is worth less."""
    said = sentences(records)
    return "\n".join(["suspect:", *said]) if said else "no run of the harness is suspect"


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def say(line: str) -> None:
    print(line, file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", help="default: all")
    parser.add_argument("--pairs", type=positive, default=6, help="a number from 1")
    parser.add_argument("--part", choices=PARTS, action="append", help="default: both")
    parser.add_argument("--format", choices=["table", "json"], default="table")
    wanted = parser.parse_args()
    kept: list[Record] = []
    parts = wanted.part or PARTS
    try:
        names = known_tasks(wanted.tasks or tasks.names())
        prepare_missing(names, say)
        started = open_environment(environment("cpu"), names, 1800.0, say)
        python = plain_python()
        with machine_lock():
            measured = {
                name: {
                    **(steady(name, wanted.pairs, started, python) if "steady" in parts else {}),
                    **(
                        whole(name, wanted.pairs, started, python, kept) if "whole" in parts else {}
                    ),
                }
                for name in names
            }
    except CertbenchError as error:
        sys.exit(f"overhead: {error}")
    print(as_json(measured) if wanted.format == "json" else as_table(measured))
    if kept:
        say(marked(kept))


if __name__ == "__main__":
    main()
