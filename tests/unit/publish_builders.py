"""Stories for the tests of charts and page: a small campaign, and records that mean harm."""

from collections.abc import Sequence
from datetime import date

import msgspec

from bench.evidence.record import Ending, Record
from bench.publish.story import Story, build_report
from builders import CAMPAIGN, MACHINE, reading
from verdict_builders import run

TODAY = date(2026, 11, 23)
TASKS = {"line": (1, 0.6), "fashion": (2, 5.0), "solids": (3, 7.0), "glosses": (4, 5.0)}
OTHER = msgspec.structs.replace(MACHINE, id="ba9876543210", processor="Other Processor")
MARKUP = '<script>document.title="owned"</script><img src=x onerror=alert(1)>'
BIDI = "a\u202egnp.exe\u2066"
FORMULA = '=HYPERLINK("http://example.invalid","x")'


def campaign(rounds: int = 6, spread: float = 0.02) -> list[Record]:
    """Four tasks in two environments; each round is a little slower than the last."""
    return [
        _of_task(run(place, number, seconds * (1 + spread * number), task=task, category=category))
        for number in range(1, rounds + 1)
        for task, (category, seconds) in TASKS.items()
        for place in ("cpu", "colab-like")
    ]


def disturbed(records: Sequence[Record]) -> list[Record]:
    """The same runs while a hypervisor took two of ten seconds from both processors."""
    edges = (reading("start", 0.0, steal_seconds=0.0), reading("end", 10.0, steal_seconds=4.0))
    return [msgspec.structs.replace(record, readings=edges) for record in records]


def _of_task(made: Record) -> Record:
    """With a fingerprint of its task, without which all tasks would be one pool."""
    task = msgspec.structs.replace(made.task, fingerprint=made.task.name * 10)
    return msgspec.structs.replace(made, task=task)


def elsewhere(records: Sequence[Record]) -> list[Record]:
    """The same runs on another machine, under ids of their own."""
    return [
        msgspec.structs.replace(record, id=f"other-{record.id}", machine=OTHER)
        for record in records
    ]


def with_gpu(records: Sequence[Record], times: float = 3.0) -> list[Record]:
    """The runs on the processor again, so many times as fast, in `native-gpu` of one machine."""
    return [
        msgspec.structs.replace(
            record,
            id=f"gpu-{record.id}",
            environment=msgspec.structs.replace(
                record.environment, name="native-gpu", accelerator="gpu"
            ),
            epochs=tuple(
                msgspec.structs.replace(
                    epoch,
                    train_seconds=epoch.train_seconds / times,
                    validation_seconds=epoch.validation_seconds / times,
                )
                for epoch in record.epochs
            ),
            phases=msgspec.structs.replace(record.phases, start=8.0),
        )
        for record in records
        if record.environment.name == "cpu"
    ]


def long_names() -> list[Record]:
    """Two machines whose processors, tasks and environments have endless names."""
    replace = msgspec.structs.replace
    return [
        replace(
            record,
            machine=replace(record.machine, processor="Endless Processor Name " * 20),
            task=replace(record.task, name=f"{record.task.name}-{'endless' * 50}"),
            environment=replace(record.environment, name=record.environment.name + "-endless" * 50),
        )
        for record in [*campaign(2), *elsewhere(campaign(2))]
    ]


def hostile() -> Record:
    """A record whose every free text means harm."""
    bad = run("cpu", 7, 5.0)
    replace = msgspec.structs.replace
    return replace(
        bad,
        id="hostile",
        status="failed",
        reasons=(MARKUP, BIDI),
        detail="x" * 1_000_000,
        machine=replace(MACHINE, processor=MARKUP, id="'><b>", gpus=(MARKUP,)),
        campaign=replace(CAMPAIGN, id="00", tasks=("; rm -rf ~", MARKUP), environments=("$(id)",)),
        task=replace(bad.task, name=f"$x^{MARKUP}", title=FORMULA),
        environment=replace(bad.environment, name=FORMULA, image=MARKUP),
        ending=Ending(
            exit_code=1, oom_killed=False, timed_out=False, stderr_tail=(MARKUP, "y" * 1_000_000)
        ),
    )


def many() -> list[Record]:
    """More than one page of the table of runs, and a record that means harm."""
    return [*campaign(20), hostile()]


def story(records: Sequence[Record] | None = None, **more: object) -> Story:
    return build_report(campaign() if records is None else records, MACHINE.id, TODAY, **more)
