"""What the harness costs in a steady epoch: two trainings, epoch by epoch in turn.

Both processes live at once, and one waits while the other trains its epoch (`gate.py`): epoch 5 of
the harness follows epoch 5 of plain Keras within a second. A machine that is slow for a minute is
so for both, and what is compared is the ratio within each such pair, not two medians of far-off
minutes.
"""

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gate import ARRIVED, SIGN

from bench.campaign.engines import Launch
from bench.campaign.runner import Started
from bench.contract.events import Epoch, decode
from bench.errors import ImageError
from bench.evidence.strangers import brief

HERE = Path(__file__).parent
PATIENCE_SECONDS = 900  # for an epoch
CALM_SECONDS = 0.05  # after an epoch was told: the gate behind it is reached well within that

WRAPPER = '''"""{name}, whose epochs wait for their turn."""
import dataclasses, os, sys
from pathlib import Path
import tasks

{gate}
inner = tasks.named("{name}")
data = Path(os.environ.get("CERTBENCH_DATA") or "/opt/certbench/data") / "{name}"
TASK = dataclasses.replace(
    inner,
    data_sha256=None,
    source=None,
    knobs=(),
    prepare=lambda source, folder: None,
    load=lambda folder: inner.load(data),
    build=lambda: gated(
        inner.build(), Path(__file__), lambda epoch: None, lambda line: print(line, file=sys.stderr)
    ),
)
'''


class Side:
    """One training that waits before each epoch but the first."""

    def __init__(self, gate: Path) -> None:
        """`gate` is the file that opens."""
        self.gate = gate
        self.said: queue.Queue[str | None] = queue.Queue()  # None: an epoch is over
        self.seconds: list[float] = []

    def waits(self) -> None:
        """Block until its epoch is over. Raises ImageError where it failed instead."""
        try:
            said = self.said.get(timeout=PATIENCE_SECONDS)
        except queue.Empty:
            said = f"no epoch within {PATIENCE_SECONDS} s"
        if said is not None:
            raise ImageError(f"{self.gate.name}: {brief(said, 300)}")

    def trains_one(self) -> None:
        """Open the gate to the next epoch, and wait until that is over."""
        with self.gate.open("ab") as file:
            file.write(b"#")
        self.waits()

    def ends(self) -> list[float]:
        """The seconds of its epochs, once it has ended."""
        self.thread.join(PATIENCE_SECONDS)
        if not self.seconds:
            raise ImageError(f"{self.gate.name} ended and told no epochs")
        return self.seconds

    def begins(self, work: Callable[[], None]) -> None:
        """Train in a thread; whatever goes wrong there is raised by `waits`."""

        def guarded() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001  handed to the thread that waits
                self.said.put(str(error) or type(error).__name__)

        self.thread = threading.Thread(target=guarded, daemon=True)
        self.thread.start()

    def runs(self, started: Started, launch: Launch) -> None:
        """Train as certbench does; an epoch is over where its worker says so."""

        def on_line(line: bytes) -> None:
            if isinstance(decode(line), Epoch):
                time.sleep(CALM_SECONDS)
                self.said.put(None)

        def work() -> None:
            finish = started.engine.run(launch, on_line)
            for line in finish.ending.stderr_tail:
                self.hears(line)
            if not self.seconds:
                self.said.put(f"it ended: {' '.join(finish.ending.stderr_tail[-3:])}")

        self.begins(work)

    def hears(self, line: str) -> None:
        """Keep the seconds that are told at the end."""
        if line.startswith(SIGN):
            self.seconds = json.loads(line.removeprefix(SIGN))


class Harness(Side):
    """As `certbench run --env cpu` trains it, in its container; its gate is its task file."""

    def __init__(self, started: Started, name: str, seed: int, folder: Path) -> None:
        """Start it."""
        super().__init__(folder / f"gated_{name}.py")
        gate = (HERE / "gate.py").read_text(encoding="utf-8").split('"""', 2)[2]
        self.gate.write_text(WRAPPER.format(name=name, gate=gate) + "\n#", encoding="utf-8")
        self.gate.chmod(0o644)
        launch = Launch(
            run_id=f"overhead-{os.getpid()}-{name}-{seed}",
            ready=started.ready,
            task=self.gate.stem,
            seed=seed,
            variant={"backend": "tensorflow"},
            own=self.gate,
        )

        self.runs(started, launch)


class Plain(Side):
    """As a student would write it (`plain.py`)."""

    def __init__(self, command: Sequence[str], gate: Path, environment: Mapping[str, str]) -> None:
        """Start it."""
        super().__init__(gate)
        gate.write_text("#", encoding="utf-8")
        child = subprocess.Popen(  # noqa: S603  our own command
            [*command, "--gate", str(gate)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(environment),
        )

        def work() -> None:
            for line in child.stdout or ():
                self.hears(line)
                if line.startswith((ARRIVED, SIGN)):
                    self.said.put(None)
            said = child.stderr.read() if child.stderr else ""
            if child.wait():
                self.said.put(said.strip()[-300:])

        self.begins(work)


def in_turn(harness: Side, plain: Side, epochs: int, *, first: int) -> list[float]:
    """Harness over plain for each epoch but the first; which side goes first changes each time."""
    for side in (harness, plain):
        side.waits()
    for epoch in range(1, epochs):
        sides = (harness, plain) if (epoch + first) % 2 else (plain, harness)
        for side in sides:
            side.trains_one()
    ours, theirs = harness.ends(), plain.ends()
    return [mine / other for mine, other in zip(ours[1:], theirs[1:], strict=True)]
