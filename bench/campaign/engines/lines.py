"""Streams into lines, the tail of stderr, and the limit on a run's time: shared by all engines."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.campaign.engines import STDERR_LINES, OnLine

LONGEST_LINE = 4096
LONGEST_WAIT = 1 << 20  # bytes without a line's end: hand them on rather than keep them


class Lines:
    """Reassembles pieces of a stream into whole lines and hands each on."""

    def __init__(self, on_line: OnLine) -> None:
        """Hand each line, without its end, to `on_line`."""
        self._on_line = on_line
        self._rest = b""

    def feed(self, piece: bytes) -> None:
        """Take the next piece, however it was cut."""
        *whole, self._rest = (self._rest + piece).split(b"\n")
        for line in whole:
            self._on_line(line)
        if len(self._rest) > LONGEST_WAIT:
            self.end()

    def end(self) -> None:
        """Hand on what came after the last line's end: a worker that was killed while writing."""
        if self._rest:
            self._on_line(self._rest)
            self._rest = b""


class Tail:
    """Keeps the last lines of a stream, each cut to a bearable length."""

    def __init__(self) -> None:
        """Start empty."""
        self._kept: deque[str] = deque(maxlen=STDERR_LINES)
        self._lines = Lines(self._keep)
        self.feed = self._lines.feed

    def _keep(self, line: bytes) -> None:
        self._kept.append(line.decode(errors="replace").rstrip()[:LONGEST_LINE])

    def lines(self) -> tuple[str, ...]:
        """What was kept, oldest first."""
        self._lines.end()
        return tuple(self._kept)


class FirstLine:
    """Notes when the first line came: the start of an environment ends there."""

    def __init__(self, on_line: OnLine) -> None:
        """`begun` is set at the start; each line is handed on to `on_line`."""
        self.begun = 0.0
        self.seconds: float | None = None
        self._on_line = on_line

    def __call__(self, line: bytes) -> None:
        """Take a line."""
        if self.seconds is None:
            self.seconds = time.perf_counter() - self.begun
        self._on_line(line)


@contextmanager
def limited(seconds: float, stop: Callable[[], None]) -> Iterator[threading.Event]:
    """Call `stop` after so many seconds, unless the block has ended; the event says it happened."""
    fired = threading.Event()

    def fire() -> None:
        fired.set()
        stop()

    timer = threading.Timer(seconds, fire)
    timer.daemon = True
    timer.start()
    try:
        yield fired
    finally:
        timer.cancel()
