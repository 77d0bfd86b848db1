"""What the page of one run shows: everything in its record, in the order in which it is read."""

from markupsafe import Markup

from bench.evidence import derive
from bench.evidence.counters import foreign_share, growth
from bench.evidence.energy import energies
from bench.evidence.record import Record, Session
from bench.evidence.strangers import clean, name
from bench.evidence.trust import notes
from bench.evidence.variants import called
from bench.evidence.words import figure, figures
from bench.publish.story import Story
from bench.publish.tables import environment, noticed

STDERR_LINES, STDERR_LETTERS = 40, 400
EPOCHS_MOST = 1000
EPOCH_COLUMNS = (
    "train_seconds",
    "validation_seconds",
    "ended_seconds",
    "loss",
    "held_out_loss",
    "held_out_metric",
)
GIB = 2**30

Pairs = list[tuple[str, str]]


def context(story: Story, record: Record) -> dict[str, object]:
    """All that the template of a run needs; texts are clean, and escaped by the template."""
    return {
        "title": f"{name(called(record))} in {environment(record)}, round {record.round}",
        "id": record.id,
        "status": record.status,
        "noticed": noticed(story, record),
        "detail": clean(record.detail or "", 1000),
        "notes": [clean(text, 400) for _, text in notes(record)],
        "findings": [clean(text, 400) for _, text in story.marks.get(record.id, ())],
        "sections": [
            ("Run", _run(story, record)),
            ("Result", _result(record)),
            ("Phases", _phases(record)),
            ("Limits", _limits(record)),
            ("Counters", _counters(record)),
            *([("Rented session", _session(record.session))] if record.session else []),
            ("Environment and versions", _environment(record)),
            ("Ending", _ending(record)),
        ],
        "epochs": epoch_lines(record),
        "left_out": max(0, len(record.epochs) - EPOCHS_MOST),
        "stderr": [clean(one, STDERR_LETTERS) for one in record.ending.stderr_tail[-STDERR_LINES:]],
    }


def epoch_lines(record: Record) -> Markup:
    """The rows of the table of epochs; every cell is a number, so that nothing needs escaping."""
    epochs = derive.in_order(record)[:EPOCHS_MOST]
    columns = [figures([getattr(epoch, name) for epoch in epochs]) for name in EPOCH_COLUMNS]
    scores = ["–" if epoch.score is None else str(epoch.score) for epoch in epochs]
    lines = [
        f"<tr><th scope=row>{epoch.index + 1:d}<td>{'<td>'.join(cells)}<td>{score}"
        for epoch, score, *cells in zip(epochs, scores, *columns, strict=True)
    ]
    return Markup("\n".join(lines))  # noqa: S704  digits, dots and dashes only


def _run(story: Story, record: Record) -> Pairs:
    task = record.task
    return [
        (
            "task",
            f"{name(called(record))}{', a file of the user' if task.source != 'task' else ''}",
        ),
        ("title", _text(task.title)),
        ("machine", story.names[record.machine.id]),
        ("processor", clean(record.machine.processor, 120)),
        ("campaign", name(record.campaign.id)),
        ("round, attempt", f"{record.round}, {record.attempt}"),
        ("place in the campaign", str(record.order)),
        ("seed", str(record.seed)),
        ("started", name(record.started_at)),
        ("data", _text(task.data_digest)),
        ("fingerprint", _text(task.fingerprint)),
        ("parameters", _count(task.parameters)),
    ]


def _result(record: Record) -> Pairs:
    result, metric = record.result, record.task.metric or "metric"
    return [
        ("score", _count(result.score) if result else "–"),
        *([("target", _text(record.campaign.target))] if record.campaign.target else []),
        (metric, figure(result.metric if result else None, 4)),
        ("thresholds", ", ".join(f"{t:g}" for t in (record.task.thresholds or ())[:5]) or "–"),
        ("first epoch", _seconds(derive.first_epoch_seconds(record))),
        ("steady epoch", _seconds(derive.steady_epoch_seconds(record))),
        ("total", _seconds(derive.total_seconds(record))),
        ("not finite", clean(", ".join(derive.non_finite(record)), 200) or "–"),
    ]


def _phases(record: Record) -> Pairs:
    phases = [
        (phase, _seconds(getattr(record.phases, phase)))
        for phase in record.phases.__struct_fields__
    ]
    pipeline = record.pipeline
    passed = f"{figure(pipeline.seconds)} s, cache {pipeline.cache}" if pipeline else "–"
    return [*phases, ("input pipeline alone", passed)]


def _limits(record: Record) -> Pairs:
    asked, seen = record.limits, record.seen
    return [
        ("processors asked", _text(asked.cpuset) if asked.cpuset else "all"),
        ("processors seen", str(seen.processors) if seen else "–"),
        ("memory asked", _gib(asked.memory_bytes, "all")),
        ("memory limit seen", _gib(seen.memory_limit_bytes if seen else None, "none")),
        ("memory peak", _gib(derive.memory_peak_bytes(record), "–")),
        ("time limit", _seconds(asked.seconds)),
    ]


def _counters(record: Record) -> Pairs:
    """What was seen of the machine while the run was timed; a dash is a counter it keeps shut."""
    found = [(f"energy, {e.method}", f"{figure(e.joules)} J: {e.covers}") for e in energies(record)]
    share = foreign_share(record)
    return [
        ("processor time of its own", _seconds(growth(record, "own_cpu_seconds"))),
        ("others' share of the machine", "–" if share is None else f"{share:.1%}"),
        ("taken by the hypervisor", _seconds(growth(record, "steal_seconds"))),
        ("throttled", _seconds(growth(record, "throttled_seconds"))),
        ("asleep", _seconds(growth(record, "suspended_seconds"))),
        *(found or [("energy", "–")]),
    ]


def _session(session: Session) -> Pairs:
    """What the session took before the run, and what it cost, as far as known."""
    return [
        ("plan", _text(session.plan)),
        ("wait for the machine", _seconds(session.provision_seconds)),
        ("installing", _seconds(session.install_seconds)),
        ("data", _seconds(session.data_seconds)),
        ("units an hour", figure(session.units_per_hour)),
        (
            "units before and after",
            f"{figure(session.balance_before)}, {figure(session.balance_after)}",
        ),
    ]


def _environment(record: Record) -> Pairs:
    place, seen = record.environment, record.seen
    versions = dict(list(seen.versions.items())[:20]) if seen else {}
    return [
        ("environment", environment(record)),
        ("engine", clean(f"{place.engine} {place.engine_version or ''}", 80)),
        ("image", _text(place.image)),
        ("image digest", _text(place.image_digest)),
        ("device", clean(", ".join(seen.devices), 200) if seen else "–"),
        ("work lay on", clean(", ".join(record.placements or ()), 200) or "–"),
        *((name(package), clean(version, 60)) for package, version in versions.items()),
    ]


def _ending(record: Record) -> Pairs:
    ending = record.ending
    return [
        ("exit code", _count(ending.exit_code)),
        ("killed for memory", _yes(ending.oom_killed)),
        ("over the time limit", _yes(ending.timed_out)),
    ]


def _text(value: str | None) -> str:
    return "–" if value is None else clean(value, 200)


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,d}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{figure(value)} s"


def _gib(value: int | None, absent: str) -> str:
    return absent if value is None else f"{value / GIB:.2f} GiB"


def _yes(value: bool) -> str:  # noqa: FBT001
    return "yes" if value else "no"
