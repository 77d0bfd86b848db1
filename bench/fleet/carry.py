"""One campaign over all machines: started, followed and collected, each by a thread of its own."""

import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench import __version__
from bench.errors import CertbenchError, FleetError
from bench.evidence.store import Store
from bench.evidence.transfer import import_records
from bench.fleet.links import Link
from bench.fleet.machines import Entry
from bench.fleet.order import Answer, Order, source_digest

OnText = Callable[[str, str], None]
WELL = (0, 10, 11)  # the command's own exits after a campaign that ended
Step = Callable[[str, Entry], Answer]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How it stands with one machine; `error` is one line with the next step."""

    name: str
    answer: Answer | None = None
    error: CertbenchError | None = None

    @property
    def ended(self) -> bool:
        """Whether its part of the campaign ended by itself, with its records here."""
        return self.answer is not None and self.answer.exit_code in WELL


def on_each(machines: Mapping[str, Entry], step: Step) -> tuple[Outcome, ...]:
    """Do a step on every machine at once; one that fails takes no other with it."""

    def tried(name: str) -> Outcome:
        try:
            return Outcome(name=name, answer=step(name, machines[name]))
        except CertbenchError as error:
            return Outcome(name=name, error=error)

    with ThreadPoolExecutor(max_workers=len(machines)) as threads:
        return tuple(threads.map(tried, machines))


def check(name: str, entry: Entry) -> Answer:
    """Whether the machine answers and runs this very program. Raises FleetError."""
    with Link(name, entry) as link:
        return same_program(link)


def same_program(link: Link) -> Answer:
    """What the machine says of its program. Raises FleetError for another than ours."""
    there = link.ask(Order(verb="about"))
    if (there.version, there.digest) != (__version__, source_digest()):
        raise FleetError(
            f"{link.name}: another program is there (certbench {there.version[:20]}, sources "
            f"{there.digest[:8]}; here {__version__}, {source_digest()[:8]}): "
            "install this one there"
        )
    return there


def once(verb: Order) -> Step:
    """A step that asks one thing about the campaign of `verb`."""

    def step(name: str, entry: Entry) -> Answer:
        from msgspec.structs import replace

        with Link(name, entry) as link:
            return link.ask(replace(verb, entry=name))

    return step


def carried(campaign: str, words: tuple[str, ...], store: Store, on_text: OnText) -> Step:
    """A step that runs a machine's part to its end and takes its records in.

    A part that runs already is followed, one that was cut short goes on with what is missing.
    """

    def step(name: str, entry: Entry) -> Answer:
        places = [word for place in entry.environments for word in ("--env", place)]
        start = Order(verb="start", campaign=campaign, entry=name, words=(*places, *words))
        with Link(name, entry) as link:
            same_program(link)
            found = link.ask(start)
            while found.state == "running" or found.text:
                on_text(name, found.text)
                follow = Order(verb="follow", campaign=campaign, entry=name, offset=found.offset)
                found = link.ask(follow)
            last = link.ask(Order(verb="fetch", campaign=campaign, entry=name, offset=found.offset))
        take_in(last, store)
        return last

    return step


def take_in(answer: Answer, store: Store) -> tuple[str, ...]:
    """Import the records of an answer by the rules of `import`; the ids of those that are new."""
    if answer.archive is None:
        return ()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "records.zip"
        path.write_bytes(answer.archive)
        return import_records([path], store).added
