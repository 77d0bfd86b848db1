"""`certbench clean` takes images that stand on others first: an engine keeps what is stood on."""

from dataclasses import dataclass, field
from types import SimpleNamespace

from bench.campaign.engines.docker import engine as engine_module
from bench.campaign.engines.docker.engine import DockerEngine


@dataclass
class Engine:
    """Two images, the second with a user's packages on the first; it refuses as a real one does."""

    left: dict[str, int] = field(default_factory=lambda: {"base": 2, "derived": 3})

    def list(self, **_: object) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(
                id=name,
                tags=[f"certbench:{name}"],
                attrs={"Size": 1, "RootFS": {"Layers": ["x"] * layers}},
            )
            for name, layers in self.left.items()
        ]

    def remove(self, name: str, *, force: bool) -> None:
        assert force
        assert name == "derived" or "derived" not in self.left, "image has dependent child images"
        del self.left[name]


def test_an_image_with_packages_goes_before_its_base(monkeypatch):
    images = Engine()
    containers = SimpleNamespace(list=lambda **_: [])
    client = SimpleNamespace(images=images, containers=containers)
    monkeypatch.setattr(engine_module, "connect", lambda: client)

    freed = DockerEngine.clean()

    assert images.left == {}
    assert freed.images == ("certbench:base", "certbench:derived")
