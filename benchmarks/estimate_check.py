"""How often an estimate's band holds the truth: each published pair, with its source left out.

`python benchmarks/estimate_check.py` prints the table of docs/estimate.md; with `--write` it finds
the shipped parameters anew.
"""

import math
import sys
from dataclasses import dataclass
from statistics import median

from bench.verdict.estimate import Work, half_width
from bench.verdict.parameters import (
    FILE,
    Parameters,
    Sample,
    fit,
    our_samples,
    predicted_ms,
    samples,
)
from bench.verdict.published import KINDS, Pair, load
from bench.verdict.published.hardware import place_of_hardware, places, processors


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A pair with what was predicted of its GPU without its sources."""

    name: str
    kind: str
    place: str
    cpu_ms: float
    gpu_ms: float
    predicted_ms: float
    width: float

    @property
    def off(self) -> float:
        """Predicted over published."""
        return self.predicted_ms / self.gpu_ms

    @property
    def inside(self) -> bool:
        """Whether the band holds the published step."""
        return abs(math.log(self.off)) <= math.log(self.width)


def checked() -> list[Checked]:
    """Every named pair, each predicted from parameters that its sources had no part in."""
    known = (*samples(load()), *our_samples())
    return [_check(pair, known) for pair in load().pairs]


def _check(pair: Pair, known: tuple[Sample, ...]) -> Checked:
    cpu, gpu = load().figures[pair.cpu], load().figures[pair.gpu]
    where = place_of_hardware(gpu.hardware)
    assert where is not None
    sources = frozenset((cpu.origin, gpu.origin))
    found = fit([sample for sample in known if not sample.sources & sources])
    sample = Sample(
        kind=cpu.work,
        cpu_ms=cpu.ms_per_step,
        gpu_ms=gpu.ms_per_step,
        processor=processors()[cpu.hardware],
        place=where,
        sources=sources,
    )
    work = Work(kind=cpu.work, step_ms=cpu.ms_per_step, steps=cpu.steps, host="colab-cpu")
    return Checked(
        name=pair.name,
        kind=cpu.work,
        place=next(name for name, one in places().items() if one == where),
        cpu_ms=cpu.ms_per_step,
        gpu_ms=gpu.ms_per_step,
        predicted_ms=predicted_ms(found, sample),
        width=half_width(work, where),
    )


def table(found: list[Checked]) -> str:
    """The table of docs/estimate.md."""
    lines = [
        "| pair | kind | place | processor ms | published ms | predicted ms | band | inside |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.name} | {one.kind} | {one.place} | {one.cpu_ms:.3g} | {one.gpu_ms:.3g} | "
        f"{one.predicted_ms:.3g} | {one.predicted_ms / one.width:.3g} to "
        f"{one.predicted_ms * one.width:.3g} | {'yes' if one.inside else 'NO'} |"
        for one in found
    ]
    return "\n".join(lines)


def summary(found: list[Checked]) -> str:
    """The two bars, over all pairs and by kind."""
    inside, width = sum(one.inside for one in found), median(one.width**2 for one in found)
    lines = [
        f"{inside} of {len(found)} pairs inside; the median band is a factor {width:.2g} wide."
    ]
    for kind in KINDS:
        of_kind = [one for one in found if one.kind == kind]
        held = sum(one.inside for one in of_kind)
        widest = max((one.width**2 for one in of_kind), default=0)
        lines.append(f"- {kind}: {held} of {len(of_kind)}, at most a factor {widest:.2g} wide")
    return "\n".join(lines)


def write(found: Parameters) -> None:
    """Keep the parameters, to three digits."""
    head = (
        "# Found by `python benchmarks/estimate_check.py --write` from epochs.toml; not by hand.\n"
    )
    lines = [f"growth = {found.growth:.3g}", f"cores = {found.cores:.3g}"]
    lines.append(f"input_share = {found.input_share:.3g}")
    for name in ("floor_ms", "host", "gain"):
        lines.append(f"\n[{name}]")
        lines += [f"{key} = {value:.3g}" for key, value in getattr(found, name).items()]
    FILE.write_text(head + "\n".join(lines) + "\n")


def main() -> None:
    if "--write" in sys.argv:
        write(fit((*samples(load()), *our_samples())))
    found = checked()
    print(table(found))
    print()
    print(summary(found))


if __name__ == "__main__":
    main()
