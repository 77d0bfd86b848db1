"""A real engine, the real image, and task files that behave badly on purpose."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.campaign.engines.docker import DockerEngine
from bench.campaign.environments import environment
from bench.campaign.opening import open_environment
from bench.errors import EngineError
from tools import OWN_TASK, containers


@pytest.fixture(scope="session")
def engine() -> DockerEngine:
    """The engine of this machine, with the CPU image built from this source."""
    try:
        found = DockerEngine()
    except EngineError as error:
        pytest.skip(f"no engine: {error}")
    open_environment(environment("cpu"), ("line",), 60.0, print)
    return found


@pytest.fixture
def no_leftovers(engine: DockerEngine) -> Iterator[None]:
    """The test leaves no container of ours behind."""
    yield
    assert containers(engine) == []


@pytest.fixture
def own_task(tmp_path: Path):
    """Writes a user's own task file whose top holds the lines given."""

    def write(name: str, top: str = "") -> Path:
        path = tmp_path / f"{name}.py"
        path.write_text(OWN_TASK.replace("{top}", top))
        return path

    return write
