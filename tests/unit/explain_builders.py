"""Records of one job for the tests of `explain`: healthy unless a change makes it ill."""

from collections.abc import Sequence

import msgspec

from bench.contract.facts import Closed, Gpu, Pipeline
from bench.evidence.record import Phases, Record
from builders import MACHINE, environment, epoch, facts, reading, record, seen, stage

WITH_GPU = msgspec.structs.replace(MACHINE, gpus=("NVIDIA Test",))
STEPS, BATCH = 100, 64
SIZES = {"steps": STEPS, "steps_wanted": STEPS, "batch_size": BATCH}
CLOSED = Closed(
    network_interfaces=None, root_writable=False, user_id=1, capabilities=0, new_privileges=False
)


def job(
    seconds: float | Sequence[float] = 2.0,
    *,
    number: int = 1,
    validation: float = 0.1,
    first: float = 2.5,
    input_seconds: float = 0.1,
    in_use: float = 1.8,
    place: str = "cpu",
    gpu: bool = False,
    busy: float | None = 90.0,
    edges: dict[str, dict[str, object]] | None = None,
    seen_as: dict[str, object] | None = None,
    task: dict[str, object] | None = None,
    stages: dict[str, object] | None = None,
    score: float = 5,
    **changes: object,
) -> Record:
    """A run of eleven epochs, or of a first one and those given; `seconds` are of training."""
    later = [seconds] * 10 if isinstance(seconds, int | float) else list(seconds)
    epochs = [
        _epoch(index, train, validation, in_use) for index, train in enumerate([first, *later])
    ]
    good = record()
    gpus = (_gpu(busy),) if gpu else ()
    counters = edges or {}
    devices = ("CPU", "GPU: NVIDIA Test") if gpu else ("CPU",)
    readings = tuple(
        reading(edge, at, gpus=gpus, **counters.get(edge, {}))
        for edge, at in (("start", 0.0), ("fit", 5.0), ("end", 5.0 + sum(later)))
    )
    whole = {
        "id": f"{place}-{number}-{good.task.name}",
        "round": number,
        "environment": facts(environment(place, gpu=gpu, emulated=place.endswith("like"))),
        "seen": seen(**{"devices": devices, "closed": CLOSED} | (seen_as or {})),
        "task": msgspec.structs.replace(
            good.task,
            **{"epochs": 100, "epochs_wanted": 100} | SIZES | (task or {}),
        ),
        "stages": (stage(**SIZES | (stages or {})),),
        "phases": Phases(start=0.5, imports=2.0, data=0.1, build=0.1, fit=30.0, evaluate=0.1),
        "epochs": tuple(epochs),
        "placements": ("GPU:0",) if gpu else ("CPU:0",),
        "pipeline": Pipeline(seconds=input_seconds, cache="warm", read_bytes=0),
        "readings": readings,
        "result": msgspec.structs.replace(good.result, score=score),
    }
    return msgspec.structs.replace(good, **whole | changes)


def _epoch(index: int, train: float, validation: float, in_use: float) -> object:
    return msgspec.structs.replace(
        epoch(index, train),
        validation_seconds=validation,
        processor_seconds=in_use * (train + validation),
    )


def _gpu(busy: float | None) -> Gpu:
    return Gpu(
        name="NVIDIA Test",
        memory_used_bytes=None,
        utilisation_percent=busy,
        temperature_celsius=None,
        energy_joules=None,
    )


def repeats(count: int = 3, **changes: object) -> list[Record]:
    """The same run so often, equally fast."""
    return [job(number=number, **changes) for number in range(1, count + 1)]
