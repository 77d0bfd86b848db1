"""How an environment is started: ready, build, run, sweep, close, and before all that, check."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.campaign.brought import Brought
from bench.campaign.checks import Check
from bench.campaign.environments import Environment
from bench.campaign.packages import Packages
from bench.campaign.script import UserScript
from bench.contract.facts import Source, Variant
from bench.contract.order import Order
from bench.evidence.record import Ending, EnvironmentFacts, LimitsAsked, Session

STDERR_LINES = 40
OnLine = Callable[[bytes], None]
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Ready:
    """An environment that can be started now: its facts, and the limits it will be given.

    `here` is whether it trains on the very machine that this command runs on; `packages` is the
    folder of those that were installed for the user's file, where they are not in an image.
    """

    environment: Environment
    facts: EnvironmentFacts
    limits: LimitsAsked
    here: bool = True
    packages: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Launch:
    """One start: what to train, or a user's own task file, and where."""

    run_id: str
    ready: Ready
    task: str
    seed: int
    variant: Variant = field(default_factory=dict)
    epochs: int | None = None
    own: Path | None = None
    script: UserScript | None = None
    brought: Brought | None = None

    @property
    def brings(self) -> Brought:
        """What the user's file brings with it."""
        return self.script or self.brought or Brought()

    @property
    def source(self) -> Source:
        """What kind of thing is trained."""
        if self.script:
            return "script"
        return "user-task" if self.own else "task"

    def order(
        self,
        file: str | None = None,
        data: str | None = None,
        places: dict[str, str] | None = None,
        keep: str | None = None,
    ) -> Order:
        """What the worker is told; `file` is where it finds the user's file, `places` his data.

        `keep` is where it leaves what a script wrote.
        """
        script, brings = self.script, self.brings
        return Order(
            name=self.task,
            source=self.source,
            file=file,
            seed=self.seed,
            epochs=self.epochs,
            accelerator=self.ready.environment.accelerator,
            variant=self.variant,
            data=data,
            steps=script.steps if script else None,
            arguments=script.arguments if script else (),
            links=brings.links(places or {}),
            digests=brings.digests,
            target=script.target if script else None,
            keep=keep,
        )


@dataclass(frozen=True, kw_only=True)
class Finish:
    """What the engine knows when the worker has ended; `session` where one is rented."""

    ending: Ending
    start_seconds: float | None
    session: Session | None = None


@dataclass(frozen=True, kw_only=True)
class Freed:
    """What was removed. `image_bytes` counts layers that two images share twice."""

    containers: int = 0
    images: tuple[str, ...] = ()
    image_bytes: int = 0


class Engine(Protocol):
    """Starts environments. Raises EngineError, ImageError or GpuError, each with the next step.

    `data_here` is whether the tasks' data have to be prepared on this machine.
    """

    data_here: bool

    @classmethod
    def check(cls, environment: Environment) -> list[Check]:
        """What would stop or spoil a run there, looked at without changing anything."""

    @classmethod
    def reclaim(cls, say: Say) -> None:
        """Give back what a killed campaign of this machine still rents; a refusal is only said."""

    @classmethod
    def clean(cls) -> Freed:
        """Remove all that this engine keeps for us on this machine, records apart."""

    @classmethod
    def lacks(cls) -> str | None:
        """What a run here cannot isolate, in words; None where a run is isolated."""

    def ready(self, environment: Environment, seconds: float) -> Ready:
        """Check that the environment can be started, without building anything."""

    def build(self, environment: Environment, say: Say) -> None:
        """Make what `ready` found missing. Raises ImageError with the next step."""

    def add_packages(self, ready: Ready, packages: Packages, say: Say) -> Ready:
        """The same environment with what a user's list names. Raises ImageError with both sides.

        What is pinned there stays as it is. Installed once for each list.
        """

    def check_own(self, ready: Ready, paths: Sequence[Path], brings: Brought) -> None:
        """Raise EngineError where the inside could not be given a user's file or what it brings."""

    def run(self, launch: Launch, on_line: OnLine) -> Finish:
        """Start the worker, hand on each whole line of its stdout, and wait for its end.

        Blocks; never polls. Whatever is raised, nothing is left running.
        """

    def sweep(self) -> int:
        """Remove what a killed campaign of this machine left behind; how many things that were."""

    def close(self) -> None:
        """Give back what was kept between runs. Called once, at the end, whatever happened."""
