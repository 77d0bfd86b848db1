"""The environments: what is started, with which limits, and what it stands for."""

from dataclasses import dataclass, replace

from bench.contract.facts import Accelerator
from bench.errors import UsageError
from bench.evidence.record import EngineName

COLAB_MEMORY_BYTES = 13_636_521_164  # 12.7 GiB, what a free Colab machine shows (docs/method.md)
COLAB_PROCESSORS = 2


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One entry. `processors` and `memory_bytes` of None mean: all that the machine has.

    backend: what Keras computes with, one of its backends; `on_backend` makes an entry for another.
    isolated: nothing but the run shares its limits. rented: on a machine that is had for the runs
    alone. accelerator_request: what is asked for by name, and what the machine must name.
    """

    name: str
    title: str
    engine: EngineName
    emulated: bool = False
    isolated: bool = False
    rented: bool = False
    accelerator: Accelerator | None = None
    dockerfile: str | None = None
    image: str | None = None
    accelerator_request: str | None = None
    processors: int | None = None
    processor_quota: float | None = None
    memory_bytes: int | None = None
    backend: str = "tensorflow"
    backends: tuple[str, ...] = ("tensorflow", "jax")

    @property
    def on_gpu(self) -> bool:
        """Whether a GPU has to do the work."""
        return self.accelerator == "gpu"


CPU_IMAGE = "certbench:cpu"
GPU_IMAGE = "certbench:gpu"

ENVIRONMENTS = (
    Environment(
        name="cpu",
        title="a container with all processors",
        engine="docker",
        isolated=True,
        dockerfile="Dockerfile",
        image=CPU_IMAGE,
    ),
    Environment(
        name="gpu",
        title="a container with one NVIDIA GPU",
        engine="docker",
        isolated=True,
        accelerator="gpu",
        dockerfile="Dockerfile.gpu",
        image=GPU_IMAGE,
    ),
    Environment(
        name="colab-like",
        title="a container with Colab's versions and limits on your own processor",
        engine="docker",
        isolated=True,
        emulated=True,
        dockerfile="Dockerfile",
        image=CPU_IMAGE,
        processors=COLAB_PROCESSORS,
        memory_bytes=COLAB_MEMORY_BYTES,
    ),
    Environment(
        name="colab-like-gpu",
        title="a container with Colab's limits and your own NVIDIA GPU",
        engine="docker",
        isolated=True,
        emulated=True,
        accelerator="gpu",
        dockerfile="Dockerfile.gpu",
        image=GPU_IMAGE,
        processors=COLAB_PROCESSORS,
        memory_bytes=COLAB_MEMORY_BYTES,
    ),
    Environment(
        name="native",
        title="this Python interpreter, no container, no GPU",
        engine="native",
    ),
    Environment(
        name="native-gpu",
        title="this Python interpreter with its GPU, no container",
        engine="native",
        accelerator="gpu",
    ),
    Environment(
        name="colab-cpu",
        title="a rented Colab machine without a GPU",
        engine="colab",
        rented=True,
    ),
    *(
        Environment(
            name=f"colab-{gpu.lower()}",
            title=f"a rented Colab machine with one {gpu}",
            engine="colab",
            rented=True,
            accelerator="gpu",
            accelerator_request=gpu,
        )
        for gpu in ("T4", "L4", "A100")
    ),
    Environment(
        name="colab-tpu",
        title="a rented Colab machine with one TPU, for --vary backend=jax",
        engine="colab",
        rented=True,
        accelerator="tpu",
        accelerator_request="v5e1",
        backend="jax",
        backends=("jax",),
    ),
)


def environment(name: str) -> Environment:
    """The environment of that name. Raises UsageError for a name that is none."""
    for entry in ENVIRONMENTS:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in ENVIRONMENTS)
    raise UsageError(f"no environment is called {name!r}; there are: {known}")


def on_backend(entry: Environment, backend: str) -> Environment:
    """The environment for a backend, which in a container has an image of its own.

    Raises UsageError for a backend that does not use its accelerator.
    """
    if backend not in entry.backends:
        raise UsageError(
            f"{entry.name} trains with {' or '.join(entry.backends)} alone, {backend} would train "
            f"on its processor: --vary backend={entry.backends[0]}"
        )
    if backend == entry.backend:
        return entry
    if entry.dockerfile is None or entry.image is None:
        return replace(entry, backend=backend)
    suffix = "" if entry.dockerfile == "Dockerfile" else f"-{entry.dockerfile.partition('.')[2]}"
    return replace(
        entry,
        backend=backend,
        dockerfile=f"Dockerfile.{backend}{suffix}",
        image=f"certbench:{backend}{suffix}",
    )


def place_of(name: str, backend: str) -> str:
    """What an environment that is ready is kept under: it is another one for another backend."""
    return name if backend == "tensorflow" else f"{name}+{backend}"
