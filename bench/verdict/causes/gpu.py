"""The GPU: not used, used by part, or the work too small for it."""

import shlex
from dataclasses import replace

from bench.evidence.words import duration_spoken
from bench.verdict.causes.finding import (
    BOUND,
    Finding,
    Rule,
    Tried,
    batch_sizes,
    in_use_spoken,
    input_share,
    of_other_places,
    run,
)
from bench.verdict.causes.limits import limit
from bench.verdict.epoch_work import Work, middle

HOST_STEP = 0.001  # seconds: the least that published steps took, which no arithmetic explains
GPU_PLACES = {True: "gpu", False: "native-gpu"}  # by whether the run is isolated


def _rejected(work: Work, _: Tried) -> Finding | None:
    """A run was rejected because its work lay elsewhere, and none after it went well."""
    kind = work.last.environment.accelerator
    bad = [r for r in work.pool.others if f"{kind}-not-used" in r.reasons]
    if kind is None or work.pool.repeats or not bad:
        return None
    last, name = bad[-1], kind.upper()
    lay = ", ".join(last.placements or ())
    part = f"{name}:" in f"{lay} {last.detail or ''}"
    return Finding(
        finding=f"{kind}-partly-used" if part else f"{kind}-not-used",
        says=f"The {name} did only a part of the work" if part else f"The {name} was not used",
        evidence=last.detail or f"the work lay on {lay or '?'}",
        seconds_an_epoch=middle(e.train_seconds + e.validation_seconds for e in last.epochs[1:]),
        advice="see which part is missing",
        command=f"certbench doctor --env {shlex.quote(last.environment.name)}",
    )


def _gpu_left_out(work: Work, tried: Tried) -> Finding | None:
    """The machine has a GPU that this environment does not ask for."""
    here = work.last
    if work.accelerated or here.environment.emulated or not here.machine.gpus or work.epoch is None:
        return None
    on_gpu = [trial for trial in tried if trial.other.on_gpu]
    if on_gpu and not any(trial.faster for trial in on_gpu):
        return None
    best = next(iter(on_gpu), None)
    saved = work.epoch - (best.other.epoch or 0.0) if best else work.epoch
    untried = GPU_PLACES[here.environment.isolated]
    place = best.other.last.environment.name if best else untried
    return Finding(
        finding="gpu-not-used",
        says="The machine's GPU is not used",
        evidence=f"the machine has {', '.join(here.machine.gpus)}, and {here.environment.name} "
        "asks for no GPU",
        seconds_an_epoch=saved,
        advice="train on the GPU",
        command=run(work, environment=place),
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
        evidence=f"seen busy {util:.0f}% of the time, read once after the fit; a step takes "
        f"{duration_spoken(work.step)}, {in_use_spoken(work)}",
        seconds_an_epoch=work.train * (1 - util / 100),
        advice="look for operations that run on the processor: a Python callback on each batch, "
        "`run_eagerly`, a recurrent layer that the fused kernel does not take",
        command=run(work),
        measured=of_other_places(tried),
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
    beaten = any(trial.other.accelerated and trial.faster for trial in tried)
    if work.accelerated or work.step is None or work.step > limit("processor-step") or beaten:
        return None
    steps = work.last.task.steps or 1
    return _larger_batch(
        work,
        tried,
        Finding(
            finding="too-small-for-gpu",
            says="Its steps are too small for a GPU",
            evidence=f"a step takes {duration_spoken(work.step)} on the "
            "processor, most of it what Keras does around it; a GPU's takes 1 to 8 ms",
            seconds_an_epoch=min(work.train, steps * HOST_STEP),
            advice="",
            command="",
        ),
    )


def _small_on_gpu(work: Work, tried: Tried) -> Finding:
    util, step = work.utilisation, work.step
    said = [
        f"a step takes {duration_spoken(step)}, and 1 to 8 ms are the host's" if step else "",
        f"the GPU was seen busy {util:.0f}% of the time, read once after the fit"
        if util is not None
        else "",
        in_use_spoken(work),
    ]
    return _larger_batch(
        work,
        tried,
        Finding(
            finding="too-small-for-gpu",
            says="Its steps give the GPU too little work",
            evidence="; ".join(filter(None, said)),
            seconds_an_epoch=(work.train or 0.0) * (1 - (util or 0.0) / 100),
            advice="",
            command="",
        ),
    )


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
        finding, advice=advice, command=command, measured=measured + of_other_places(tried)
    )


RULES: tuple[Rule, ...] = (_rejected, _gpu_left_out, _gpu_partly_used, _too_small)
