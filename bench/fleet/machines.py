"""The user's list of machines: a TOML table an entry, each reached in exactly one way."""

import re
from pathlib import Path

import msgspec

from bench.campaign.environments import environment
from bench.errors import UsageError

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")  # no dot: it stands between entry and environment


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One machine. `ssh` is a host as OpenSSH knows it, `certbench` the program's path there.

    `price` is the name of its entry among the prices.
    """

    here: bool = False
    ssh: str | None = None
    environments: tuple[str, ...] = ("cpu",)
    price: str | None = None
    certbench: str = "certbench"


def load_machines(path: Path, only: tuple[str, ...] = ()) -> dict[str, Entry]:
    """The entries by name, all or `only` some. Raises UsageError for what does not hold."""
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=dict[str, Entry])
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror}): see docs/fleet.md, or --machines FILE"
        ) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} does not hold: {error}; see docs/fleet.md") from error
    for name, entry in found.items():
        _check(path, name, entry)
    if absent := set(only) - found.keys():
        raise UsageError(f"{path} has no {min(absent)}; there are: {', '.join(found)}")
    chosen = {name: entry for name, entry in found.items() if name in only or not only}
    if not chosen:
        raise UsageError(f"{path} names no machine: see docs/fleet.md")
    return chosen


def _check(path: Path, name: str, entry: Entry) -> None:
    """Raise UsageError for a name that cannot stand in a run id, or no way or two to a machine."""
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{path}: {name!r} is no name: at most 32 small letters, digits, - and _, no dot"
        )
    if entry.here == (entry.ssh is not None):
        raise UsageError(f'{path}: [{name}] needs one way: here = true, or ssh = "me@host"')
    if entry.ssh is not None and (not entry.ssh.strip() or entry.ssh.startswith("-")):
        raise UsageError(f"{path}: [{name}] ssh = {entry.ssh!r} is no host")
    if not entry.environments:
        raise UsageError(f"{path}: [{name}] has no environments")
    for wanted in entry.environments:
        environment(wanted)
