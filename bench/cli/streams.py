"""stdout and stderr that take every text, wherever they lead.

A terminal that knows only ASCII or Latin-1 gets plain signs in place of ours; a reader that went
away (`| head -1`) ends the command in silence, as with other tools; a full disk is one line.
"""

import codecs
import io
import os
import sys
import unicodedata
from typing import TextIO

from bench.errors import CertbenchError, StoreError

PLAIN = {
    "·": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "→": "->",
    "←": "<-",
    "…": "...",
    "×": "x",
    "≈": "~",
    "±": "+/-",
    "≤": "<=",
    "≥": ">=",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "µ": "u",
    "✓": "ok",
    "•": "*",
    "█": "#",
    "━": "=",
    "─": "-",
    **dict(zip("▁▂▃▄▅▆▇", "__..::=", strict=True)),
}


class ReaderLeftError(CertbenchError):
    """Whoever read our stdout has seen enough; said to nobody."""

    exit_code = 141  # what a shell shows of a tool that SIGPIPE ended: 128 + 13


def plain(error: UnicodeError) -> tuple[str, int]:
    """For what an encoding lacks: our own sign in ASCII, a letter without its accent, else `?`."""
    assert isinstance(error, UnicodeEncodeError)
    signs = error.object[error.start : error.end]
    return "".join(map(_plain_sign, signs)), error.end


def _plain_sign(sign: str) -> str:
    bare = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return PLAIN.get(sign) or bare or "?"


codecs.register_error("certbench-plain", plain)


class Stream(io.TextIOWrapper):
    """A standard stream of ours; `name` says which one in a message."""

    def __init__(self, given: TextIO, *, data: bool) -> None:
        """Take over a stream; `data` is stdout, without which a command has nothing to do.

        For the library below, ASCII is a mistake to be mended by writing UTF-8: it is told Latin-1
        and given ASCII.
        """
        self._data = data
        self._ascii = codecs.lookup(given.encoding).name == "ascii"
        lines = given.line_buffering if isinstance(given, io.TextIOWrapper) else True
        super().__init__(
            given.detach() if isinstance(given, io.TextIOWrapper) else given.buffer,
            encoding="iso8859-1" if self._ascii else given.encoding,
            errors="certbench-plain",
            line_buffering=lines,
        )

    def write(self, text: str) -> int:
        """Write it as the stream can take it."""
        if self._ascii:
            text = text.encode("ascii", "certbench-plain").decode("ascii")
        try:
            return super().write(text)
        except OSError as error:
            return self._lost(error)

    def flush(self) -> None:
        """Hand on what was written."""
        try:
            super().flush()
        except OSError as error:
            self._lost(error)

    def _lost(self, error: OSError) -> int:
        """Nothing more can be written: messages go nowhere from now on, data end the command."""
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  a device, not a path
            os.dup2(nowhere.fileno(), self.fileno())
        if not self._data:
            return 0
        if isinstance(error, BrokenPipeError):
            raise ReaderLeftError("") from error
        raise StoreError(f"the output cannot be written: {error.strerror}") from error


def take_streams() -> None:
    """Let this process's two streams take every text."""
    for name in ("stdout", "stderr"):
        given = getattr(sys, name)
        if isinstance(given, io.TextIOWrapper) and not isinstance(given, Stream):
            setattr(sys, name, Stream(given, data=name == "stdout"))
