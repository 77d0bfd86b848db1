"""The images: one recipe, pinned, and built again when their source changes."""

import re
from pathlib import Path

import pytest

from bench.campaign import sources
from bench.campaign.environments import environment
from bench.campaign.sources import ROOT, source_digest
from bench.errors import ImageError


@pytest.mark.docker
def test_an_image_of_other_source_is_not_used(engine, monkeypatch):
    monkeypatch.setattr("bench.campaign.sources.source_digest", lambda entry: "other")

    with pytest.raises(ImageError, match="other source: `certbench build --env cpu`"):
        engine.ready(environment("cpu"), 60.0)


@pytest.mark.docker
def test_a_build_that_fails_says_why_and_what_to_do(engine, monkeypatch, tmp_path):
    """Here the base image is one that no registry has."""
    (tmp_path / "Dockerfile").write_text("FROM certbench.invalid/none:none\n")
    monkeypatch.setattr(sources, "ROOT", tmp_path)

    with pytest.raises(ImageError, match=r"cannot be built: .*--env native"):
        engine.build(environment("cpu"), print)


@pytest.mark.parametrize("name", ["gpu", "jax", "jax-gpu"])
def test_the_images_differ_in_their_requirements_alone(name):
    def recipe(name: str) -> list[str]:
        lines = (ROOT / name).read_text().splitlines()
        return [line for line in lines if not line.startswith("#")]

    differing = [
        pair
        for pair in zip(recipe("Dockerfile"), recipe(f"Dockerfile.{name}"), strict=True)
        if pair[0] != pair[1]
    ]

    assert differing == [
        (
            "ARG REQUIREMENTS=requirements/worker.txt",
            f"ARG REQUIREMENTS=requirements/worker-{name}.txt",
        )
    ]


PINNED = (
    "worker.txt",
    "worker-user.txt",
    "worker-gpu.txt",
    "worker-jax.txt",
    "worker-jax-gpu.txt",
    "host.txt",
    "dev.txt",
)


@pytest.mark.parametrize("name", PINNED)
def test_every_requirement_is_pinned_with_a_hash(name):
    text = (ROOT / "requirements" / name).read_text()

    entries = re.findall(r"^(?![# ])(\S+)(.*(?:(?<=\\)\n.*)*)", text, flags=re.MULTILINE)

    assert len(entries) > 10
    assert all("==" in pin and "--hash=sha256:" in rest for pin, rest in entries)


def test_the_digest_of_the_source_changes_with_the_worker(tmp_path, monkeypatch):
    for path in sources.sources(environment("cpu")):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    before = source_digest(environment("cpu"))
    monkeypatch.setattr(sources, "ROOT", Path(tmp_path))
    assert source_digest(environment("cpu")) == before

    with (tmp_path / "bench/worker/train.py").open("a") as file:
        file.write("# changed\n")

    assert source_digest(environment("cpu")) != before
