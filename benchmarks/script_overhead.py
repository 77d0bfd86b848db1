"""What certbench costs an unchanged script in a steady epoch, against the script alone.

`make script-overhead [PAIRS=6]`. Both sides are `plain_script.py` in this interpreter, one as
`certbench run --env native` makes it and one as `python plain_script.py`. They live at once and
take turns epoch by epoch (`paced.py`), so that a machine that is slow for a minute is so for both;
what counts is the median of the ratios of adjacent epochs. An epoch goes from its opening to the
next gate, with all that certbench does in between.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from paced import Plain, Side, in_turn

from bench.campaign.engines import Launch
from bench.campaign.environments import environment
from bench.campaign.lock import machine_lock
from bench.campaign.runner import Started
from bench.campaign.script import user_script
from bench.campaign.setup import open_environment
from bench.errors import CertbenchError
from bench.verdict.statistics import estimate

SCRIPT = Path(__file__).with_name("plain_script.py")
EPOCHS, GOAL = 8, 1.02


class Measured(Side):
    """The script under certbench, in this interpreter."""

    def __init__(self, started: Started, gate: Path) -> None:
        """Start it."""
        super().__init__(gate)
        gate.write_text("#", encoding="utf-8")
        launch = Launch(
            run_id=f"script-overhead-{os.getpid()}-{gate.name}",
            ready=started.ready,
            task=SCRIPT.stem,
            seed=1,
            variant={"backend": "tensorflow"},
            own=SCRIPT,
            script=user_script(SCRIPT, arguments=("--gate", str(gate))),
        )
        self.runs(started, launch)


def one_pair(started: Started, number: int, folder: Path) -> list[float]:
    """The ratios of a pair of trainings."""
    ours = Measured(started, folder / f"measured-{number}")
    plain = Plain([sys.executable, str(SCRIPT)], folder / f"alone-{number}", os.environ)
    return in_turn(ours, plain, EPOCHS, first=number)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=6)
    pairs = parser.parse_args().pairs
    ratios: list[float] = []
    try:
        started = open_environment(environment("native"), (), 1800.0, print)
        with machine_lock(), tempfile.TemporaryDirectory() as folder:
            for number in range(1, pairs + 1):
                ratios += one_pair(started, number, Path(folder))
                print(f"pair {number} of {pairs}", file=sys.stderr)
    except CertbenchError as error:
        sys.exit(f"script-overhead: {error}")
    found = estimate(ratios)
    print(
        f"steady epoch: {found.middle:.3f} ({found.low:.3f} to {found.high:.3f}, of "
        f"{len(ratios)} pairs of epochs); the goal is {GOAL}"
    )


if __name__ == "__main__":
    main()
