"""The native engine: the worker in this Python interpreter, as a process of its own."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from bench.campaign.brought import Brought
from bench.campaign.checks import Check, tried
from bench.campaign.data import data_home
from bench.campaign.engines import Finish, Freed, Launch, OnLine, Ready, Say
from bench.campaign.engines.ending import end
from bench.campaign.engines.lines import FirstLine, Lines, Tail, limited
from bench.campaign.engines.native.gpu import check_system, require_gpu
from bench.campaign.engines.native.installed import home, installed
from bench.campaign.engines.native.orphans import refuse_orphans
from bench.campaign.environments import Environment
from bench.campaign.packages import Packages
from bench.campaign.script_options import keeping_folder
from bench.campaign.sources import ROOT
from bench.contract.order import encode_order
from bench.contract.packages import FOLDERS
from bench.errors import EngineError, ImageError
from bench.evidence.record import Ending, EnvironmentFacts, LimitsAsked, Session
from bench.evidence.strangers import brief

PIPE_SECONDS = 2.0  # for what is left in the pipes of a worker that has ended
PIECE_BYTES = 1 << 16
OLDEST, NEWEST = (3, 11), (3, 13)
SPOKEN = {"tensorflow": "TensorFlow", "jax": "JAX"}
NOT_ISOLATED = "native runs isolate nothing: no limits, open network, warm page cache"


class NativeEngine:
    """This interpreter. It can isolate nothing: no limits, no closed network, no fresh machine."""

    data_here = True

    def __init__(self, sessions: Mapping[str, Session] | None = None) -> None:
        """`sessions` is what a rented machine that this interpreter runs on took, by task."""
        self._sessions = sessions or {}

    @classmethod
    def check(cls, environment: Environment) -> list[Check]:
        """Interpreter and TensorFlow, the GPU that was asked for, and what cannot be isolated."""
        gpu = ", and it sees a GPU" if environment.on_gpu else ""
        found = f"Python and TensorFlow are here{gpu}"
        return [
            tried("interpreter", lambda: cls().ready(environment, 1.0) and found),
            Check(name="isolation", level="warn", text=cls.lacks(), advice="--env cpu isolates"),
        ]

    @classmethod
    def reclaim(cls, say: Say) -> None:
        """Nothing is rented."""

    @classmethod
    def clean(cls) -> Freed:
        """What was installed for users' files; what `build` installed is the interpreter's."""
        shutil.rmtree(home(), ignore_errors=True)
        return Freed()

    @classmethod
    def lacks(cls) -> str:
        """What a native run lacks, and whether anybody here has made one on this system."""
        system = platform.system()
        unseen = "" if system == "Linux" else f"; nobody here has run one on {system}"
        return NOT_ISOLATED + unseen

    def ready(self, environment: Environment, seconds: float) -> Ready:
        """Check that this interpreter can train; a TensorFlow that is here is good enough."""
        if importlib.util.find_spec("tensorflow") is None:
            check_python()
            if environment.on_gpu:
                check_system()
            raise ImageError(
                f"TensorFlow is not installed here: `certbench build --env {environment.name}`"
            )
        if environment.backend != "tensorflow":
            _check_backend(environment)
        elif environment.on_gpu:
            require_gpu()
        return Ready(
            environment=environment,
            facts=EnvironmentFacts(
                name=environment.name,
                engine="native",
                emulated=environment.emulated,
                isolated=False,
                rented=environment.rented,
                accelerator=environment.accelerator,
                image=None,
                image_digest=None,
                engine_version=None,
                accelerator_request=None,
            ),
            limits=LimitsAsked(
                cpuset=None, processor_quota=None, memory_bytes=None, seconds=seconds
            ),
        )

    def build(self, environment: Environment, say: Say) -> None:
        """Install the pinned framework into this virtual environment."""
        check_python()
        if environment.on_gpu:
            check_system()
        if sys.prefix == sys.base_prefix:
            raise ImageError(
                "will not install into the system's Python: install certbench with pipx, or in a "
                "clone with `make setup`"
            )
        say(f"installing the pinned {SPOKEN[environment.backend]} into {sys.prefix}")
        if environment.on_gpu and environment.backend == "tensorflow":
            pip("uninstall", "--yes", "tensorflow-cpu")  # both wheels hold the same files
        pinned = ROOT / "requirements" / _requirements(environment)
        pip("install", "--require-hashes", "-r", str(pinned))
        importlib.invalidate_caches()

    def add_packages(self, ready: Ready, packages: Packages, say: Say) -> Ready:
        """A virtual environment of its own beside this one, which it leaves as it is."""
        return replace(ready, packages=installed(packages, say))

    def check_own(self, ready: Ready, paths: Sequence[Path], brings: Brought) -> None:
        """What this process can read its worker can."""

    def run(self, launch: Launch, on_line: OnLine) -> Finish:
        """Run a worker as a process group of its own and end the group, whatever happens."""
        clock = FirstLine(on_line)
        process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            command(launch),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=ROOT,
            env=environ(launch.ready.packages),
            start_new_session=True,
        )
        clock.begun = time.perf_counter()
        try:
            return replace(_watch(process, launch, clock), session=self._sessions.get(launch.task))
        finally:
            end(process)

    def sweep(self) -> int:
        """A worker whose command was killed ends by itself at its next word: nothing to remove.

        Raises BusyError where a container that lost its engine trains beside us.
        """
        refuse_orphans()
        return 0

    def close(self) -> None:
        """Nothing is kept between runs."""


def _check_backend(environment: Environment) -> None:
    """Raise ImageError where the backend is not here; whether it sees a GPU the worker says."""
    if importlib.util.find_spec(environment.backend) is None:
        raise ImageError(
            f"{SPOKEN[environment.backend]} is not installed here: `certbench build --env "
            f"{environment.name} --backend {environment.backend}`"
        )


def _requirements(environment: Environment) -> str:
    further = [] if environment.backend == "tensorflow" else [environment.backend]
    return "-".join(["worker", *further, *["gpu"] * environment.on_gpu]) + ".txt"


def command(launch: Launch) -> list[str]:
    """The worker's command line in this interpreter."""
    own = str(launch.own.resolve()) if launch.own else None
    places = {each.inside: str(each.outside) for each in launch.brings.data}
    kept = keeping_folder(launch.script, launch.run_id)
    order = encode_order(launch.order(own, str(data_home()), places, str(kept) if kept else None))
    return [sys.executable, "-m", "bench.worker", order]


def environ(packages: Path | None = None) -> dict[str, str]:
    """The worker finds its own code first, also where Python leaves the working folder out.

    `packages` is the folder of those that were installed for the user's file.
    """
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": path, FOLDERS: str(packages or "")}


def pip(*arguments: str) -> None:
    """Call pip for this interpreter. Raises ImageError with its last words."""
    if importlib.util.find_spec("pip") is None:
        raise ImageError(
            f"{sys.executable} has no pip: `{sys.executable} -m ensurepip`, or install certbench "
            "with pipx"
        )
    words = [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise ImageError(f"the framework cannot be installed: {brief(done.stderr[-300:], 300)}")


def check_python(version: tuple[int, ...] = sys.version_info[:2]) -> None:
    """Raise EngineError outside the versions that the pinned TensorFlow has wheels for."""
    if not OLDEST <= version <= NEWEST:
        raise EngineError(
            f"native runs need Python 3.11 to 3.13, this is {'.'.join(map(str, version))}: "
            "`pipx install --python python3.13 certbench`, in a clone `make setup "
            "PYTHON=python3.13`, or use --env cpu"
        )


def _watch(process: subprocess.Popen[bytes], launch: Launch, clock: FirstLine) -> Finish:
    out, err = Lines(clock), Tail()
    with limited(launch.ready.limits.seconds, lambda: end(process)) as timed_out:
        for piece in _spoken(process, err):
            out.feed(piece)
        code = process.wait()
    return Finish(
        ending=Ending(
            exit_code=128 - code if code < 0 else code,
            oom_killed=False,
            timed_out=timed_out.is_set(),
            stderr_tail=err.lines(),
        ),
        start_seconds=clock.seconds,
    )


def _spoken(process: subprocess.Popen[bytes], err: Tail) -> Iterator[bytes]:
    """The pieces of its stdout until it has ended, whoever else holds the pipe's other end then.

    A process that the worker left behind may hold both pipes for ever: once the worker is gone,
    what it started is ended, and what is in the pipes is all there is.
    """
    assert process.stdout is not None
    assert process.stderr is not None
    heard: SimpleQueue[bytes | None] = SimpleQueue()
    readers = (_reading(process.stdout, heard.put), _reading(process.stderr, err.feed))

    def reap() -> None:
        process.wait()
        end(process)
        for reader in readers:
            reader.join(PIPE_SECONDS)
        heard.put(None)

    threading.Thread(target=reap, daemon=True).start()
    yield from iter(heard.get, None)


def _reading(pipe: IO[bytes], take: Callable[[bytes], None]) -> threading.Thread:
    """A thread that hands on the pieces of a pipe and closes it at its end."""

    def read() -> None:
        with pipe, suppress(OSError):
            while piece := os.read(pipe.fileno(), PIECE_BYTES):
                take(piece)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread
