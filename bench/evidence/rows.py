"""Records as flat rows, one a record, for programs."""

from collections.abc import Callable, Iterable, Sequence

from bench.contract.facts import Reading
from bench.evidence import counters, derive, trust
from bench.evidence.energy import energies
from bench.evidence.noise import noise_of
from bench.evidence.pools import pools
from bench.evidence.record import Record
from bench.evidence.variants import called

Row = dict[str, object]


def rows(records: Sequence[Record], judged: trust.Marks | None = None) -> list[Row]:
    """One flat row a record, with its marks, in words too, and how noisy its pool is.

    `judged` are the marks of all the records, where somebody knows them already.
    """
    marks = trust.judge_repeats(records) if judged is None else judged
    noise = _noise_classes(records)
    return [
        row(record)
        | {"marks": [code for code, _ in found], "findings": [text for _, text in found]}
        | {"noise": noise.get(record.id)}
        for record in records
        for found in [marks.get(record.id, ())]
    ]


def _noise_classes(records: Sequence[Record]) -> dict[str, str]:
    """By the record's id, how noisy the pool is that it counts in; none under three repeats."""
    found = ((pool, noise_of(pool.repeats)) for pool in pools(records))
    return {r.id: noise.kind for pool, noise in found if noise for r in pool.repeats}


def row(record: Record) -> Row:
    """One record as a flat row. Missing is None; seconds, bytes and counts as their names say."""
    seen, last = record.seen, next(reversed(counters.in_time(record)), None)
    return {
        "id": record.id,
        "task": called(record),
        "source": record.task.source,
        "variant": record.task.variant,
        "batch_size": record.task.batch_size,
        "steps": record.task.steps,
        "environment": record.environment.name,
        "engine": record.environment.engine,
        "emulated": record.environment.emulated,
        "machine": record.machine.id,
        "controller": record.controller.id if record.controller else None,
        "entry": record.entry,
        "isolated": record.environment.isolated,
        "rented": record.environment.rented,
        "accelerator": record.environment.accelerator,
        "campaign": record.campaign.id,
        "round": record.round,
        "order": record.order,
        "seed": record.seed,
        "started_at": record.started_at,
        "status": record.status,
        "reasons": list(record.reasons),
        "detail": record.detail,
        "score": record.result.score if record.result else None,
        "metric": record.task.metric,
        "metric_value": record.result.metric if record.result else None,
        "non_finite": list(derive.non_finite(record)),
        "epochs": len(record.epochs),
        "epochs_wanted": record.task.epochs_wanted,
        "steps_wanted": record.task.steps_wanted,
        "stages": len(record.stages),
        "first_epoch_seconds": derive.first_epoch_seconds(record),
        "steady_epoch_seconds": derive.steady_epoch_seconds(record),
        "steady_train_seconds": derive.steady_train_seconds(record),
        "steady_validation_seconds": derive.steady_validation_seconds(record),
        "total_seconds": derive.total_seconds(record),
        "reached_seconds": list(derive.reached_seconds(record)),
        "target": record.campaign.target,
        "target_seconds": derive.target_seconds(record),
        "phases": {name: getattr(record.phases, name) for name in record.phases.__struct_fields__},
        "pipeline_seconds": record.pipeline.seconds if record.pipeline else None,
        "pipeline_cache": record.pipeline.cache if record.pipeline else None,
        "processors_seen": seen.processors if seen else None,
        "memory_limit_bytes": seen.memory_limit_bytes if seen else None,
        "memory_peak_bytes": last.memory_peak_bytes if last else None,
        "memory_process_peak_bytes": last.process_peak_bytes if last else None,
        "steady_processor_seconds": derive.steady_processor_seconds(record),
        "own_cpu_seconds": counters.growth(record, "own_cpu_seconds"),
        "energy": [
            {"joules": e.joules, "method": e.method, "covers": e.covers} for e in energies(record)
        ],
        **_noise(record),
        "notes": [text for _, text in trust.notes(record)],
        "device": _device(record),
        "data_digest": record.task.data_digest,
        "fingerprint": record.task.fingerprint,
        "fingerprint_v1": record.task.fingerprint_v1,
        "image_digest": record.environment.image_digest,
        "versions": seen.versions if seen else {},
    }


def _noise(record: Record) -> Row:
    """What disturbed the run; of what stands at the edges alone, the most that was seen."""
    return {
        "load_average": _most(record, lambda reading: [reading.load_average]),
        "steal_share": counters.steal_share(record),
        "foreign_share": counters.foreign_share(record),
        "throttled_seconds": counters.growth(record, "throttled_seconds"),
        "temperature_celsius": _most(record, lambda reading: [reading.temperature_celsius]),
        "gpu_temperature_celsius": _most(record, _of_gpus("temperature_celsius")),
        "gpu_utilisation_percent": _most(record, _of_gpus("utilisation_percent")),
    }


Values = Callable[[Reading], Iterable[float | None]]


def _of_gpus(counter: str) -> Values:
    return lambda reading: [getattr(gpu, counter) for gpu in reading.gpus]


def _most(record: Record, values: Values) -> float | None:
    known = [v for reading in record.readings for v in values(reading) if v is not None]
    return max(known, default=None)


def _device(record: Record) -> str | None:
    """The processor or accelerator that did the work, by where the model lay."""
    if record.seen is None or record.placements is None:
        return None
    if any(not place.startswith("CPU") for place in record.placements):
        return ", ".join(name for name in record.seen.devices if name != "CPU")
    return f"CPU: {record.seen.processor}"
