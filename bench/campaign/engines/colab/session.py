"""A Colab session from its making to its stop, with what it took beside the runs."""

import secrets
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import tasks
from bench.campaign.brought import Brought
from bench.campaign.engines import Finish, Launch, OnLine
from bench.campaign.engines.colab.client import Client, Listed, MaybeSpentError, Usage
from bench.campaign.environments import Environment
from bench.campaign.packages import conflict
from bench.campaign.sources import IN_IMAGE, ROOT, tree
from bench.contract.gpus import names
from bench.contract.order import encode_order
from bench.errors import CertbenchError, DataError, EngineError, GpuError, ImageError
from bench.evidence.record import Ending, Session

PREFIX = "certbench-"
BUNDLE = "certbench.zip"
OWN_ARCHIVE = "own.zip"
OWN = "own"  # the folder of a user's file on the machine
PREPARING_SECONDS = 1800.0
STOP_ATTEMPTS = 3
PAUSE_SECONDS = 5.0
SPENT = "your Colab compute units are spent (balance 0.00): buy some, or wait for the free quota"
CHEAPER = ", or take --env colab-cpu"
NO_UNITS = (
    ". The account has no units (balance 0.00): the free quota may be used up, which only waiting "
    "or buying units mends"
)

# Colab's own TensorFlow, Keras and numpy stay; these are the worker's, pinned as in the images.
PINS = (ROOT / "requirements/worker-gpu.in", ROOT / "requirements/worker.in")
PACKAGES = ("msgspec", "pillow")
GPU_PACKAGES = ("nvidia-ml-py",)
# A TPU's machine has JAX and no TensorFlow, which the data of some tasks need: where it lacks them.
TPU_PACKAGES = ("keras", "tensorflow-cpu")


class ColabSession:
    """One session. Whoever makes it must `stop` it: units burn while it lives."""

    def __init__(self, client: Client, environment: Environment) -> None:
        """Name a session; `begin` makes it."""
        self.name = PREFIX + secrets.token_hex(3)
        self._client = client
        self._environment = environment
        self._before = Usage()
        self._others: frozenset[str] = frozenset()
        self._endpoint: str | None = None
        self._provision_seconds: float | None = None
        self._install_seconds: float | None = None
        self._data_seconds: dict[str, float] = {}

    def begin(self) -> Self:
        """Make the session and install the worker; where that fails, stop it again.

        Raises EngineError, or GpuError where the machine is another than was asked for.
        """
        self._before = self._client.usage()
        self._others = frozenset(one.endpoint for one in self._client.sessions())
        with ExitStack() as undo:
            undo.callback(self.stop)
            self._provision_seconds, _ = _timed(self._new)
            self._endpoint = self._found()
            self._install_seconds, answer = _timed(self._install)
            check_hardware(self._environment, answer["gpus"])
            undo.pop_all()
        return self

    def run(self, launch: Launch, on_line: OnLine) -> Finish:
        """Prepare the data where that is still to do, and run one worker to its end."""
        self._prepare(launch)
        seconds = launch.ready.limits.seconds
        own = f"../{OWN}/{launch.own.name}" if launch.own else None
        order = encode_order(launch.order(own, places=places(launch.brings)))
        step = {"step": "run", "order": order, "seconds": seconds}
        answer = self._step(step, EngineError, seconds, on_line)
        return Finish(
            ending=Ending(
                exit_code=answer["exit_code"],
                oom_killed=answer["oom_killed"],
                timed_out=answer["timed_out"],
                stderr_tail=tuple(answer["stderr_tail"]),
            ),
            start_seconds=answer["start_seconds"],
            session=self._facts(launch.task),
        )

    def stop(self) -> None:
        """Stop it and see that it is gone. Raises EngineError where it may live on."""
        stop_surely(self._client, self.name, self._is_this)

    def _is_this(self, one: Listed) -> bool:
        """Whether a listed session is, or may be, this one: the client may forget its name."""
        if self._endpoint:
            return one.endpoint == self._endpoint
        return one.name == self.name or (one.name == "?" and one.endpoint not in self._others)

    def _found(self) -> str | None:
        """What Google calls this session."""
        names = {one.name: one.endpoint for one in self._client.sessions()}
        return names.get(self.name)

    def _new(self) -> None:
        try:
            asked = self._environment
            self._client.new(self.name, asked.accelerator, asked.accelerator_request)
        except MaybeSpentError as error:
            raise self._told(error, at_zero=NO_UNITS) from error

    def _install(self) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix=PREFIX) as scratch:
            bundle = Path(scratch) / BUNDLE
            write_bundle(bundle)
            self._client.upload(self.name, bundle, BUNDLE)
        packages = PACKAGES + (GPU_PACKAGES if self._environment.on_gpu else ())
        lacking = TPU_PACKAGES if self._environment.accelerator == "tpu" else ()
        step = {"step": "install", "archive": BUNDLE, "packages": pins(packages)}
        step["lacking"] = pins(lacking)
        return self._step(step, EngineError)

    def _prepare(self, launch: Launch) -> None:
        if launch.task not in self._data_seconds:
            self._data_seconds[launch.task], _ = _timed(lambda: self._send(launch))

    def _send(self, launch: Launch) -> None:
        """Have a task's data made on the machine; a user's own task makes its data in the run."""
        if launch.own:
            self._send_own(launch.own, launch.brings)
            return
        source = tasks.named(launch.task).source
        step = {
            "step": "data",
            "task": launch.task,
            "package": source.package if source else None,
            "raw": f"/{source.folder.lstrip('/')}" if source else None,
        }
        self._step(step, DataError)

    def _send_own(self, own: Path, brings: Brought) -> None:
        """A user's file with all that it brings, as one archive, and its packages."""
        with tempfile.TemporaryDirectory(prefix=PREFIX) as scratch:
            archive = Path(scratch) / OWN_ARCHIVE
            lay = write_own(archive, own, brings)
            self._client.upload(self.name, archive, OWN_ARCHIVE)
        self._step({"step": "own", "archive": OWN_ARCHIVE, "lay": lay}, DataError)
        if brings.packages is None:
            return
        step = {"step": "packages", "wanted": brings.packages.text}
        said = self._step(step, ImageError)["said"]
        if said is not None:
            raise conflict(brings.packages, said)

    def _step(
        self,
        step: dict[str, Any],
        kind: type[CertbenchError],
        seconds: float = PREPARING_SECONDS,
        on_line: OnLine = lambda line: None,
    ) -> dict[str, Any]:
        """Do a step on the machine; its answer. Raises `kind` where the machine says it failed."""
        try:
            answer = self._client.execute(self.name, step, seconds, on_line)
        except MaybeSpentError as error:
            raise self._told(error) from error
        if "error" in answer:
            raise kind(f"on the Colab machine: {answer['error']}; the session was stopped")
        return answer

    def _told(self, error: EngineError, at_zero: str = "") -> EngineError:
        """The error as it is, or that the units are spent where the balance fell to nothing.

        An account on the free tier never had any: there, `at_zero` is said besides.
        """
        if self._usage().balance != 0:
            return error
        if self._before.balance:
            return EngineError(SPENT + (CHEAPER if self._environment.accelerator_request else ""))
        return EngineError(f"{error}{at_zero}")

    def _facts(self, task: str) -> Session:
        after = self._usage()
        return Session(
            provision_seconds=self._provision_seconds,
            install_seconds=self._install_seconds,
            data_seconds=self._data_seconds[task],
            # the account's rate is this session's only where no other one lives
            units_per_hour=after.units_per_hour if after.sessions == 1 else None,
            balance_before=self._before.balance,
            balance_after=after.balance,
        )

    def _usage(self) -> Usage:
        """The account, or nothing known of it: a run is not lost because its price is."""
        try:
            return self._client.usage()
        except EngineError:
            return Usage()


def stop_surely(client: Client, name: str, is_it: Callable[[Listed], bool]) -> None:
    """Stop a session and see that it is gone. Raises EngineError where it may live on.

    A client that has forgotten a session calls it stopped, so the list is what counts; `is_it`
    says whether a session in the list is the one.
    """
    for attempt in range(STOP_ATTEMPTS):
        time.sleep(PAUSE_SECONDS * attempt)
        try:
            client.stop(name)
            if not any(map(is_it, client.sessions())):
                return
        except EngineError:
            continue
    raise EngineError(
        f"the Colab session {name} may still run and cost units: `colab stop -s {name}`, or, where "
        "`colab sessions` shows it as [?], end it at https://colab.research.google.com (Runtime, "
        "Manage sessions)"
    )


def check_hardware(environment: Environment, gpus: Sequence[str]) -> None:
    """Raise GpuError unless the machine is what the environment is named after."""
    wanted = environment.accelerator_request
    if (wanted is None or environment.accelerator == "tpu") and not gpus:
        return  # whether there is a TPU only JAX can say: a run without one is rejected
    if wanted and gpus and all(names(wanted, gpu) for gpu in gpus):
        return
    raise GpuError(
        f"{environment.name} asked for {wanted or 'no GPU'}, Colab gave "
        f"{', '.join(gpus) or 'none'}: the session was stopped and nothing was run. Try again, or "
        "take the environment of that GPU"
    )


def write_bundle(path: Path) -> None:
    """Zip what the worker needs: the code that the images hold."""
    files = tree(pattern for pattern in IN_IMAGE if not pattern.startswith("requirements"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for file in files:
            bundle.write(file, file.relative_to(ROOT).as_posix())


def places(brings: Brought) -> dict[str, str]:
    """Where each of the data lies on the machine, by where the code looks for it."""
    found = brings.container_places().items()
    return {
        inside: f"../{OWN}/{there.rpartition('/')[2]}" if there != inside else inside
        for inside, there in found
    }


def write_own(archive: Path, own: Path, brings: Brought) -> dict[str, str]:
    """Pack a user's file, its modules and its data; what goes to which absolute place."""
    laid = places(brings)
    members = {f"{OWN}/{path.name}": path for path in (own, *brings.siblings)}
    absolute = {}
    for number, each in enumerate(brings.data):
        members[f"{OWN}/{number}"] = each.outside
        if laid[each.inside] == each.inside:
            absolute[each.inside] = f"{OWN}/{number}"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, path in members.items():
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file():
                    inner = file.relative_to(path).as_posix()
                    packed.write(file, name if file == path else f"{name}/{inner}")
    return absolute


def pins(names: Sequence[str]) -> dict[str, str]:
    """The pinned version of each package, from the list the images are built from."""
    texts = [path.read_text(encoding="utf-8") for path in PINS]
    lines = (line.partition("==") for text in texts for line in text.splitlines())
    known = {name.strip(): pin.split()[0] for name, equals, pin in lines if equals}
    return {name: known[name] for name in names}


def _timed(step: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that a step took, and what it gave back."""
    begun = time.perf_counter()
    outcome = step()
    return time.perf_counter() - begun, outcome
