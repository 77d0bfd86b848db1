r"""Compare this machine's processor with Colab's: `python benchmarks/colab_link.py`.

It reads records of the tasks in benchmarks/published_models, which repeat models whose epochs on
Colab's processor were published, and prints each model on both, with the ratio's median and band,
for each kind of model too. `--write` keeps the seconds as the reference that estimates rest on
where a user's own processor was not measured. To make the records, on a quiet machine:

    certbench run --env cpu --env colab-like --repeats 3 --results results/models \
      $(printf -- '--task %s ' benchmarks/published_models/*.py)

Published epochs are of TensorFlow 2.3 to 2.12 and ours of today's: the ratio holds both
differences.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from bench.campaign.machine import this_machine
from bench.errors import CertbenchError
from bench.evidence.record import Record
from bench.evidence.store import Store
from bench.verdict.pace import LEAST_MODELS, Strength
from bench.verdict.published import FILE, KINDS
from bench.verdict.strength import strength_of
from bench.verdict.table import home, pools

RULE = "|---|---|---|---|"


def table(strength: Strength) -> str:
    rows = [
        f"| {one.task} | {one.kind} | {one.here_seconds:.3g} | {one.colab_seconds:.3g} "
        f"| {one.ratio:.2f} |"
        for one in sorted(strength.models, key=lambda one: one.ratio)
    ]
    head = ["| model | kind | here s | Colab's processor s | times as fast here |"]
    return "\n".join([*head, "|---|---|---|---|---|", *rows])


def kinds(strength: Strength) -> str:
    found = {kind: strength.of(kind) for kind in KINDS}
    rows = [
        f"| {kind} | {sum(one.kind == kind for one in strength.models)} | {pace.middle:.2f} "
        f"| {pace.half_width:.2f} |"
        for kind, pace in found.items()
    ]
    return "\n".join(["| kind | models | times as fast | factor to either side |", RULE, *rows])


def verdict(strength: Strength, machine: str, environment: str) -> str:
    pace = strength.overall
    return (
        f"The processor of {machine} in {environment} is {pace.middle:.2f} times as fast as "
        f"Colab's (median of {len(strength.models)} models; four of five lie within a factor "
        f"{pace.half_width:.2f} to either side)."
    )


def reference(strength: Strength, records: Sequence[Record]) -> str:
    """The file of the seconds, as TOML."""
    newest = max(records, key=lambda record: record.started_at)
    seconds = [f"{one.task} = {one.here_seconds:.4g}" for one in strength.models]
    return "\n".join(
        [
            "# Seconds of an epoch of each linked model, on two threads of a processor of today.",
            "# Written by `python benchmarks/colab_link.py --write` from results/models.",
            f'processor = "{newest.machine.processor}"',
            f'date = "{newest.started_at[:10]}"',
            'command = "python benchmarks/colab_link.py --write"',
            "",
            "[seconds]",
            *seconds,
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=Path("results/models"))
    parser.add_argument("--env", default="cpu", help="where they were measured")
    parser.add_argument("--write", action="store_true", help="keep it as the shipped reference")
    arguments = parser.parse_args()
    try:
        records = Store(arguments.results).load_all()
        machine = home(records, this_machine().id)
    except CertbenchError as error:
        parser.exit(error.exit_code, f"{error}\n")
    found = strength_of(pools(records), machine, arguments.env)
    if found is None:
        parser.exit(
            2,
            f"fewer than {LEAST_MODELS} of the published models were measured in {arguments.env}: "
            f"certbench run --env {arguments.env} --task benchmarks/published_models/NAME.py\n",
        )
    if arguments.write:
        FILE.with_name("reference.toml").write_text(reference(found, records), encoding="utf-8")
    print(table(found), kinds(found), sep="\n\n", end="\n\n")
    print(verdict(found, machine, arguments.env))


if __name__ == "__main__":
    main()
