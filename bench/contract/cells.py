"""A notebook as a worker gets it: its code cells in their order, as plain Python."""

import msgspec
from msgspec import Struct

SUFFIX = ".cells"  # of the file that holds them; its stem is the notebook's
UPLOADED = (
    "files.upload asks for files in a browser: bring them with --data "
    "PATH:WHERE-THE-NOTEBOOK-LOOKS and take the line out"
)


class Cell(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One code cell. `number` counts the code cells of the notebook from 1, the empty ones too."""

    number: int
    code: str

    @property
    def place(self) -> str:
        """What tracebacks call its file."""
        return f"<cell {self.number}>"


class Cells(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that runs of a notebook, and the name of its file."""

    notebook: str
    cells: tuple[Cell, ...]


_decoder = msgspec.json.Decoder(Cells)


def encode_cells(cells: Cells) -> bytes:
    """The cells as JSON."""
    return msgspec.json.encode(cells)


def decode_cells(content: bytes) -> Cells:
    """The cells in JSON. Raises `msgspec.MsgspecError` where it holds none."""
    return _decoder.decode(content)
