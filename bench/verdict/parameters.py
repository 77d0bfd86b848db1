"""The few numbers an estimate is made of, and how they come out of the published pairs.

An epoch's step on a GPU = what its host needs to issue it + what the arithmetic takes, or the input
where that takes longer. Numbers are found by least squares on the logarithms of published pairs,
held by wide expectations that physics gives: so few pairs could not carry them alone.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from bench.verdict.published import KINDS, Figure, Kind, Published, ours
from bench.verdict.published.hardware import Place, Processor, place, place_of_hardware, processors
from bench.verdict.statistics import Floats

FILE = Path(__file__).parent / "published" / "parameters.toml"
UNIT_MS = 20.0  # the step at which gains are stated; a longer one gains more, by `growth`
NOISE = 0.5  # of the logarithm of one published step
HOSTS = ("vm", "pc", "apple")  # against Colab's, which is 1

# Expected values and how far they may be off, as a factor (e to this power).
FLOOR_MS: Mapping[Kind, float] = {
    "dense": 2.5,
    "cnn": 4.0,
    "images": 10.0,
    "text": 8.0,
    "sequence": 8.0,
}
HOST_FACTOR: Mapping[str, float] = {"vm": 0.5, "pc": 0.7, "apple": 2.0}
GAIN, GROWTH, CORES, INPUT_SHARE = 15.0, 0.8, 0.5, 0.08
SLACK = {"floor": 0.8, "host": 0.4, "gain": 0.5, "growth": 0.1, "cores": 0.15, "input": 0.6}


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """floor_ms: a step of no arithmetic on Colab's T4. host: of other hosts, against Colab's.

    gain: how many times a T4 is as fast as Colab's processor at a step of 20 ms. growth: a step's
    arithmetic takes its processor time to this power. cores: a processor's speed follows its cores
    to this power. input_share: of an image step on two threads that is reading and decoding.
    """

    floor_ms: Mapping[str, float]
    host: Mapping[str, float]
    gain: Mapping[str, float]
    growth: float
    cores: float
    input_share: float

    def strength(self, processor: Processor) -> float:
        """How many times as fast as Colab's processor."""
        return float(processor.cores**self.cores * processor.pace)


@cache
def shipped() -> Parameters:
    """Those that `benchmarks/estimate_check.py --write` found from the shipped figures."""
    return Parameters(**tomllib.loads(FILE.read_text(encoding="utf-8")))


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One model on a processor and on a GPU; `weight` is less where many pairs are of one model."""

    kind: Kind
    cpu_ms: float
    gpu_ms: float
    processor: Processor
    place: Place
    sources: frozenset[str]
    weight: float = 1.0
    input_ms: float | None = None


def step_ms(
    found: Parameters, kind: Kind, colab_ms: float, place: Place, input_ms: float | None = None
) -> tuple[float, float, float]:
    """(host, arithmetic, input) milliseconds of a step on a GPU, in its parts.

    colab_ms: what the step takes on Colab's processor. input_ms: what the input alone takes on the
    place's host; where it is not known, image files are taken to be a share of the step.
    """
    host = found.floor_ms[kind] * found.host.get(place.host, 1.0)
    arithmetic = (colab_ms / UNIT_MS) ** found.growth * UNIT_MS / (found.gain[kind] * place.power)
    if input_ms is None:
        input_ms = found.input_share * colab_ms if kind == "images" else 0.0
    return host, arithmetic, input_ms


def whole_step_ms(parts: tuple[float, float, float]) -> float:
    """A step from its parts: the host issues it, the rest goes on at once."""
    host, arithmetic, input_ms = parts
    return host + max(arithmetic, input_ms)


def samples(published: Published) -> tuple[Sample, ...]:
    """Every processor with every GPU at the same model, and the pairs that are named."""
    named = {(pair.cpu, pair.gpu) for pair in published.pairs}
    groups: dict[tuple[str, str, int, bool], list[Figure]] = {}
    for figure in published.figures.values():
        groups.setdefault(_same_model(figure), []).append(figure)
    weights = {
        (cpu.id, gpu.id): 1 / math.sqrt(len(found))
        for group in groups.values()
        for found in [_crossed(group)]
        for cpu, gpu in found
    }
    pairs = {**dict.fromkeys(named, 1.0), **weights}
    made = (_sample(published.figures[c], published.figures[g], w) for (c, g), w in pairs.items())
    return tuple(sample for sample in made if sample is not None)


def our_samples() -> tuple[Sample, ...]:
    """The pairs that we measured ourselves."""
    return tuple(
        Sample(
            kind=one.kind,
            cpu_ms=one.cpu_ms,
            gpu_ms=one.gpu_ms,
            processor=Processor(cores=one.cores, pace=one.pace),
            place=place(one.place),
            sources=frozenset((one.source,)),
            input_ms=one.input_ms * one.threads / place(one.place).threads,
        )
        for one in ours().values()
    )


def _same_model(figure: Figure) -> tuple[str, str, int, bool]:
    model = figure.model.split(" (")[0].split(";")[0]
    return figure.kind, model, figure.batch, "aug" in figure.dataset


def _crossed(group: Sequence[Figure]) -> list[tuple[Figure, Figure]]:
    cpus = [figure for figure in group if figure.hardware in processors()]
    gpus = [figure for figure in group if place_of_hardware(figure.hardware)]
    return [(cpu, gpu) for cpu in cpus for gpu in gpus]


def _sample(cpu: Figure, gpu: Figure, weight: float) -> Sample | None:
    where = place_of_hardware(gpu.hardware)
    if where is None or cpu.hardware not in processors():
        return None
    return Sample(
        kind=cpu.work,
        cpu_ms=cpu.ms_per_step,
        gpu_ms=gpu.ms_per_step,
        processor=processors()[cpu.hardware],
        place=where,
        sources=frozenset((cpu.origin, gpu.origin)),
        weight=weight,
    )


def predicted_ms(found: Parameters, sample: Sample) -> float:
    """The GPU's step from the processor's."""
    colab_ms = sample.cpu_ms * found.strength(sample.processor)
    return whole_step_ms(step_ms(found, sample.kind, colab_ms, sample.place, sample.input_ms))


def fit(known: Sequence[Sample]) -> Parameters:
    """The parameters that these samples ask for, held by what is expected of them."""
    expected, slack = _expected()

    def residuals(vector: Floats) -> Floats:
        found = _unpacked(vector)
        off = [
            sample.weight * math.log(predicted_ms(found, sample) / sample.gpu_ms) / NOISE
            for sample in known
        ]
        return np.concatenate([off, (vector - expected) / slack])

    return _unpacked(least_squares(residuals, expected, loss="soft_l1").x)


def _expected() -> tuple[Floats, Floats]:
    """Expected values, logarithms where they are factors, and how far off each may be."""
    parts = [
        *((math.log(FLOOR_MS[kind]), SLACK["floor"]) for kind in KINDS),
        *((math.log(HOST_FACTOR[host]), SLACK["host"]) for host in HOSTS),
        *((math.log(GAIN), SLACK["gain"]) for _ in KINDS),
        (GROWTH, SLACK["growth"]),
        (CORES, SLACK["cores"]),
        (math.log(INPUT_SHARE), SLACK["input"]),
    ]
    values, slack = zip(*parts, strict=True)
    return np.array(values), np.array(slack)


def _unpacked(vector: Floats) -> Parameters:
    factors = [float(value) for value in np.exp(vector)]
    kinds, hosts = len(KINDS), len(HOSTS)
    return Parameters(
        floor_ms=dict(zip(KINDS, factors[:kinds], strict=True)),
        host=dict(zip(HOSTS, factors[kinds : kinds + hosts], strict=True)),
        gain=dict(zip(KINDS, factors[kinds + hosts : 2 * kinds + hosts], strict=True)),
        growth=float(vector[-3]),
        cores=float(vector[-2]),
        input_share=factors[-1],
    )
