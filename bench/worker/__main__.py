"""The worker's command line: `python -m bench.worker fashion --seed 7`.

Keeps the real stdout for events and points descriptor 1 at stderr before anything heavy is
imported, so that no library's chatter can break the wire.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from bench.contract.events import PROTOCOL, Failed, Hello, encode

STARTED = time.perf_counter()
FAILED = 1


def main() -> int:
    """Train one task and say what happened."""
    wanted = _parser().parse_args()
    wire = _take_stdout()

    def emit(event: object) -> None:
        os.write(wire, encode(event))  # type: ignore[arg-type]

    emit(Hello(protocol=PROTOCOL))
    from bench.contract.events import Counters
    from bench.worker.checks import Stop
    from bench.worker.counters import Reader
    from bench.worker.train import Order, train

    try:
        train(Order(**vars(wanted)), emit, started=STARTED)
    except Stop as stop:
        emit(Failed(code=stop.code, message=str(stop)))
        return FAILED
    except Exception as error:
        if wanted.gpu:  # where the GPU was taken away, this is the reading that says so
            emit(Counters(reading=Reader(started=STARTED, gpu=True).read("failure")))
        emit(Failed(code="exception", message=_one_line(error)))
        raise
    return 0


def _take_stdout() -> int:
    wire = os.dup(1)
    os.dup2(2, 1)
    return wire


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:500]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.worker", description=__doc__)
    parser.add_argument("task", help="a task's name, or a .py file of your own")
    parser.add_argument("--seed", type=int, default=1, help="seed of weights and of shuffling")
    parser.add_argument("--epochs", type=int, help="instead of the task's own number")
    parser.add_argument("--gpu", action="store_true", help="stop unless a GPU does the work")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("CERTBENCH_DATA", "/opt/certbench/data")),
        help="folder that holds one prepared folder a task",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
