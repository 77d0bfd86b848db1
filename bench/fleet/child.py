"""The process around one machine's part: waits for its turn, runs the command, keeps how it ended.

    python -m bench.fleet.child FOLDER run …

It replaces nothing of `certbench run`; entries on one host take turns by a lock of the host.
"""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

from bench.campaign.lock import lock_path

PROGRAM = "from bench.cli import main; main()"


def main(place: Path, words: list[str]) -> None:
    """Run the command once it is this entry's turn; a stop reaches it too."""
    (place / "pid").write_text(f"{os.getpid()}\n")
    turn = lock_path().with_name(f"{lock_path().name}.fleet")
    with turn.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [sys.executable, "-c", PROGRAM, *words]
        # the descriptor of run.lock goes on to it: killed alone, this process leaves a living run
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, close_fds=False) as run:  # noqa: S603
            signal.signal(signal.SIGTERM, lambda *_: None)  # the run gets it too: one group
            code = run.wait()
    (place / "exit").write_text(f"{128 - code if code < 0 else code}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
