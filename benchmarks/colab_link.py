"""Compare this machine's processor with Colab's: `python benchmarks/colab_link.py`.

It reads records of the tasks in benchmarks/published_models, which repeat models whose epochs on
Colab's processor were published, and prints each model on both, with the ratio's median and band.
To make the records, on a quiet machine:

    certbench run --env cpu $(printf -- '--task %s ' benchmarks/published_models/*.py)

Published epochs are of TensorFlow 2.3 to 2.12 and ours of today's: the ratio holds both
differences.
"""

import argparse
from pathlib import Path

from bench.campaign.machine import this_machine
from bench.errors import CertbenchError
from bench.evidence.store import Store
from bench.verdict.strength import LEAST_MODELS, Strength, strength_of
from bench.verdict.table import home, pools


def table(strength: Strength) -> str:
    rows = [
        f"| {one.task} | {one.here_seconds:.3g} | {one.colab_seconds:.3g} | {one.ratio:.2f} |"
        for one in sorted(strength.models, key=lambda one: one.ratio)
    ]
    head = ["| model | here s | Colab's processor s | times as fast here |", "|---|---|---|---|"]
    return "\n".join([*head, *rows])


def verdict(strength: Strength, machine: str, environment: str) -> str:
    return (
        f"The processor of {machine} in {environment} is {strength.middle:.2f} times as fast as "
        f"Colab's (median of {len(strength.models)} models; four of five lie within "
        f"{strength.low:.2f} to {strength.high:.2f}, a factor {strength.half_width:.2f} to either "
        "side)."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--env", default="cpu", help="where they were measured")
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
    print(table(found))
    print()
    print(verdict(found, machine, arguments.env))


if __name__ == "__main__":
    main()
