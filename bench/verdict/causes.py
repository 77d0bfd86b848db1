"""Why a job is as slow as it is: one function a cause, each from records alone.

A cause is found or not by a limit of `causes_limits`; the seconds of an epoch are the most that
could be had back, never a promise.
"""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bench.evidence import noise as noise_words
from bench.verdict.causes_limits import limit
from bench.verdict.drift import drift
from bench.verdict.epoch_work import Work, middle
from bench.verdict.tried import Trial
from bench.verdict.words import seconds_spoken

HOST_STEP = 0.001  # seconds: the least that published steps took, which no arithmetic explains
BOUND = 0.7  # the input alone takes so much of the training that nothing else needs a reason
GPU_PLACES = {"docker": "gpu", "native": "native-gpu"}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One cause. `says` is a sentence for people, `advice` what to change, `command` what to type.

    `seconds_an_epoch` is the most that an epoch loses by it; None where no epoch was measured.
    `measured` says what the thing to try has brought where it was tried.
    """

    finding: str
    says: str
    evidence: str
    seconds_an_epoch: float | None
    advice: str
    command: str
    measured: tuple[str, ...] = ()


Tried = Sequence[Trial]
Rule = Callable[[Work, Tried], Finding | None]


def causes(work: Work, tried: Tried) -> tuple[Finding, ...]:
    """All that stands out, the largest first; what was never measured comes before everything."""
    found = [finding for rule in RULES if (finding := rule(work, tried)) is not None]
    return tuple(sorted(found, key=_size, reverse=True))


def _size(finding: Finding) -> float:
    return float("inf") if finding.seconds_an_epoch is None else finding.seconds_an_epoch


# --- the GPU -------------------------------------------------------------------------------------


def _gpu_rejected(work: Work, tried: Tried) -> Finding | None:
    """A run was rejected because its work lay elsewhere, and none after it went well."""
    bad = [r for r in work.pool.others if "gpu-not-used" in r.reasons]
    if not work.on_gpu or work.pool.repeats or not bad:
        return None
    last = bad[-1]
    part = any(p.startswith("GPU") for p in last.placements or ()) or "GPU:" in (last.detail or "")
    return Finding(
        finding="gpu-partly-used" if part else "gpu-not-used",
        says="The GPU did only a part of the work" if part else "The GPU was not used",
        evidence=last.detail or f"the work lay on {', '.join(last.placements or ('?',))}",
        seconds_an_epoch=middle(e.train_seconds + e.validation_seconds for e in last.epochs[1:]),
        advice="see which part is missing",
        command=f"certbench doctor --env {shlex.quote(last.environment.name)}",
    )


def _gpu_left_out(work: Work, tried: Tried) -> Finding | None:
    """The machine has a GPU that this environment does not ask for."""
    here = work.last
    if work.on_gpu or here.environment.emulated or not here.machine.gpus or work.epoch is None:
        return None
    on_gpu = [trial for trial in tried if trial.other.on_gpu]
    if on_gpu and not any(trial.faster for trial in on_gpu):
        return None
    best = next(iter(on_gpu), None)
    saved = work.epoch - (best.other.epoch or 0.0) if best else work.epoch
    place = best.other.last.environment.name if best else GPU_PLACES.get(here.environment.engine)
    return Finding(
        finding="gpu-not-used",
        says="The machine's GPU is not used",
        evidence=f"{here.environment.name} asks for none, the machine has "
        f"{', '.join(here.machine.gpus)}",
        seconds_an_epoch=saved,
        advice="train on the GPU",
        command=run(work, environment=place or "gpu"),
        measured=tuple(trial.text for trial in on_gpu),
    )


def _gpu_partly_used(work: Work, tried: Tried) -> Finding | None:
    """It was used and seen idle, and neither the input nor small steps say why."""
    util = work.utilisation
    if not work.on_gpu or work.train is None or util is None or work.step is None:
        return None
    explained = _too_small_on_gpu(work) or input_share(work) >= limit("input-share")
    if explained or util >= limit("gpu-idle"):
        return None
    return Finding(
        finding="gpu-partly-used",
        says="The GPU waits for most of the time",
        evidence=f"seen busy {util:.0f} % of the time, read once after the fit; a step takes "
        f"{work.step * 1000:.3g} ms, {_in_use_spoken(work)}",
        seconds_an_epoch=work.train * (1 - util / 100),
        advice="look for operations that run on the processor: a Python callback on each batch, "
        "`run_eagerly`, a recurrent layer that the fused kernel does not take",
        command=run(work),
        measured=_of_other_places(tried),
    )


def _too_small_on_gpu(work: Work) -> bool:
    util = work.utilisation
    if not work.on_gpu or input_share(work) >= BOUND:
        return False
    if work.step is None:
        return util is not None and util < limit("gpu-idle")
    return work.step <= limit("gpu-step") and (util is None or util < limit("gpu-busy"))


def _too_small(work: Work, tried: Tried) -> Finding | None:
    """Steps that are mostly the host's: on a GPU, or on a processor that a GPU would not beat."""
    if work.train is None:
        return None
    if work.on_gpu:
        return _small_on_gpu(work, tried) if _too_small_on_gpu(work) else None
    beaten = any(trial.other.on_gpu and trial.faster for trial in tried)
    if work.step is None or work.step > limit("processor-step") or beaten:
        return None
    steps = work.last.task.steps or 1
    return _larger_batch(work, tried, Finding(
        finding="too-small-for-gpu",
        says="Its steps are too small for a GPU",
        evidence=f"a step takes {work.step * 1000:.2g} ms on the processor, most of it what Keras "
        "does around it; a GPU's step takes 1 to 8 ms however small it is",
        seconds_an_epoch=min(work.train, steps * HOST_STEP),
        advice="",
        command="",
    ))  # fmt: skip


def _small_on_gpu(work: Work, tried: Tried) -> Finding:
    util, step = work.utilisation, work.step
    said = [
        f"a step takes {step * 1000:.2g} ms, and 1 to 8 ms are the host's" if step else "",
        f"the GPU was seen busy {util:.0f} % of the time, read once after the fit"
        if util is not None
        else "",
        _in_use_spoken(work),
    ]
    return _larger_batch(work, tried, Finding(
        finding="too-small-for-gpu",
        says="Its steps are too small for the GPU",
        evidence="; ".join(filter(None, said)),
        seconds_an_epoch=(work.train or 0.0) * (1 - (util or 0.0) / 100),
        advice="",
        command="",
    ))  # fmt: skip


def _larger_batch(work: Work, tried: Tried, finding: Finding) -> Finding:
    """What to try against small steps, as far as the data allow."""
    knobs = {"batch_size", "steps_per_execution", "jit"}
    measured = tuple(trial.text for trial in tried if trial.knobs and trial.knobs <= knobs)
    sizes = batch_sizes(work)
    if len(sizes) < 2:
        advice = "the batch holds all data already: the job belongs on the processor"
        command = f"certbench decide --task {shlex.quote(work.last.task.name)}"
    else:
        advice = "take a larger batch, or several steps in one execution"
        command = run(work, "--vary", f"batch_size={','.join(map(str, sizes))}")
    return replace(
        finding, advice=advice, command=command, measured=measured + _of_other_places(tried)
    )


# --- the input -----------------------------------------------------------------------------------


def input_share(work: Work) -> float:
    """The input alone over the training of a steady epoch; 0 where it is not known."""
    return work.input / work.train if work.input and work.train else 0.0


def _starved(work: Work, tried: Tried) -> Finding | None:
    share = input_share(work)
    if share < limit("input-share") or work.input is None or work.train is None:
        return None
    bound = share >= BOUND
    cached = (work.last.task.source, work.last.task.name) == ("task", "solids")
    more = ["--vary", "input=dataset,cached"] if cached else []
    idle = _idle(work)
    return Finding(
        finding="starved-by-input",
        says="It waits for its input" if bound else "Its input takes a large part of an epoch",
        evidence=f"the input alone takes {seconds_spoken(work.input)} of the "
        f"{seconds_spoken(work.train)} that an epoch trains ({min(share, 1):.0%}); "
        f"{_in_use_spoken(work)}",
        seconds_an_epoch=min(work.input, work.train),
        advice="keep it in memory (`cache()`), prepare batches ahead (`prefetch`)"
        + (
            ", and on all processors (`map(…, num_parallel_calls=AUTOTUNE)`, no generator in "
            "Python), for some are idle"
            if idle
            else ""
        ),
        command=run(work, *more),
        measured=tuple(
            trial.text
            for trial in tried
            if trial.knobs & {"input", "workers"} or (not trial.knobs and trial.faster)
        ),
    )


# --- what comes once -----------------------------------------------------------------------------


def _start(work: Work, tried: Tried) -> Finding | None:
    before, first, job = work.before, work.first_extra, work.job
    if before is None or first is None or not job or not work.epochs:
        return None
    share = (before + first) / job
    if share < limit("start-share"):
        return None
    by_first = first > before
    parts = sorted(work.parts_before.items(), key=lambda part: -part[1])[:2]
    said = " and ".join(f"{seconds_spoken(s)} of {WORDS.get(n, n)}" for n, s in parts)
    return Finding(
        finding="first-epoch-dominates" if by_first else "start-dominates",
        says=f"What comes once is {share:.0%} of the whole job"
        + (", most of it the first epoch" if by_first else ""),
        evidence=f"{seconds_spoken(before)} before the first epoch (most: {said}), "
        f"{seconds_spoken(first)} that the first epoch takes longer, of "
        f"{seconds_spoken(job)} for {work.epochs} epochs",
        seconds_an_epoch=(before + first) / work.epochs,
        advice="several jobs in one process pay it once, and with more epochs it fades: compare "
        "places by the whole job",
        command=f"certbench decide --task {shlex.quote(work.last.task.name)} "
        f"--epochs {10 * work.epochs}",
    )


WORDS = {"session": "waiting for the session", "start": "starting the environment"}


# --- the processors ------------------------------------------------------------------------------


def _idle(work: Work) -> float:
    """How many of the processors that others left free were idle; 0 under half, or unknown."""
    if work.on_gpu or work.in_use is None or work.processors is None or work.processors < 2 / 1.2:
        return 0.0
    return work.processors - work.in_use if _share_in_use(work) <= limit("processors-in-use") else 0


def _share_in_use(work: Work) -> float:
    return (work.in_use or 0.0) / (work.processors or 1.0)


def _processors_idle(work: Work, tried: Tried) -> Finding | None:
    if not _idle(work) or work.epoch is None or work.last.seen is None:
        return None
    seen = work.last.seen
    threads = f"thread pools of {seen.threads_intra} and {seen.threads_inter}"
    few = min(seen.threads_intra, seen.threads_inter) < seen.processors
    sizes = batch_sizes(work)
    vary = ("--vary", f"batch_size={sizes[0]},{sizes[1]}") if len(sizes) > 1 else ()
    return Finding(
        finding="processors-idle",
        says=f"{work.processors - (work.in_use or 0):.2g} of {work.processors:.2g} processors "
        "are idle",
        evidence=f"{_in_use_spoken(work)}; {threads}",
        seconds_an_epoch=work.epoch * (1 - _share_in_use(work)),
        advice=("give it as many threads as processors" if few else
                "give a step more work (a larger batch); or take a machine with fewer "
                "processors, which would be about as fast"),
        command=run(work, *vary),
        measured=tuple(t.text for t in tried if "batch_size" in t.knobs or _fewer(work, t)),
    )  # fmt: skip


def _fewer(work: Work, trial: Trial) -> bool:
    return not trial.knobs and not trial.other.on_gpu and (
        (trial.other.processors or 0) < (work.processors or 0)
    )  # fmt: skip


def _in_use_spoken(work: Work) -> str:
    if work.in_use is None or work.processors is None:
        return "how many processors it used is not known"
    return f"{work.in_use:.2g} of {work.processors:.2g} processors in use"


# --- over time -----------------------------------------------------------------------------------


def _drift(work: Work, tried: Tried) -> Finding | None:
    found = drift(work.pool.repeats)
    if found is None:
        return None
    return Finding(
        finding="slower-from-epoch-to-epoch",
        says=f"Epochs become slower, by {found.growth:.0%} from the first third to the last",
        evidence=f"in {found.count} of {len(work.pool.repeats)} runs, from "
        f"{seconds_spoken(found.before)} to {seconds_spoken(found.after)}; "
        + ("; ".join(found.signs) or "no counter of clock, heat or memory says why"),
        seconds_an_epoch=found.after - found.before,
        advice="look for what grows: memory, a list that a callback keeps, heat",
        command=f"certbench doctor --env {shlex.quote(work.last.environment.name)}",
    )


def _memory(work: Work, tried: Tried) -> Finding | None:
    lost = (work.faults or 0.0) * limit("fault-seconds")
    if work.epoch is None or lost < limit("fault-share") * work.epoch:
        return None
    asked = work.last.limits.memory_bytes
    under = f" under a limit of {asked / 2**30:.3g} GiB" if asked else ""
    return Finding(
        finding="memory-short",
        says="Memory is short: pages are fetched from storage while it trains",
        evidence=f"{work.faults:.0f} pages an epoch{under}, at 0.1 ms a page or more",
        seconds_an_epoch=min(lost, work.epoch),
        advice="close what else is open, hold less of the data in memory, or allow it more",
        command=f"certbench doctor --env {shlex.quote(work.last.environment.name)}",
        measured=_of_other_places(tried),
    )


# --- what it was told to do ----------------------------------------------------------------------


def _validation(work: Work, tried: Tried) -> Finding | None:
    if not work.epoch or work.validation is None or work.train is None:
        return None
    share = work.validation / work.epoch
    if share < limit("validation-share"):
        return None
    more = work.validation > work.train
    return Finding(
        finding="validation-heavy",
        says="It validates longer than it trains" if more else
        f"Validation takes {share:.0%} of an epoch",
        evidence=f"{seconds_spoken(work.validation)} of the {seconds_spoken(work.epoch)} of an "
        f"epoch, {seconds_spoken(work.train)} train",
        seconds_an_epoch=work.validation,
        advice="validate every fifth epoch (`validation_freq=5`), or on fewer examples",
        command=run(work),
    )  # fmt: skip


def _passes(work: Work, tried: Tried) -> Finding | None:
    if work.passes is None or work.epoch is None or work.passes < limit("passes"):
        return None
    stage = max(work.last.stages, key=lambda s: (s.steps or 0) * (s.batch_size or 0))
    steps = stage.steps_wanted or stage.steps
    return Finding(
        finding="more-steps-than-data",
        says=f"An epoch goes {work.passes:.2g} times over the data",
        evidence=f"{steps} steps of {stage.batch_size} examples, and the data hold "
        f"{stage.examples}",
        seconds_an_epoch=(work.train or work.epoch) * (1 - 1 / work.passes),
        advice="leave `steps_per_epoch` out, or set it to examples over batch size",
        command=run(work),
    )


def _noise(work: Work, tried: Tried) -> Finding | None:
    found = work.noise
    if found is None or work.epoch is None or (found.kind != "noisy" and not found.modes):
        return None
    quiet = noise_words.steady_seconds(work.pool.repeats)[0]
    why = noise_words.explained(found)
    return Finding(
        finding="noise",
        says="The same epoch takes different times",
        evidence=f"{noise_words.spoken(found)}{'; ' if why else ''}{why}; the quietest of "
        f"{len(work.pool.repeats)} repeats took {seconds_spoken(quiet)}, the middle one "
        f"{seconds_spoken(work.epoch)}",
        seconds_an_epoch=max(0.0, work.epoch - quiet),
        advice="quieten the machine, and repeat until the median is known to within 3 %",
        command=run(work, "--repeats", "auto"),
    )


RULES: tuple[Rule, ...] = (
    _gpu_rejected,
    _gpu_left_out,
    _gpu_partly_used,
    _too_small,
    _starved,
    _start,
    _processors_idle,
    _drift,
    _memory,
    _validation,
    _passes,
    _noise,
)


# --- what to type --------------------------------------------------------------------------------


def run(work: Work, *more: str, environment: str | None = None) -> str:
    """The command that measures this job again, safe to paste."""
    task, place = work.last.task, environment or work.last.environment.name
    what = {"task": ("--task", task.name), "script": ("--script", f"./{task.name}.py")}
    words = what.get(task.source, ("--task", f"./{task.name}.py"))
    return shlex.join(["certbench", "run", *words, "--env", place, *more])


def batch_sizes(work: Work) -> list[int]:
    """Batch sizes to try: this one, four and sixteen times as large, as far as the data go."""
    now, steps = work.last.task.batch_size, work.last.task.steps
    if not now:
        return []
    most = now * steps if steps else None
    return [size for size in (now, 4 * now, 16 * now) if most is None or size <= most]


def _of_other_places(tried: Tried) -> tuple[str, ...]:
    return tuple(trial.text for trial in tried if not trial.knobs)
