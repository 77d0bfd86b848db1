"""Everything that charts and page tell, gathered once from records, prices and the verdict."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bench.errors import UsageError
from bench.evidence import strangers
from bench.evidence.record import Machine, Record
from bench.evidence.trust import Marks, judge_repeats
from bench.evidence.variants import natural
from bench.evidence.words import place_called
from bench.publish.groups import Group, groups
from bench.publish.machines import called
from bench.verdict.answer import Answer, answer
from bench.verdict.prices import Price, load_prices
from bench.verdict.report import JobReport
from bench.verdict.request import Request
from bench.verdict.table import home

ROW_MOST = 44


@dataclass(frozen=True, kw_only=True)
class Story:
    """`here` is the machine that the verdict is for; `unanswered` says why a task has none.

    `names` holds what each machine is called, by its id. `refused` are the sentences about files
    that could not be shown; `typed` are the options of the command that tells this story.
    """

    records: tuple[Record, ...]
    groups: tuple[Group, ...]
    marks: Marks
    here: str
    machines: tuple[Machine, ...]
    names: Mapping[str, str]
    answer: Answer | None
    unanswered: tuple[str, ...]
    prices: Mapping[str, Price]
    today: date
    refused: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()

    @property
    def own_groups(self) -> tuple[Group, ...]:
        """The groups of the machine that the verdict is for."""
        return tuple(group for group in self.groups if group.machine == self.here)

    @property
    def reports(self) -> tuple[JobReport, ...]:
        """The answers, a task each."""
        return self.answer.reports if self.answer else ()

    def label(self, group: Group) -> str:
        """What a group's environment is called, with its machine where there are several."""
        where = strangers.drawable(group.environment, 24)
        where = place_called(where, emulated=group.emulated)
        if len(self.machines) < 2:
            return where
        return f"{strangers.drawable(self.names[group.machine], 24)}: {where}"

    def given(self, machine: Machine) -> str:
        """The name that somebody gave a machine; empty where it is called by its facts."""
        name = self.names[machine.id]
        return "" if name.startswith(called(machine)) else name

    def row(self, group: Group) -> str:
        """A group's task and label, each cut where the whole would leave no room for a chart."""
        whole = f"{strangers.drawable(group.task)}, {self.label(group)}"
        if len(whole) <= ROW_MOST:
            return whole
        task, place = strangers.drawable(group.task, 12), strangers.drawable(group.environment, 14)
        if len(self.machines) > 1:
            place = f"{strangers.drawable(self.names[group.machine], 14)}: {place}"
        return strangers.drawable(f"{task}, {place}", ROW_MOST)

    def suspects(self, group: Group) -> int:
        """How many of the repeats that count are suspect."""
        return sum(record.id in self.marks for record in group.counted)

    def basis(self, group: Group) -> str:
        """How its numbers look: measured or emulated, and suspect where every repeat is."""
        every = bool(group.counted) and self.suspects(group) == len(group.counted)
        if group.emulated:
            return "suspect emulated" if every else "emulated"
        return "suspect" if every else "measured"


def build_report(  # noqa: PLR0913  what is told of, and five things that a user may say about it
    records: Sequence[Record],
    machine: str,
    today: date,
    *,
    names: Mapping[str, str] | None = None,
    prices: Mapping[str, Price] | None = None,
    refused: Sequence[str] = (),
    typed: Sequence[str] = (),
    request: Request | None = None,
) -> Story:
    """The story of these records, for `machine` or, where it has none, the newest record's.

    `request` is what is asked beside the records; its day is `today`.

    Raises UsageError where there is no record, or a name is given to a machine that has none.
    """
    here = home(records, machine)
    known = load_prices() if prices is None else prices
    found = tuple(
        sorted(groups(records), key=lambda g: (g.category, natural(g.task), g.machine != here))
    )
    machines = tuple({r.machine.id: r.machine for r in records}.values())
    told, unanswered = _answer(records, here, known, replace(request or Request(), today=today))
    return Story(
        records=tuple(records),
        groups=found,
        marks=judge_repeats(records),
        here=here,
        machines=tuple(sorted(machines, key=lambda m: (m.id != here, m.id))),
        names=_names(machines, names or {}),
        answer=told,
        unanswered=tuple(unanswered),
        prices=known,
        today=today,
        refused=tuple(refused),
        typed=tuple(typed),
    )


def _names(machines: Sequence[Machine], given: Mapping[str, str]) -> dict[str, str]:
    """Each machine's given name, or its facts, with its id where two are called the same."""
    known = {machine.id for machine in machines}
    older = {machine.id_v1: machine.id for machine in machines if machine.id_v1}
    given = {older.get(key, key): text for key, text in given.items()}
    unknown = sorted(given.keys() - known)
    if unknown:
        raise UsageError(
            f"--name {unknown[0]}: no record is of that machine; there are: "
            f"{', '.join(sorted(known))}"
        )
    names = {m.id: strangers.name(given.get(m.id) or called(m)) for m in machines}
    counts = Counter(names.values())
    return {
        key: text
        if counts[text] == 1
        else f"{strangers.clean(text, 11)} {strangers.clean(key, 12)}"
        for key, text in names.items()
    }


def _answer(
    records: Sequence[Record], here: str, prices: Mapping[str, Price], request: Request
) -> tuple[Answer | None, list[str]]:
    """The answer over all tasks that can be answered, and why the others cannot."""
    try:
        found = answer(records, here, prices, request)
    except UsageError as error:
        return None, [strangers.clean(str(error), 300)]
    return found, [strangers.clean(why, 300) for why in found.unanswered]
