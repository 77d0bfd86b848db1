"""Every error a user can meet, each with its exit code; the message holds the next step."""


class CertbenchError(Exception):
    """Something the user can mend; the message says how."""

    exit_code = 1


class UsageError(CertbenchError):
    """Asked for something that does not exist or does not go together."""

    exit_code = 2


class EngineError(CertbenchError):
    """No engine, or the engine refused."""

    exit_code = 3


class ImageError(CertbenchError):
    """An image, or what a native run needs, is missing or cannot be built."""

    exit_code = 4


class DataError(CertbenchError):
    """Raw data cannot be had, or are not the pinned ones."""

    exit_code = 5


class GpuError(CertbenchError):
    """A GPU was asked for and there is no usable one."""

    exit_code = 6


class StoreError(CertbenchError):
    """The results folder cannot be read or written, or the disk is full."""

    exit_code = 7


class RecordError(CertbenchError):
    """A record is damaged, or newer than this program."""

    exit_code = 8


class BusyError(CertbenchError):
    """Another campaign runs on this machine."""

    exit_code = 9


class RunsFailedError(CertbenchError):
    """The campaign ended, and some of its runs did not end well."""

    exit_code = 10


class RejectedError(CertbenchError):
    """The campaign ended, and some of its runs do not count."""

    exit_code = 11


class NotReadyError(CertbenchError):
    """The doctor found what would stop a run."""

    exit_code = 12


class PriceError(CertbenchError):
    """A file of prices is missing, or an entry does not hold."""

    exit_code = 13


class ArchiveError(CertbenchError):
    """An archive is unsafe or damaged, or holds other bytes than a record that is here."""

    exit_code = 14


class FleetError(CertbenchError):
    """A machine of the fleet does not answer, or runs another program."""

    exit_code = 15


class Interrupted(CertbenchError):  # noqa: N818  a stop that was asked for is no error of the program
    """Ctrl-C, SIGTERM, or a terminal that was closed."""

    exit_code = 130


def exit_codes() -> list[tuple[int, str]]:
    """Each exit code with its meaning, for the help and docs/exit-codes.md."""
    kinds = sorted(CertbenchError.__subclasses__(), key=lambda kind: kind.exit_code)
    return [(0, "All went well."), (1, "An error without a code of its own.")] + [
        (kind.exit_code, (kind.__doc__ or "").strip()) for kind in kinds
    ]
