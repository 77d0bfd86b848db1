"""A GPU that was asked for is used, or the run is rejected; never a silent processor run."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import docker
import pytest

from bench.campaign.engines.docker.engine import DockerEngine
from bench.campaign.engines.docker.gpu import working_way
from bench.errors import GpuError
from running import run_one
from tools import certbench, small

pytestmark = pytest.mark.docker

HOOK = "nvidia-container-runtime-hook"


@pytest.fixture
def without_gpu(engine):
    try:
        working_way(engine.client)
    except GpuError:
        return
    pytest.skip("this machine has a GPU")


def test_without_a_gpu_the_command_says_so_before_it_builds_anything(without_gpu, tmp_path):
    """Within ten seconds, with advice, its own exit code, and no record."""
    begun = time.monotonic()

    done = certbench("run", "--env", "gpu", "--results", tmp_path)

    assert time.monotonic() - begun < 10
    assert done.returncode == 6
    assert "NVIDIA container toolkit" in done.stderr
    assert list(tmp_path.glob("runs/*")) == []


@pytest.fixture
def pretending_engine(engine, tmp_path_factory, monkeypatch):
    """A second engine that accepts GPU requests although there is no GPU: its hook is a stub."""
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        pytest.skip("starting a second engine needs root and dockerd")
    folder = tmp_path_factory.mktemp("engine")
    stub = folder / "bin" / HOOK
    stub.parent.mkdir()
    stub.write_text("#!/bin/sh\nexit 0\n")
    stub.chmod(0o755)
    process = _start(folder, stub.parent)
    socket = f"unix://{folder}/docker.sock"
    try:
        _hand_over(engine, _connected(socket, process))
        monkeypatch.setenv("DOCKER_HOST", socket)
        yield DockerEngine()
    finally:
        process.terminate()
        process.wait(timeout=60)


def _start(folder: Path, programs: Path) -> subprocess.Popen:
    options = {
        "host": f"unix://{folder}/docker.sock",
        "data-root": folder / "data",
        "exec-root": folder / "exec",
        "pidfile": folder / "pid",
        "bridge": "none",
        "iptables": "false",
    }
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            ["dockerd", *(f"--{name}={value}" for name, value in options.items())],
            env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"},
            stdout=log,
            stderr=log,
        )


def _connected(socket: str, process: subprocess.Popen) -> docker.DockerClient:
    """Wait for the second engine."""
    while True:
        try:
            return docker.DockerClient(base_url=socket)
        except docker.errors.DockerException:
            assert process.poll() is None, "the second engine did not start"
            time.sleep(0.1)


def _hand_over(engine, second: docker.DockerClient) -> None:
    """Give the second engine the image of the first."""
    image = engine.client.images.get("certbench:cpu")
    second.images.load(image.save(chunk_size=1 << 20, named="certbench:cpu"))


def test_a_gpu_request_that_ends_on_the_processor_is_rejected(pretending_engine, tmp_path):
    """The engine accepts, the container starts, TensorFlow finds none: the record says so."""
    record = run_one(pretending_engine, small(name="gpu", accelerator="gpu"), "line", tmp_path)

    assert (record.status, record.reasons) == ("rejected", ("gpu-not-used",))
    assert record.environment.accelerator_request == "nvidia"
    assert record.seen.devices == ("CPU",)
    assert record.epochs == ()
