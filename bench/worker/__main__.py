"""The worker's command line: `python -m bench.worker '{"name": "fashion", "seed": 7}'`.

The only argument is an order (`bench.contract.order`). Keeps the real stdout for events and points
descriptor 1 at stderr before anything heavy is imported, so that no library's chatter can break the
wire.
"""

import os
import sys
import time

import msgspec

from bench.contract.events import PROTOCOL, Failed, Handshake, encode
from bench.contract.order import Order, decode_order

STARTED = time.perf_counter()
FAILED, REFUSED = 1, 2


def main() -> int:
    """Train what was ordered and say what happened."""
    order = _order(sys.argv[1:])
    if order is None:
        return REFUSED
    wire = _take_stdout()

    def emit(event: object) -> None:
        os.write(wire, encode(event))  # type: ignore[arg-type]

    emit(Handshake(protocol=PROTOCOL))
    from bench.contract.events import Counters
    from bench.worker.checks import Stop, code_of
    from bench.worker.counters import Reader

    if order.source != "task":
        from bench.worker.packages import use_packages

        use_packages()
    if order.source == "script":  # whose own modules may be called like ours
        from bench.worker.script import run_script as work
    else:
        from bench.worker.train import train as work

    try:
        work(order, emit, started=STARTED)
    except Stop as stop:
        emit(Failed(code=stop.code, message=str(stop)))
        return FAILED
    except Exception as error:
        if order.accelerator == "gpu":  # where it was taken away, this is the reading that says so
            emit(Counters(reading=Reader(started=STARTED, gpu=True).read("failure")))
        emit(Failed(code=code_of(error), message=_one_line(error)))
        raise
    return 0


def _order(arguments: list[str]) -> Order | None:
    """The order in the only argument; None, and a line on stderr, where there is none."""
    try:
        [text] = arguments
        order = decode_order(text)
    except (ValueError, msgspec.MsgspecError) as error:
        print(f"expected one order in JSON: {error}", file=sys.stderr)  # noqa: T201
        return None
    if order.protocol != PROTOCOL:
        print(f"order of protocol {order.protocol}, this worker speaks {PROTOCOL}", file=sys.stderr)  # noqa: T201
        return None
    if order.file is None:
        return order
    return msgspec.structs.replace(order, file=os.path.abspath(order.file))  # noqa: PTH100  pathlib is heavy


def _take_stdout() -> int:
    wire = os.dup(1)
    os.dup2(2, 1)
    return wire


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:500]


if __name__ == "__main__":
    sys.exit(main())
