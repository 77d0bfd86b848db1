"""What the harness costs: each task in its container against plain Keras, in turn.

`make overhead [PAIRS=6] [TASKS="line fashion"] [FORMAT=json]`. The plain side is `plain.py` in an
environment of its own with the very libraries of the image (Keras imports pandas where there is
one, which alone took a second and a half), on Python 3.13 where that is here. The other side is a
run as `certbench run --env cpu` makes it. Within a pair the two
follow each other directly, and the order changes from pair to pair. Compared are a steady epoch
(from the end of one epoch to the end of the next), the seconds until the first epoch has ended, and
the whole run, all counted from the start of the process or container and with all that the harness
does in between, its own checks too.

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
from itertools import pairwise
from pathlib import Path
from statistics import median

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
from bench.verdict.statistics import Comparison, compare

PLAIN = Path(__file__).with_name("plain.py")
ROOT = PLAIN.parents[1]
PLAIN_HOME = ROOT / "build/plain"
GOALS = {"steady_epoch_ratio": 1.02, "first_epoch_ratio": 1.15, "total_ratio": 1.10}
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


def plain(python: Path, name: str, seed: int) -> Figures:
    command = [str(python), str(PLAIN), name, "--seed", str(seed), "--data", str(data_home())]
    done = subprocess.run(  # noqa: S603
        command,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
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
    """The three figures of a run from the seconds at which its epochs ended."""
    steady = median(after - before for before, after in pairwise(ends))
    return {"steady_epoch_ratio": steady, "first_epoch_ratio": ends[0], "total_ratio": total}


def measure(
    name: str, pairs: int, started: Started, python: Path, kept: list[Record]
) -> dict[str, Comparison]:
    sides: list[Callable[[int], Figures]] = [
        lambda seed: harness(started, name, seed, kept),
        lambda seed: plain(python, name, seed),
    ]
    found: list[dict[int, Figures]] = [{}, {}]
    for pair in range(1, pairs + 1):
        for side in (0, 1) if pair % 2 else (1, 0):
            found[side][pair] = sides[side](pair)
        print(f"{name}: pair {pair} of {pairs}", file=sys.stderr)
    return {
        goal: compare(*({p: f[goal] for p, f in side.items()} for side in found)) for goal in GOALS
    }


def as_json(measured: Mapping[str, Mapping[str, Comparison]]) -> str:
    tasks_json = {
        name: {
            goal: {"median": c.ratio.middle, "low": c.ratio.low, "high": c.ratio.high}
            for goal, c in goals.items()
        }
        for name, goals in measured.items()
    }
    return json.dumps({"tasks": tasks_json}, indent=2)


def as_table(measured: Mapping[str, Mapping[str, Comparison]]) -> str:
    lines = [
        "| task | steady epoch | first epoch ended | whole run | interval |",
        "|---|---|---|---|---|",
    ]
    for name, goals in measured.items():
        cells = [
            f"{c.ratio.middle:.3f} ({c.ratio.low:.3f} to {c.ratio.high:.3f})"
            + (" above its goal" if c.ratio.middle > GOALS[goal] else "")
            for goal, c in goals.items()
        ]
        interval = next(iter(goals.values())).ratio.interval
        lines.append(f"| `{name}` | {' | '.join(cells)} | {interval} |")
    return "\n".join(lines)


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
    parser.add_argument("--format", choices=["table", "json"], default="table")
    wanted = parser.parse_args()
    kept: list[Record] = []
    try:
        names = known_tasks(wanted.tasks or tasks.names())
        prepare_missing(names, say)
        started = open_environment(environment("cpu"), names, 1800.0, say)
        python = plain_python()
        with machine_lock():
            measured = {name: measure(name, wanted.pairs, started, python, kept) for name in names}
    except CertbenchError as error:
        sys.exit(f"overhead: {error}")
    print(as_json(measured) if wanted.format == "json" else as_table(measured))
    say(marked(kept))


if __name__ == "__main__":
    main()
