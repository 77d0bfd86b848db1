"""What the job waits for on its machine: its input, its own threads, memory, a quieter hour."""

import shlex

from bench.evidence import noise as noise_words
from bench.evidence.words import counted, duration_spoken, nouned
from bench.verdict.causes.finding import (
    BOUND,
    Finding,
    Rule,
    Tried,
    batch_sizes,
    idle_processors,
    in_use_spoken,
    input_share,
    of_other_places,
    run,
    share_in_use,
)
from bench.verdict.causes.limits import limit
from bench.verdict.epoch_work import Work, usable_processors
from bench.verdict.tried import Trial


def _starved(work: Work, tried: Tried) -> Finding | None:
    share = input_share(work)
    if share < limit("input-share") or work.input is None or work.train is None:
        return None
    bound = share >= BOUND
    cached = (work.last.task.source, work.last.task.name) == ("task", "solids")
    more = ["--vary", "input=dataset,cached"] if cached else []
    idle = idle_processors(work)
    return Finding(
        finding="starved-by-input",
        says="It waits for its input" if bound else "Its input takes a large part of an epoch",
        evidence=f"the input alone takes {duration_spoken(work.input)} of the "
        f"{duration_spoken(work.train)} that an epoch trains ({min(share, 1):.0%}); "
        f"{in_use_spoken(work)}",
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


def _processors_idle(work: Work, tried: Tried) -> Finding | None:
    seen, idle = work.last.seen, idle_processors(work)
    if not idle or work.epoch is None or seen is None or input_share(work) >= BOUND:
        return None
    threads = f"thread pools of {seen.threads_intra} and {seen.threads_inter}"
    few = min(seen.threads_intra, seen.threads_inter) < seen.processors
    advice, command = _less_idle(work, few=few)
    return Finding(
        finding="processors-idle",
        symptom=not few,
        says=f"Idle: {idle:.2g} of {nouned(f'{work.processors:.2g}', 'processor')}",
        evidence=f"{in_use_spoken(work)}; {threads}",
        seconds_an_epoch=work.epoch * (1 - share_in_use(work)),
        advice=advice,
        command=command,
        measured=tuple(t.text for t in tried if "batch_size" in t.knobs or _fewer(work, t)),
    )


def _less_idle(work: Work, *, few: bool) -> tuple[str, str]:
    """What to change, and the command: threads, a larger batch if the data allow it, or none."""
    if few:
        return "give it as many threads as processors", run(work)
    fewer = "a machine with fewer processors may be about as fast"
    sizes = batch_sizes(work)[:2]
    if len(sizes) < 2:
        return fewer, f"certbench decide --task {shlex.quote(work.last.task.name)}"
    vary = f"batch_size={','.join(map(str, sizes))}"
    return f"give a step more work (a larger batch); or {fewer}", run(work, "--vary", vary)


def _fewer(work: Work, trial: Trial) -> bool:
    """Whether it ran in another place with fewer processors, and no GPU."""
    here, there = work.last.seen, trial.other.last.seen
    if trial.knobs or trial.other.on_gpu or here is None or there is None:
        return False
    return usable_processors(there) < usable_processors(here)


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
        measured=of_other_places(tried),
    )


def _noise(work: Work, _: Tried) -> Finding | None:
    found = work.noise
    if found is None or work.epoch is None or (found.kind != "noisy" and not found.modes):
        return None
    quiet = noise_words.steady_seconds(work.pool.repeats)[0]
    why = noise_words.explained(found)
    return Finding(
        finding="noise",
        symptom=True,
        says="The same epoch takes different times",
        evidence=f"{noise_words.spoken(found)}{'; ' if why else ''}{why}; the quietest of "
        f"{counted(len(work.pool.repeats), 'repeat')} took {duration_spoken(quiet)}, the middle "
        f"one {duration_spoken(work.epoch)}",
        seconds_an_epoch=max(0.0, work.epoch - quiet),
        advice="quieten the machine, and repeat until the median is known to within 3%",
        command=run(work, "--repeats", "auto"),
    )


RULES: tuple[Rule, ...] = (_starved, _processors_idle, _memory, _noise)
