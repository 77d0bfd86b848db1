"""What certbench costs an unchanged script: under `certbench run --env native` against alone.

`make script-overhead [PAIRS=6] [FORMAT=json]`. Both sides are the same file in the
same interpreter; within a pair the two follow each other directly, and the order changes from pair
to pair. The script says itself when its epochs end (`ended SECONDS`, as `plain_script.py` does), so
a steady epoch is from one such word to the next, with all that certbench does in between. The whole
run is the process alone, against the record's total: what comes behind it is in neither.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from statistics import median

from bench.evidence.derive import total_seconds
from bench.evidence.store import Store
from bench.evidence.words import brief
from bench.verdict.statistics import Comparison, compare

SCRIPT = Path(__file__).with_name("plain_script.py")
CERTBENCH = Path(sys.executable).with_name("certbench")
GOALS = {"steady_epoch_ratio": 1.02, "total_ratio": 1.10}
SAYS = "ended "
Figures = dict[str, float]


def alone(script: Path) -> Figures:
    """The script by itself, in a fresh folder."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        done = _run([sys.executable, str(script)], folder)
    return figures(done.stdout.splitlines(), time.perf_counter() - begun)


def measured(script: Path) -> Figures:
    """The same under certbench."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["run", "--script", str(script), "--env", "native", "--repeats", "1"]
        _run([str(CERTBENCH), *words, "--results", folder], folder)
        [record] = Store(Path(folder)).load_all()
    return figures(record.ending.stderr_tail, total_seconds(record) or 0.0)


def _run(command: list[str], folder: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  our own commands
    if done.returncode:
        sys.exit(f"{Path(command[0]).name} failed: {brief(done.stderr.strip()[-300:], 300)}")
    return done


def figures(lines: Iterable[str], total: float) -> Figures:
    """Both figures of a run from what the script said; the first two epochs are no steady ones."""
    ends = [float(line.removeprefix(SAYS)) for line in lines if line.startswith(SAYS)]
    steady = median(after - before for before, after in pairwise(ends[1:]))
    return {"steady_epoch_ratio": steady, "total_ratio": total}


def measure(script: Path, pairs: int) -> dict[str, Comparison]:
    """Each figure under certbench against alone, paired."""
    sides: list[Callable[[Path], Figures]] = [measured, alone]
    found: list[dict[int, Figures]] = [{}, {}]
    for pair in range(1, pairs + 1):
        for side in (0, 1) if pair % 2 else (1, 0):
            found[side][pair] = sides[side](script)
        print(f"pair {pair} of {pairs}", file=sys.stderr)
    return {
        goal: compare(*({p: f[goal] for p, f in side.items()} for side in found)) for goal in GOALS
    }


def shown(ratios: dict[str, Comparison]) -> str:
    """A line a figure."""
    return "\n".join(
        f"{goal}: {c.ratio.middle:.3f} ({c.ratio.low:.3f} to {c.ratio.high:.3f}, "
        f"{c.ratio.interval}); the goal is {GOALS[goal]}"
        for goal, c in ratios.items()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("script", nargs="?", type=Path, default=SCRIPT)
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--format", choices=["table", "json"], default="table")
    wanted = parser.parse_args()
    ratios = measure(wanted.script.resolve(), wanted.pairs)
    plain = {
        goal: {"median": c.ratio.middle, "low": c.ratio.low, "high": c.ratio.high}
        for goal, c in ratios.items()
    }
    print(shown(ratios) if wanted.format == "table" else json.dumps(plain, indent=2))


if __name__ == "__main__":
    main()
