"""Everything that charts and page tell, gathered once from records, prices and the verdict."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bench.errors import UsageError
from bench.evidence.record import Machine, Record
from bench.evidence.trust import Marks, judge_repeats
from bench.evidence.variants import called as variant_called
from bench.evidence.variants import natural
from bench.publish import words
from bench.publish.groups import Group, groups
from bench.publish.machines import called
from bench.verdict.decide import Question
from bench.verdict.jobs import Job, task_job
from bench.verdict.money import Use
from bench.verdict.options import Setting
from bench.verdict.overview import Overview, overview
from bench.verdict.prices import Price, load_prices
from bench.verdict.published import load_speeds
from bench.verdict.report import JobReport, job_report, use_of
from bench.verdict.table import home

ATTEMPTS, THINKING_MINUTES = 2, 10.0
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
    answer: Overview | None
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
        where = words.drawable(group.environment, 24)
        emulated = " (emulated)" if group.emulated else ""
        if len(self.machines) < 2:
            return where + emulated
        return f"{words.drawable(self.names[group.machine], 24)}: {where}{emulated}"

    def given(self, machine: Machine) -> str:
        """The name that somebody gave a machine; empty where it is called by its facts."""
        name = self.names[machine.id]
        return "" if name.startswith(called(machine)) else name

    def row(self, group: Group) -> str:
        """A group's task and label, each cut where the whole would leave no room for a chart."""
        whole = f"{words.drawable(group.task)}, {self.label(group)}"
        if len(whole) <= ROW_MOST:
            return whole
        task, place = words.drawable(group.task, 12), words.drawable(group.environment, 14)
        if len(self.machines) > 1:
            place = f"{words.drawable(self.names[group.machine], 14)}: {place}"
        return words.drawable(f"{task}, {place}", ROW_MOST)

    def suspects(self, group: Group) -> int:
        """How many of the repeats that count are suspect."""
        return sum(record.id in self.marks for record in group.counted)

    def footing(self, group: Group) -> str:
        """How its numbers look: measured or emulated, and suspect where every repeat is."""
        every = bool(group.counted) and self.suspects(group) == len(group.counted)
        if group.emulated:
            return "suspect emulated" if every else "emulated"
        return "suspect" if every else "measured"


def tell(  # noqa: PLR0913  what is told of, and five things that a user may say about it
    records: Sequence[Record],
    machine: str,
    today: date,
    *,
    names: Mapping[str, str] | None = None,
    prices: Mapping[str, Price] | None = None,
    refused: Sequence[str] = (),
    typed: Sequence[str] = (),
) -> Story:
    """The story of these records, for `machine` or, where it has none, the newest record's.

    Raises UsageError where there is no record, or a name is given to a machine that has none.
    """
    here = home(records, machine)
    known = load_prices() if prices is None else prices
    found = tuple(
        sorted(groups(records), key=lambda g: (g.category, natural(g.task), g.machine != here))
    )
    machines = tuple({r.machine.id: r.machine for r in records}.values())
    answer, unanswered = _answer(records, [g for g in found if g.machine == here], known)
    return Story(
        records=tuple(records),
        groups=found,
        marks=judge_repeats(records),
        here=here,
        machines=tuple(sorted(machines, key=lambda m: (m.id != here, m.id))),
        names=_names(machines, names or {}),
        answer=answer,
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
    names = {m.id: words.name(given.get(m.id) or called(m)) for m in machines}
    counts = Counter(names.values())
    return {
        key: text if counts[text] == 1 else f"{words.clean(text, 11)} {words.clean(key, 12)}"
        for key, text in names.items()
    }


def _answer(
    records: Sequence[Record], own: Sequence[Group], prices: Mapping[str, Price]
) -> tuple[Overview | None, list[str]]:
    """The overview over all tasks that can be answered, and why the others cannot."""
    jobs: list[Job] = []
    unanswered = []
    for task in dict.fromkeys(group.task for group in own):
        mine = [r for r in records if variant_called(r) == task]
        try:
            jobs.append(task_job(mine, own[0].machine, task, prices, None))
        except UsageError as error:
            unanswered.append(words.clean(str(error), 300))
    if not jobs:
        return None, unanswered
    settings = [Setting(job=job, prices=prices, speeds=load_speeds()) for job in jobs]
    reports = [job_report(setting, _question(setting)) for setting in settings]
    return overview(reports, jobs, ATTEMPTS, THINKING_MINUTES), unanswered


def _question(setting: Setting) -> Question:
    use: Use = use_of(setting, None, None)
    job = setting.job
    return Question(
        epochs=job.epochs or 1,
        use=use,
        memory_gib=job.memory_gib,
        gpu_memory_gib=job.gpu_memory_gib,
    )
