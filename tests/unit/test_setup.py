"""Before the first run: what is missing is built, and who falls back says so."""

import pytest

from bench.campaign import data, own, setup
from bench.campaign.engines.native.engine import check_python
from bench.campaign.environments import ENVIRONMENTS, environment
from bench.errors import EngineError, ImageError, UsageError
from builders import FakeEngine


class Unbuilt(FakeEngine):
    """An engine whose image is missing until it was built, if it can be."""

    def __init__(self, *, buildable: bool) -> None:
        super().__init__()
        self.buildable, self.built = buildable, 0

    def ready(self, entry, seconds):
        if not self.built:
            raise ImageError("certbench:cpu is not built")
        return super().ready(entry, seconds)

    def build(self, entry, say):
        if not self.buildable:
            raise ImageError("certbench:cpu cannot be built: no registry")
        self.built += 1


@pytest.fixture
def engines(monkeypatch):
    """Which engine serves which environment; native data are there."""
    table: dict[str, FakeEngine] = {"native": FakeEngine()}
    monkeypatch.setattr(setup, "engine_of", lambda entry: table[entry.name])
    monkeypatch.setattr(data, "prepare_missing", lambda names, say: {})
    return table


def test_a_missing_image_is_built_once_and_said(engines) -> None:
    engines["cpu"] = Unbuilt(buildable=True)
    said: list[str] = []

    opened = setup.open_environments(["cpu"], ("line",), 60.0, said.append)

    assert opened["cpu"].ready.environment.name == "cpu"
    assert engines["cpu"].built == 1
    assert "is not built" in said[0]


def test_where_the_image_cannot_be_built_make_bench_cpu_goes_on_natively_and_says_so(
    engines,
) -> None:
    engines["cpu"] = Unbuilt(buildable=False)
    said: list[str] = []

    opened = setup.open_or_fall_back("cpu", "native", ("line",), 60.0, said.append)

    assert list(opened) == ["native"]
    assert any("cannot be built" in line and "Going on with native" in line for line in said)


def test_who_falls_back_is_not_told_to_do_what_is_done_anyway(engines, monkeypatch) -> None:
    def no_engine(entry):
        if entry.name == "cpu":
            raise EngineError("no Docker engine answers: start it, or use --env native")
        return engines[entry.name]

    monkeypatch.setattr(setup, "engine_of", no_engine)
    said: list[str] = []

    setup.open_or_fall_back("cpu", "native", ("line",), 60.0, said.append)

    assert said == [
        "no Docker engine answers: start it. Going on with native now: the records will say so"
    ]


def test_without_a_fallback_an_image_that_cannot_be_built_is_an_error(engines) -> None:
    engines["cpu"] = Unbuilt(buildable=False)

    with pytest.raises(ImageError, match="cannot be built"):
        setup.open_environments(["cpu"], ("line",), 60.0, print)


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_these_pythons_train_natively(version) -> None:
    check_python(version)


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_other_pythons_are_one_line_with_the_next_step(version) -> None:
    with pytest.raises(EngineError, match=r"3\.11 to 3\.13.*make setup PYTHON="):
        check_python(version)


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="there are: cpu, gpu, colab-like"):
        environment("moon")
    with pytest.raises(UsageError, match="there are: line, fashion, solids, glosses, sunspots"):
        setup.known_tasks(["lunch"])


def test_own_files_are_files_with_names_of_their_own(tmp_path) -> None:
    for name in ("line", "mine"):
        (tmp_path / f"{name}.py").write_text("TASK = 1\n")

    assert own.own_files([str(tmp_path / "mine.py"), "fashion"]) == (tmp_path / "mine.py",)
    with pytest.raises(UsageError, match=r"none\.py cannot be read"):
        own.own_files([str(tmp_path / "none.py")])
    with pytest.raises(UsageError, match="rename the file"):
        own.own_files([str(tmp_path / "line.py")])


def test_emulated_environments_are_those_that_stand_for_colab() -> None:
    emulated = {entry.name for entry in ENVIRONMENTS if entry.emulated}

    assert emulated == {"colab-like", "colab-like-gpu"}
