"""On the machine that trains: starts the run as a process of its own, and answers about it.

The run outlives whoever asked for it. That it lives is seen by a lock that it inherits, and that
the system releases however it dies.
"""

import fcntl
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec
from platformdirs import user_data_path

from bench.errors import CertbenchError, UsageError
from bench.evidence.store import Store
from bench.evidence.transfer import export_records
from bench.fleet.machines import NAME
from bench.fleet.order import Answer, Order, State, source_digest

HOME = "CERTBENCH_FLEET"
CAMPAIGN = re.compile(r"[A-Za-z0-9]{1,32}(-[a-z0-9]{1,16})?")
PROGRESS_MOST = 256 << 10  # bytes of progress in one answer
LOOK_SECONDS = 2.0  # between two looks at a file's size, all that runs beside a timed epoch
FOLLOW_SECONDS = 20.0


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Answer each line until the other side is gone; no run ends with it."""
    for line in orders:
        answers.write(msgspec.json.encode(answer(line)) + b"\n")
        answers.flush()


def answer(line: bytes) -> Answer:
    """Do what an order says; every known error is an answer too."""
    try:
        order = msgspec.json.decode(line, type=Order)
        return VERBS[order.verb](order)
    except (CertbenchError, OSError) as error:
        return Answer(error=" ".join(str(error).split()))
    except msgspec.MsgspecError as error:
        return Answer(error=f"the order does not hold ({error}): update certbench there")


def folder(order: Order) -> Path:
    """Where the run of that campaign and entry lies. Raises UsageError for what is no name."""
    if not (CAMPAIGN.fullmatch(order.campaign) and NAME.fullmatch(order.entry)):
        raise UsageError("an order names no campaign: update certbench there")
    home = os.environ.get(HOME)
    whole = Path(home) if home else user_data_path("certbench") / "fleet"
    return whole / order.campaign / order.entry


def _about(_: Order) -> Answer:
    return Answer(digest=source_digest())


def _start(order: Order) -> Answer:
    """Start the run unless it lives; the same order again goes on with what is missing."""
    place = folder(order)
    place.mkdir(parents=True, exist_ok=True)
    with (place / "run.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _stand(order)
        (place / "exit").unlink(missing_ok=True)
        with (place / "progress").open("ab") as progress:
            subprocess.Popen(  # noqa: S603  our own module
                [sys.executable, "-m", "bench.fleet.child", str(place), *_words(order, place)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=progress,
                start_new_session=True,
                pass_fds=(lock.fileno(),),
            )
    return _stand(order)


def _words(order: Order, place: Path) -> list[str]:
    named = ["--entry", order.entry, "--campaign", order.campaign]
    return ["run", *order.words, *named, "--results", str(place / "results"), "--format", "json"]


def _state(place: Path) -> tuple[State, int | None]:
    if not (place / "run.lock").exists():
        return "absent", None
    with (place / "run.lock").open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return "running", None
    with suppress(FileNotFoundError, ValueError):
        return "ended", int((place / "exit").read_text())
    return "cut", None


def _stand(order: Order) -> Answer:
    """How it stands now, with the progress from `offset` on."""
    place = folder(order)
    state, code = _state(place)
    text = b""
    with suppress(FileNotFoundError), (place / "progress").open("rb") as progress:
        progress.seek(order.offset)
        text = progress.read(PROGRESS_MOST)
    known = text.decode(errors="replace")
    return Answer(state=state, exit_code=code, text=known, offset=order.offset + len(text))


def _follow(order: Order) -> Answer:
    """The same, once there is something new or a while has passed."""
    until = time.monotonic() + FOLLOW_SECONDS
    found = _stand(order)
    while found.state == "running" and not found.text and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
        found = _stand(order)
    return found


def _fetch(order: Order) -> Answer:
    """The archive of the records that are there; none where nothing has ended yet."""
    store = Store(folder(order) / "results")
    found = _stand(order)
    if not store.paths():
        return found
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "records.zip"
        export_records(store, path, lambda record: record.campaign.id == order.campaign)
        return msgspec.structs.replace(found, archive=path.read_bytes())


def _stop(order: Order) -> Answer:
    """Ask the run to stop in good order: it keeps the record of what it was doing."""
    place = folder(order)
    if _state(place)[0] == "running":
        with suppress(FileNotFoundError, ValueError, ProcessLookupError):
            os.killpg(int((place / "pid").read_text()), signal.SIGTERM)
    return _stand(order)


VERBS: dict[str, Callable[[Order], Answer]] = {
    "about": _about,
    "start": _start,
    "follow": _follow,
    "fetch": _fetch,
    "stop": _stop,
}
