"""Small records and engines for tests: real types, made with few words."""

from collections.abc import Callable, Sequence

import msgspec

from bench.campaign.engines import Finish, Launch, Ready
from bench.campaign.environments import Environment
from bench.contract.events import (
    PROTOCOL,
    Built,
    Counters,
    Described,
    Epoch,
    Event,
    Handshake,
    Phase,
    Placed,
    Scored,
    Staged,
    encode,
)
from bench.contract.facts import EpochFacts, Reading, Result, Seen, Stage
from bench.evidence.record import (
    SCHEMA,
    Campaign,
    Ending,
    EnvironmentFacts,
    LimitsAsked,
    Machine,
    Opened,
    Phases,
    Record,
    TaskFacts,
)

CAMPAIGN = Campaign(
    id="20260101T000000Z-abcdef",
    started_at="2026-01-01T00:00:00Z",
    certbench="0.1.0",
    environments=("cpu",),
    tasks=("fashion",),
    rounds=1,
    seed=1,
    epochs=None,
)
MACHINE = Machine(
    id="0123456789ab",
    id_v1=None,
    processor="Test Processor",
    processors=2,
    memory_gib=16,
    system="Linux",
    architecture="x86_64",
    gpus=(),
    listed_watts=None,
    power_source=None,
)
WELL = Ending(exit_code=0, oom_killed=False, timed_out=False, stderr_tail=())


def epoch(
    index: int, train: float = 1.0, *, score: int = 3, metric: float | None = 0.8
) -> EpochFacts:
    return EpochFacts(
        index=index,
        stage=0,
        train_seconds=train,
        validation_seconds=0.5,
        ended_seconds=10.0 + index,
        processor_seconds=None,
        loss=0.1,
        held_out_loss=0.2,
        held_out_metric=metric,
        score=score,
    )


def stage(index: int = 0, **changes: object) -> Stage:
    facts = {"epochs_wanted": 2, "at_most": False, "steps": 10, "steps_wanted": 10}
    further = {"batch_size": 64, "steps_per_execution": 1, "fingerprint": "f" * 64}
    return Stage(**{"index": index} | facts | further | changes)


def reading(edge: str, at: float, **counters: object) -> Reading:
    absent = dict.fromkeys(Reading.__struct_fields__)
    facts = {"own_cpu_seconds": at, "processors": 2, "wall_unix_seconds": at, "gpus": ()}
    return Reading(**absent | facts | {"edge": edge, "at_seconds": at} | counters)


def seen(**changes: object) -> Seen:
    facts = {
        "versions": {},
        "processors": 2,
        "processors_online": 2,
        "devices": ("CPU",),
        "gpus": (),
    }
    threads = {"threads_intra": 2, "threads_inter": 2}
    absent = dict.fromkeys(Seen.__struct_fields__)
    return Seen(**absent | facts | threads | changes)


def record(**changes: object) -> Record:
    """A record that ended well; `changes` replace its fields, `task=` and so on whole."""
    good = Record(
        schema=SCHEMA,
        id="20260101T000000Z-abcdef-r01-cpu-fashion",
        campaign=CAMPAIGN,
        machine=MACHINE,
        controller=None,
        entry=None,
        task=TaskFacts(
            name="fashion",
            source="task",
            variant={"backend": "tensorflow"},
            title="Clothes",
            category=2,
            epochs=2,
            epochs_wanted=2,
            batch_size=64,
            steps=10,
            steps_wanted=10,
            metric="accuracy",
            thresholds=(0.1, 0.2, 0.3, 0.4, 0.5),
            data_digest="d" * 64,
            fingerprint="f" * 64,
            fingerprint_v1="1" * 64,
            parameters=10,
        ),
        environment=facts(environment()),
        opened=Opened(),
        round=1,
        attempt=1,
        order=1,
        seed=1,
        started_at="2026-01-01T00:00:00Z",
        status="ok",
        reasons=(),
        detail=None,
        limits=limits(),
        seen=None,
        phases=Phases(start=1.0, imports=2.0, data=0.5, build=0.25, fit=3.0, evaluate=0.25),
        stages=(stage(),),
        epochs=(epoch(0, 2.0), epoch(1, 1.0), epoch(2, 1.5)),
        result=Result(metric=0.9, score=5),
        placements=("CPU:0",),
        pipeline=None,
        readings=(reading("start", 0.0), reading("end", 10.0)),
        ending=WELL,
    )
    return msgspec.structs.replace(good, **changes)


def environment(name: str = "cpu", *, gpu: bool = False, emulated: bool = False) -> Environment:
    return Environment(
        name=name,
        title=name,
        engine="docker",
        isolated=True,
        emulated=emulated,
        accelerator="gpu" if gpu else None,
        image="certbench:cpu",
    )


def facts(entry: Environment) -> EnvironmentFacts:
    return EnvironmentFacts(
        name=entry.name,
        engine=entry.engine,
        emulated=entry.emulated,
        isolated=entry.isolated,
        rented=entry.rented,
        accelerator=entry.accelerator,
        image=entry.image,
        image_digest="sha256:1",
        engine_version="1",
        accelerator_request=None,
    )


def limits(seconds: float = 60.0, memory: int | None = None) -> LimitsAsked:
    return LimitsAsked(cpuset=None, processor_quota=None, memory_bytes=memory, seconds=seconds)


def story(*epochs: EpochFacts, score: int = 5) -> list[Event]:
    """What a worker says in a run that goes well."""
    return [
        Handshake(protocol=PROTOCOL),
        Counters(reading=reading("start", 0.0)),
        Phase(name="check", seconds=0.1),
        described(),
        Phase(name="imports", seconds=2.0),
        Phase(name="data", seconds=0.5),
        Phase(name="check", seconds=0.2),
        Phase(name="build", seconds=0.25),
        built(),
        Staged(stage=stage()),
        *(Epoch(epoch=one) for one in epochs or (epoch(0, 2.0), epoch(1))),
        Phase(name="fit", seconds=3.0),
        Phase(name="evaluate", seconds=0.25),
        Scored(result=Result(metric=0.9, score=score)),
        Counters(reading=reading("end", 10.0)),
        Placed(devices=("CPU:0",)),
    ]


def described() -> Described:
    return Described(
        title="Clothes",
        category=2,
        epochs=2,
        epochs_wanted=2,
        batch_size=64,
        metric="accuracy",
        thresholds=(0.1, 0.2, 0.3, 0.4, 0.5),
        data_digest="d" * 64,
        variant={"backend": "tensorflow"},
    )


def built() -> Built:
    return Built(
        fingerprint="f" * 64, fingerprint_v1="1" * 64, parameters=10, steps=10, steps_wanted=10
    )


class FakeEngine:
    """Says what it was given and ends as it was told; remembers what it was asked to run."""

    data_here = False

    def __init__(
        self,
        events: Sequence[Event | bytes] = (),
        ending: Ending = WELL,
        raises: BaseException | None = None,
    ) -> None:
        self.events = events or story()
        self.ending = ending
        self.raises = raises
        self.launched: list[Launch] = []
        self.swept = 0
        self.closed = 0

    def ready(self, entry: Environment, seconds: float) -> Ready:
        return Ready(environment=entry, facts=facts(entry), limits=limits(seconds))

    def build(self, entry: Environment, say: Callable[[str], None]) -> None:
        say("built")

    def run(self, launch: Launch, on_line: Callable[[bytes], None]) -> Finish:
        self.launched.append(launch)
        for event in self.events:
            on_line(event if isinstance(event, bytes) else encode(event).rstrip(b"\n"))
        if self.raises is not None:
            raise self.raises
        return Finish(ending=self.ending, start_seconds=1.0)

    def sweep(self) -> int:
        self.swept += 1
        return 0

    def close(self) -> None:
        self.closed += 1


class Silent:
    """A listener that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def begins(self, run: object) -> None:
        self.told.append(run)

    def on_event(self, event: object) -> None:
        self.told.append(event)

    def ends(self, ended: object) -> None:
        self.told.append(ended)
