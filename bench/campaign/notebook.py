"""A campaign on the very machine that this Python runs on: what the notebook calls.

On Colab it finds out by itself which machine it was given, so that no tier is typed by hand. It
needs nothing of the command line, so that Colab's own packages can stay as they are.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

import tasks
from bench.campaign.data import data_home
from bench.campaign.engines import Say
from bench.campaign.engines.registry import engine_here
from bench.campaign.environments import ENVIRONMENTS, Environment, environment, place_of
from bench.campaign.machine import gpu_names, has_tpu, this_machine
from bench.campaign.plan import Run, plan
from bench.campaign.runner import Job, Started
from bench.campaign.script import NO_LIMIT, UserScript
from bench.campaign.setup import known_tasks, new_campaign
from bench.campaign.sources import ROOT
from bench.contract.events import Event
from bench.contract.gpus import names
from bench.contract.task import Source
from bench.errors import DataError, GpuError
from bench.evidence.derive import total_seconds
from bench.evidence.record import Record, Session
from bench.evidence.variants import called, variant_name

COLAB_TAG = "COLAB_RELEASE_TAG"
RUN_SECONDS = 1800.0


def runtime(release: str | None, gpus: Sequence[str], *, tpu: bool = False) -> Environment:
    """The environment that this machine is: `native`, or on Colab the one of its accelerator.

    `release` is Colab's release tag. Raises GpuError for a GPU that no environment is named after.
    """
    if release is None:
        return environment("native")
    native = environment("native").engine
    if tpu and not gpus:
        return replace(environment("colab-tpu"), engine=native)
    for entry in ENVIRONMENTS:
        request = entry.accelerator_request
        fits = any(names(request, gpu) for gpu in gpus) if request else not gpus
        if entry.rented and fits:
            return replace(entry, engine=native)
    raise GpuError(
        f"this Colab machine has a {', '.join(gpus)}, which no environment is named after: choose "
        "T4, L4, A100 or none under Runtime, Change runtime type"
    )


def prepare(name: str, say: Say) -> float:
    """Prepare a task's data, in a process of its own; the seconds it took."""
    begun, source = time.perf_counter(), tasks.named(name).source
    if source:
        _install_package(source, say)
    _call([sys.executable, "-m", "tasks", str(data_home()), name])
    seconds = time.perf_counter() - begun
    say(f"{name}: data are ready after {seconds:.0f} s")
    return seconds


def _install_package(source: Source, say: Say) -> None:
    """The Debian package with the raw files; Ubuntu, and so Colab, has it too."""
    if not (Path("/") / source.folder).is_dir():
        say(f"installing {source.package}")
        _call(["apt-get", "-qq", "update"])
        _call(["apt-get", "-qq", "install", "--yes", "--no-install-recommends", source.package])


def _call(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603  fixed programs
            command, cwd=ROOT, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise DataError(f"{command[0]} is not here: `certbench data` knows other ways") from error
    if done.returncode:
        raise DataError(f"{' '.join(command[:4])} failed: {done.stderr.strip()[-300:]}")


def job_here(  # noqa: PLR0913, PLR0917  the notebook says what each is
    wanted: Sequence[str],
    rounds: int,
    epochs: int | None,
    session: Session,
    say: Say,
    script: UserScript | None = None,
) -> Job:
    """A campaign of these tasks, or of a script, on this machine, with the tasks' data prepared.

    `session` is what is known of the machine's rent; where none is paid, it is kept in no record.
    """
    entry = runtime(os.environ.get(COLAB_TAG), gpu_names(), tpu=has_tpu())
    wanted = (script.file.stem,) if script else known_tasks(wanted)
    for note in script.notes if script else ():
        say(note)
    seconds = {} if script else {name: prepare(name, say) for name in wanted}
    sessions = {
        name: msgspec.structs.replace(session, data_seconds=seconds.get(name)) for name in wanted
    }
    engine = engine_here(sessions if entry.rented else {})
    variants = [variant_name(name, {"backend": entry.backend}) for name in wanted]
    campaign = new_campaign([entry.name], variants, rounds=rounds, seed=1, epochs=epochs)
    ready = engine.ready(entry, NO_LIMIT if script else RUN_SECONDS)
    started = Started(engine=engine, ready=ready)
    return Job(
        campaign=campaign,
        machine=this_machine(),
        runs=plan(campaign, (script.file,) if script else ()),
        script=script,
        environments={place_of(entry.name, entry.backend): started},
    )


class PlainProgress:
    """A `Listener` that says a line a run."""

    def __init__(self, runs: int, say: Say) -> None:
        """`runs` is how many there will be."""
        self._runs, self._say, self._begun = runs, say, 0

    def begins(self, run: Run) -> None:
        """Count."""
        self._begun += 1

    def on_event(self, event: Event) -> None:
        """Stay quiet while a run is timed."""

    def ends(self, record: Record) -> None:
        """Name the run and how it ended."""
        score = f"score {record.result.score}" if record.result else "no score"
        total = total_seconds(record)
        seconds = "cut short" if total is None else f"{total:.1f} s"
        why = f" ({record.detail})" if record.detail else ""
        self._say(
            f"[{self._begun}/{self._runs}] round {record.round}, {called(record)}: "
            f"{record.status}, {score}, {seconds}{why}"
        )
