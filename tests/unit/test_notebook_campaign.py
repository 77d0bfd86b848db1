"""What a rented machine is, is read from it and never typed."""

from pathlib import Path

import pytest

from bench.campaign import notebook
from bench.campaign.engines.colab import session
from bench.campaign.machine import has_tpu
from bench.campaign.notebook import runtime
from bench.contract.task import Source
from bench.errors import DataError, GpuError
from standin import apt_get

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("release", "gpus", "name"),
    [
        (None, (), "native"),
        (None, ("NVIDIA GeForce RTX 4090",), "native"),
        ("2026.08", (), "colab-cpu"),
        ("2026.08", ("Tesla T4",), "colab-t4"),
        ("2026.08", ("NVIDIA L4",), "colab-l4"),
        ("2026.08", ("NVIDIA A100-SXM4-40GB",), "colab-a100"),
    ],
)
def test_a_machine_is_named_after_its_gpu(release, gpus, name):
    found = runtime(release, gpus)

    assert (found.name, found.engine, found.emulated) == (name, "native", False)
    assert found.on_gpu == bool(gpus and release)


def test_a_machine_with_a_tpu_trains_with_jax_on_it():
    found = runtime("2026.08", (), tpu=True)

    assert (found.name, found.engine, found.accelerator) == ("colab-tpu", "native", "tpu")
    assert (found.backend, found.backends) == ("jax", ("jax",))


@pytest.mark.parametrize(
    ("file", "there"), [("accel0", True), ("vfio/0", True), ("vfio/vfio", False)]
)
def test_a_tpu_is_known_by_its_device_files(tmp_path, file, there):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()

    assert has_tpu(tmp_path) == there


def test_a_gpu_without_an_environment_is_one_line():
    with pytest.raises(GpuError, match="NVIDIA H100"):
        runtime("2026.08", ("NVIDIA H100 80GB HBM3",))


@pytest.mark.parametrize("name", ["colab.txt", "colab-gpu.txt", "colab-tpu.txt"])
def test_the_notebook_adds_what_the_images_hold(name):
    """A JPEG of another Pillow has other bytes."""
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)

    assert pinned == session.pins(tuple(pinned))


@pytest.fixture
def source(tmp_path):
    """A package whose files are not here."""
    return Source(package="raw-files", folder=f"{tmp_path}/nowhere".lstrip("/"), files={})


def test_raw_files_come_with_their_package(source, tmp_path, monkeypatch):
    calls = apt_get(tmp_path, monkeypatch)
    said = []

    notebook._install_package(source, said.append)

    assert calls() == [
        "-qq update",
        "-qq install --yes --no-install-recommends raw-files",
    ]
    assert said == ["installing raw-files"]


def test_a_package_that_is_here_is_not_installed(source, tmp_path, monkeypatch):
    calls = apt_get(tmp_path, monkeypatch)
    (tmp_path / "nowhere").mkdir()

    notebook._install_package(source, print)

    assert calls() == []


def test_a_package_that_cannot_be_had_is_one_line(source, tmp_path, monkeypatch):
    apt_get(tmp_path, monkeypatch, fails=True)

    with pytest.raises(DataError, match=r"^apt-get .* failed: E: Unable to locate package$"):
        notebook._install_package(source, print)


def test_a_machine_without_apt_is_one_line(source, monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(DataError, match="apt-get is not here"):
        notebook._install_package(source, print)
