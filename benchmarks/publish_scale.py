"""How long a page of many records takes, and how much memory: 1,000 against 10,000 of 100 epochs.

    python benchmarks/publish_scale.py [--counts 1000 10000] [--profile]

Each count is published by a fresh process, as a user would; the goal is 20 s and 1 GB for 10,000.
The records are made from one pattern with other seeds, so that no two are the same.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from bench.contract.facts import EpochFacts
from bench.evidence.record import Record
from bench.evidence.store import from_json

PATTERN = Path(__file__).resolve().parents[1] / "tests/unit/golden/v1.json"
TASKS = ("line", "fashion", "solids", "glosses", "sunspots")
PLACES = (("cpu", False), ("colab-like", True))
EPOCHS = 100


def made(pattern: Record, number: int) -> Record:
    """The record of that number: task, environment and round follow from it."""
    dice = random.Random(number)  # noqa: S311  no secret
    category, rest = number % len(TASKS), number // len(TASKS)
    (place, emulated), round_ = PLACES[rest % 2], rest // 2 + 1
    epochs = tuple(_epoch(index, category + dice.uniform(1, 1.2)) for index in range(EPOCHS))
    change = msgspec.structs.replace
    return change(
        pattern,
        id=f"{pattern.campaign.id}-r{round_:05d}-{place}-{TASKS[category]}",
        round=round_,
        task=change(pattern.task, name=TASKS[category], category=category + 1, epochs=EPOCHS),
        environment=change(pattern.environment, name=place, emulated=emulated, accelerator=None),
        status="ok",
        reasons=(),
        epochs=epochs,
        phases=change(pattern.phases, fit=sum(e.train_seconds + 0.1 for e in epochs)),
    )


def _epoch(index: int, seconds: float) -> EpochFacts:
    return EpochFacts(
        index=index,
        stage=0,
        processor_seconds=2 * seconds,
        train_seconds=seconds,
        validation_seconds=0.1,
        score=min(5, index),
        ended_seconds=10 + index * seconds,
        loss=1 / (index + 1),
        held_out_loss=1.1 / (index + 1),
        held_out_metric=0.8,
    )


def fill(folder: Path, count: int) -> int:
    """Write so many records; their bytes. Without the store's care, which costs a sync each."""
    pattern = from_json(PATTERN.read_bytes(), PATTERN.name)
    runs = folder / "runs"
    runs.mkdir(parents=True)
    size = 0
    for number in range(count):
        record = made(pattern, number)
        content = msgspec.json.encode(record)
        (runs / f"{record.id}.json").write_bytes(content)
        size += len(content)
    return size


def measure(count: int, *, profile: bool) -> tuple[float, int]:
    """Seconds and peak bytes of `certbench publish` on so many records."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = fill(folder / "results", count)
        print(f"{count} records, {size / 1e6:.0f} MB")
        command = [
            sys.executable,
            *(["-m", "cProfile", "-s", "cumtime"] if profile else []),
            str(Path(sys.executable).with_name("certbench")),
            "publish",
            "--results",
            str(folder / "results"),
            "--out",
            str(folder / "site"),
        ]
        os.sync()  # what was written to make the records is not the page's work
        begun = time.perf_counter()
        process = subprocess.Popen(command)  # noqa: S603  our own command
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
    if status:
        raise SystemExit(f"publish failed with status {status}")
    return seconds, usage.ru_maxrss * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    chosen = parser.parse_args()
    for count in chosen.counts:
        seconds, peak = measure(count, profile=chosen.profile)
        print(
            f"{count:6d} records: {seconds:.1f} s ({1000 * seconds / count:.2f} ms each), "
            f"{peak / 1e6:.0f} MB at most"
        )


if __name__ == "__main__":
    main()
