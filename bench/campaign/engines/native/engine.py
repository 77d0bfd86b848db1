"""The native engine: the worker in this Python interpreter, as a process of its own."""

import importlib.util
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from bench.campaign.checks import Check, tried
from bench.campaign.data import data_home
from bench.campaign.engines import Finish, Launch, OnLine, Ready, Say
from bench.campaign.engines.docker.image import ROOT
from bench.campaign.engines.lines import FirstLine, Lines, Tail, limited
from bench.campaign.engines.native.gpu import check_system, require_gpu
from bench.campaign.environments import Environment
from bench.contract.order import encode_order
from bench.errors import EngineError, ImageError
from bench.evidence.record import Ending, EnvironmentFacts, LimitsAsked, Session

OLDEST, NEWEST = (3, 11), (3, 13)
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
            Check(name="isolation", level="warn", text=not_isolated(), advice="--env cpu isolates"),
        ]

    @classmethod
    def reclaim(cls, say: Say) -> None:
        """Nothing is rented."""

    def ready(self, environment: Environment, seconds: float) -> Ready:
        """Check that this interpreter can train; a TensorFlow that is here is good enough."""
        if importlib.util.find_spec("tensorflow") is None:
            check_python()
            if environment.on_gpu:
                check_system()
            raise ImageError(
                f"TensorFlow is not installed here: `certbench build --env {environment.name}`"
            )
        if environment.on_gpu:
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
        """Install the pinned TensorFlow into this virtual environment."""
        check_python()
        if environment.on_gpu:
            check_system()
        if sys.prefix == sys.base_prefix:
            raise ImageError(
                "will not install into the system's Python: `make setup` makes a .venv"
            )
        say(f"installing the pinned TensorFlow into {sys.prefix}")
        if environment.on_gpu:
            pip("uninstall", "--yes", "tensorflow-cpu")  # both wheels hold the same files
        pinned = ROOT / "requirements" / ("worker-gpu.txt" if environment.on_gpu else "worker.txt")
        pip("install", "--require-hashes", "-r", str(pinned))
        importlib.invalidate_caches()

    def run(self, launch: Launch, on_line: OnLine) -> Finish:
        """Run a worker as a process group of its own and end the group, whatever happens."""
        clock = FirstLine(on_line)
        process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            command(launch),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            start_new_session=True,
        )
        clock.begun = time.perf_counter()
        try:
            return replace(_watch(process, launch, clock), session=self._sessions.get(launch.task))
        finally:
            end(process)

    def sweep(self) -> int:
        """A worker whose command was killed ends by itself at its next word: nothing to remove."""
        return 0

    def close(self) -> None:
        """Nothing is kept between runs."""


def not_isolated() -> str:
    """What a native run lacks, and whether anybody here has made one on this system."""
    system = platform.system()
    return NOT_ISOLATED + ("" if system == "Linux" else f"; nobody here has run one on {system}")


def command(launch: Launch) -> list[str]:
    """The worker's command line in this interpreter."""
    own = str(launch.own.resolve()) if launch.own else None
    places = (
        {each.inside: str(each.outside) for each in launch.script.data} if launch.script else {}
    )
    order = encode_order(launch.order(own, str(data_home()), places))
    return [sys.executable, "-m", "bench.worker", order]


def pip(*arguments: str) -> None:
    """Call pip for this interpreter. Raises ImageError with its last words."""
    words = [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise ImageError(f"TensorFlow cannot be installed: {done.stderr.strip()[-300:]}")


def check_python(version: tuple[int, ...] = sys.version_info[:2]) -> None:
    """Raise EngineError outside the versions that the pinned TensorFlow has wheels for."""
    if not OLDEST <= version <= NEWEST:
        raise EngineError(
            f"native runs need Python 3.11 to 3.13, this is {'.'.join(map(str, version))}: "
            "`make setup PYTHON=python3.13`, or use --env cpu"
        )


def _watch(process: subprocess.Popen[bytes], launch: Launch, clock: FirstLine) -> Finish:
    out, err = Lines(clock), Tail()
    limit = limited(launch.ready.limits.seconds, lambda: end(process))
    with process, _drained(process, err), limit as timed_out:
        assert process.stdout is not None
        for line in process.stdout:
            out.feed(line)
        code = process.wait()
    out.end()
    return Finish(
        ending=Ending(
            exit_code=128 - code if code < 0 else code,
            oom_killed=False,
            timed_out=timed_out.is_set(),
            stderr_tail=err.lines(),
        ),
        start_seconds=clock.seconds,
    )


@contextmanager
def _drained(process: subprocess.Popen[bytes], tail: Tail) -> Iterator[None]:
    """Read stderr in a thread of its own; the worker is ended first, so that the thread ends."""
    drain = threading.Thread(target=_drain, args=(process, tail), daemon=True)
    drain.start()
    try:
        yield
    finally:
        end(process)
        drain.join()


def _drain(process: subprocess.Popen[bytes], tail: Tail) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        tail.feed(line)


def end(process: subprocess.Popen[bytes]) -> None:
    """End the worker and everything it started; a no-op where it has ended."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
