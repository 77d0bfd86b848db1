"""The Colab engine: the worker on a machine rented from Google, through Google's own client.

One session an environment, made at its first run and stopped at the end, whatever happens.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench.campaign.brought import Brought
from bench.campaign.checks import Check, refused
from bench.campaign.engines import Finish, Freed, Launch, OnLine, Ready, Say
from bench.campaign.engines.colab.client import Client, Listed
from bench.campaign.engines.colab.session import PREFIX, ColabSession, stop_surely
from bench.campaign.environments import Environment
from bench.campaign.packages import Packages
from bench.errors import CertbenchError, EngineError
from bench.evidence.record import EnvironmentFacts, LimitsAsked
from bench.evidence.words import counted, plural


class ColabEngine:
    """A rented machine. Google decides which one, for how long, and what else runs on it."""

    data_here = False

    def __init__(self, program: str | None = None) -> None:
        """Find the client; `program` is its path. Raises EngineError where there is none."""
        self.client = Client(program)
        self._session: ColabSession | None = None

    @classmethod
    def check(cls, environment: Environment) -> list[Check]:
        """Google's client, the sign-in, and what the account has."""
        try:
            usage = Client().usage()
        except CertbenchError as error:
            return [refused("client", error)]
        asks = environment.accelerator_request or "no GPU"
        left, live = _known(usage.balance, "unit"), _known(usage.sessions, "session")
        text = f"asks for {asks}; {left} left, {live} live"
        if usage.sessions == 0:
            return [Check(name="client", level="ok", text=text)]
        advice = "their units are not told apart: `colab sessions`, `colab stop -s NAME`"
        return [Check(name="client", level="warn", text=text, advice=advice)]

    @classmethod
    def reclaim(cls, say: Say) -> None:
        """Stop the sessions that a killed campaign left, or say how: units burn while they live.

        What is done next may need neither Google nor a network, so a refusal is said and no error.
        """
        try:
            stopped = cls().sweep()
        except EngineError as error:
            say(
                "a Colab session of a killed campaign may still run and cost units (`colab "
                f"sessions` lists it, `colab stop -s NAME` ends it): {error}"
            )
        else:
            say(f"Colab sessions of a killed campaign that were stopped: {stopped}")

    def ready(self, environment: Environment, seconds: float) -> Ready:
        """Check that the client is signed in; no session is made before the first run."""
        self.client.usage()
        return Ready(
            environment=environment,
            facts=EnvironmentFacts(
                name=environment.name,
                engine="colab",
                emulated=environment.emulated,
                isolated=False,
                rented=True,
                accelerator=environment.accelerator,
                image=None,
                image_digest=None,
                engine_version=self.client.version(),
                accelerator_request=environment.accelerator_request,
            ),
            limits=LimitsAsked(
                cpuset=None, processor_quota=None, memory_bytes=None, seconds=seconds
            ),
            here=False,
        )

    def build(self, environment: Environment, say: Say) -> None:
        """Nothing is built ahead: a session costs from the moment it lives."""
        say(f"{environment.name}: code and data are sent when a campaign starts")

    def add_packages(self, ready: Ready, packages: Packages, say: Say) -> Ready:
        """Nothing ahead: they are installed on the machine, at the first run."""
        return ready

    def check_own(self, ready: Ready, paths: Sequence[Path], brings: Brought) -> None:
        """A file is sent: what this process can read can be."""

    def run(self, launch: Launch, on_line: OnLine) -> Finish:
        """Run a worker in this campaign's session; whatever is raised, the session is stopped."""
        with ExitStack() as undo:
            undo.callback(self.close)
            if self._session is None:
                self._session = ColabSession(self.client, launch.ready.environment).begin()
            finish = self._session.run(launch, on_line)
            undo.pop_all()
        return finish

    @classmethod
    def clean(cls) -> Freed:
        """Nothing is kept on this machine."""
        return Freed()

    @classmethod
    def lacks(cls) -> None:
        """Nothing: the session is rented for our runs alone."""

    def sweep(self) -> int:
        """Stop the sessions that a killed campaign of this machine left."""
        mine = self._session.name if self._session else None
        found = [one for one in self.client.sessions() if one.name.startswith(PREFIX)]
        left = {one.name: one.endpoint for one in found if one.name != mine}
        for name, endpoint in left.items():
            stop_surely(self.client, name, partial(_lies_at, endpoint))
        return len(left)

    def close(self) -> None:
        """Stop the session. Raises EngineError where it may live on."""
        if self._session is not None:
            self._session.stop()
            self._session = None


def _lies_at(endpoint: str, one: Listed) -> bool:
    return one.endpoint == endpoint


def _known(number: float | None, noun: str) -> str:
    return f"an unknown number of {plural(noun)}" if number is None else counted(number, noun)
