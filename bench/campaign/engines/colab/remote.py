"""Runs on a rented Colab machine, in its kernel: `colab exec` sends this file as text.

So it stands alone, on the standard library: nothing of the house is there before `install` has
unpacked it. The order comes in an environment variable. The client does not tell how the code
ended, so the answer is a line of its own on stdout; a stream without one was cut off.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ORDER = "CERTBENCH_ORDER"
EVENT = "certbench> "
ANSWER = "certbench! "
ROOT = Path("certbench")
DATA = "data"
PACKAGES = "packages"
KEPT_LINES = 40
OOM_FILES = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")

Answer = dict[str, Any]


def install(*, archive: str, packages: Mapping[str, str], lacking: Mapping[str, str]) -> Answer:
    """Unpack the worker, install what is missing beside Colab's own TensorFlow, look around.

    `packages` have to be of their version; what is `lacking` is installed where there is none.
    """
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(ROOT)
    wanted = [f"{name}=={pin}" for name, pin in packages.items() if _installed(name) != pin]
    wanted += [f"{name}=={pin}" for name, pin in lacking.items() if _installed(name) is None]
    if wanted:
        _call([sys.executable, "-m", "pip", "install", "--quiet", *wanted])
    return {"gpus": _gpus()}


def data(*, task: str, package: str | None, raw: str | None) -> Answer:
    """Prepare one task's data; its raw files come with a Debian package, which Ubuntu has too."""
    if package and raw and not Path(raw).is_dir():
        _call(["apt-get", "-qq", "update"])
        _call(["apt-get", "-qq", "install", "--yes", "--no-install-recommends", package])
    _call([sys.executable, "-m", "tasks", DATA, task], ROOT)
    return {}


def own(*, archive: str, lay: Mapping[str, str]) -> Answer:
    """Unpack a user's file with what it brings; `lay` says what goes to which absolute place."""
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall()
    for place, here in lay.items():
        there = Path(place)
        if there.is_symlink():
            there.unlink()
        if there.exists():
            raise RuntimeError(f"{place} is there already: choose another place for the data")
        there.parent.mkdir(parents=True, exist_ok=True)
        there.symlink_to(Path(here).resolve())
    return {}


def packages(*, wanted: str) -> Answer:
    """Install a user's packages beside Colab's own; what pip said where it could not."""
    Path("wanted.txt").write_text(wanted, encoding="utf-8")
    done = subprocess.run(  # noqa: S603  our own module
        [sys.executable, "-m", "bench.worker.packages", f"../{PACKAGES}", "../wanted.txt"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return {"said": done.stdout.splitlines()[-KEPT_LINES:] if done.returncode else None}


def run(*, order: str, seconds: float) -> Answer:
    """Run a worker, hand on its lines, and tell how it ended; after `seconds` it is killed."""
    before, begun, late = _oom_kills(), time.perf_counter(), threading.Event()
    with (ROOT / "stderr.txt").open("w+b") as chatter:
        process = subprocess.Popen(  # noqa: S603  our own worker
            [sys.executable, "-m", "bench.worker", order],
            cwd=ROOT,
            env={**os.environ, "CERTBENCH_DATA": str(DATA)} | _packages(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=chatter,
            start_new_session=True,
        )
        timer = threading.Timer(seconds, _kill, [process, late])
        timer.start()
        try:
            start = _hand_on(process, begun)
            code = process.wait()
        finally:
            timer.cancel()
            _kill(process)
        tail = _tail(chatter)
    return {
        "start_seconds": start,
        "exit_code": 128 - code if code < 0 else code,
        "timed_out": late.is_set(),
        "oom_killed": _oom_kills() > before,
        "stderr_tail": tail,
    }


def _packages() -> dict[str, str]:
    """Where a user's own packages are; in no variable where there are none."""
    folder = Path(PACKAGES).resolve()
    return {"CERTBENCH_PACKAGES": str(folder)} if folder.is_dir() else {}


def _hand_on(process: subprocess.Popen[bytes], begun: float) -> float | None:
    """Say each line of the worker; seconds until its first."""
    first = None
    assert process.stdout is not None
    for line in process.stdout:
        first = time.perf_counter() - begun if first is None else first
        _say(EVENT + line.decode(errors="replace").rstrip("\n"))
    return first


def _kill(process: subprocess.Popen[bytes], late: threading.Event | None = None) -> None:
    if process.poll() is not None:
        return
    if late is not None:
        late.set()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _tail(file: Any) -> list[str]:
    file.seek(0)
    lines = deque(file, maxlen=KEPT_LINES)
    return [line.decode(errors="replace").rstrip()[:4096] for line in lines]


def _oom_kills() -> int:
    """How many processes the machine has killed for memory so far; 0 where it does not say."""
    found = 0
    for name in OOM_FILES:
        path = Path(name)
        with suppress(OSError, ValueError):
            pairs = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
            found += sum(int(pair[1]) for pair in pairs if pair[:1] == ["oom_kill"])
    return found


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _gpus() -> list[str]:
    """The names of the GPUs by the driver's own program; none where there is no such program."""
    query = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(  # noqa: S603  the driver's program
            query, capture_output=True, text=True, errors="replace", timeout=60, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return []
    if done.returncode:  # it is there and does not work: its sentence is no GPU's name
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


def _call(command: Sequence[str], folder: Path | None = None) -> None:
    done = subprocess.run(  # noqa: S603  fixed programs
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = " ".join((done.stderr or done.stdout).split())[-300:]
        raise RuntimeError(f"{' '.join(command[:4])} failed: {last}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Do what the order says, and answer in one line."""
    order = json.loads(os.environ[ORDER])
    steps: dict[str, Callable[..., Answer]] = {
        "install": install,
        "data": data,
        "own": own,
        "packages": packages,
        "run": run,
    }
    try:
        answer = steps[order.pop("step")](**order)
    except (RuntimeError, OSError, zipfile.BadZipFile) as error:
        answer = {"error": str(error)}
    _say(ANSWER + json.dumps(answer))


if __name__ == "__main__":
    main()
