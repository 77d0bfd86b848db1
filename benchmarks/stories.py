"""Measures the two stories of docs/variants.md: recurrent layers, and the generator in Python.

    python benchmarks/stories.py --env cpu            # five rounds of each, five seeds
    python benchmarks/stories.py --env cpu --only generator
    python benchmarks/stories.py --tell               # the table of the records that are there

The records go to `results/stories`, and the table, in Markdown, to stdout.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.contract.task import TOP_SCORE
from bench.evidence.derive import reached_seconds, steady_epoch_seconds
from bench.evidence.pools import Pool, newest, pools
from bench.evidence.record import Record
from bench.evidence.store import Store
from bench.evidence.variants import called

RESULTS = Path(__file__).parents[1] / "results" / "stories"
STORIES = {
    "sunspots": ("--task", "sunspots", "--vary", "layers=1,2"),
    "glosses": ("--task", "glosses", "--vary", "layers=1,2"),
    "generator": ("--task", "solids", "--vary", "input=dataset,cached,generator"),
}
HEAD = "| what | where | seeds | score | held out | seconds an epoch | seconds until score 5 |"


def main() -> int:
    """Run what is asked for, then tell what the records say."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    words.add_argument("--env", default="cpu")
    words.add_argument("--repeats", default="5")
    words.add_argument("--only", choices=STORIES)
    words.add_argument("--tell", action="store_true")
    asked = words.parse_args()
    names = [] if asked.tell else [asked.only] if asked.only else list(STORIES)
    for name in names:
        _run(STORIES[name], asked.env, asked.repeats)
    sys.stdout.write(table(Store(RESULTS).load_all()) + "\n")
    return 0


def _run(story: Sequence[str], place: str, repeats: str) -> None:
    certbench = [sys.executable, "-c", "from bench.cli import main; main()", "run"]
    where = ["--env", place, "--repeats", repeats, "--results", str(RESULTS)]
    subprocess.run([*certbench, *story, *where], check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def table(records: Sequence[Record]) -> str:
    """A row a variant and place, in Markdown; medians, with the range of what was learned."""
    rows = [_row(pool) for pool in newest(pools(records)) if pool.repeats]
    return "\n".join([HEAD, "|" + "---|" * HEAD.count(" | ") + "---|", *rows])


def _row(pool: Pool) -> str:
    good = pool.repeats
    graded = [r.result for r in good if r.result]
    metrics = sorted(r.metric for r in graded if r.metric is not None)
    scores = sorted(r.score for r in graded if r.score is not None)
    epochs = [s for r in good if (s := steady_epoch_seconds(r)) is not None]
    held = [reached_seconds(r)[TOP_SCORE - 1] for r in good]
    known = [seconds for seconds in held if seconds is not None]
    until = f"{median(known):.3g}" if known else "never"
    of = f" ({len(known)} of {len(held)})" if len(known) < len(held) else ""
    return (
        f"| `{called(good[0])}` | `{good[0].environment.name}` | {len({r.seed for r in good})} "
        f"| {_span(scores)} | {_span(metrics)} | {median(epochs):.3g} | {until}{of} |"
    )


def _span(values: Sequence[float]) -> str:
    if not values:
        return "–"
    low, high = f"{values[0]:.3g}", f"{values[-1]:.3g}"
    return low if low == high else f"{low} to {high}"


if __name__ == "__main__":
    sys.exit(main())
