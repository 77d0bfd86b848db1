"""Rules of the house that only its source can show."""

import ast
from pathlib import Path

import pytest

from bench.campaign.engines.registry import ENGINES
from bench.contract.gpus import names

BENCH = Path(__file__).resolve().parents[2] / "bench"
ENGINES_HOME = BENCH / "campaign" / "engines"


def compared(tree: ast.AST) -> set[str]:
    """Texts that some code compares with, matches, or looks up by a literal table."""
    found: set[str] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST] = []
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            parts = [node.value]
        elif isinstance(node, ast.Dict):
            parts = [key for key in node.keys if key is not None]
        for part in parts:
            found |= {c.value for c in ast.walk(part) if isinstance(c, ast.Constant)}
    return {value for value in found if isinstance(value, str)}


def others(path: Path) -> set[str]:
    """The engines that a file may not know: all but the one in whose folder it lies."""
    return {name for name in ENGINES if not path.is_relative_to(ENGINES_HOME / name)}


def imported(tree: ast.AST) -> set[str]:
    """The engines whose modules some code imports."""
    modules = {
        module
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
        for module in (
            [name.name] if isinstance(node, ast.Import) else [f"{node.module}.{name.name}"]
        )
    }
    home = "bench.campaign.engines."
    return {m.removeprefix(home).split(".")[0] for m in modules if m.startswith(home)}


def test_no_engine_is_imported_outside_its_folder() -> None:
    """Others reach it through the registry, which imports it when it is asked for."""
    told = {
        path.relative_to(BENCH).as_posix(): imported(ast.parse(path.read_text())) & others(path)
        for path in BENCH.rglob("*.py")
    }

    assert {path: names for path, names in told.items() if names} == {
        "campaign/engines/registry.py": {"native"}  # the engine of this interpreter
    }


def test_the_rule_sees_each_way_of_importing_an_engine() -> None:
    home = "bench.campaign.engines"
    ways = (
        f"import {home}.docker.engine",
        f"from {home}.docker.engine import x",
        f"from {home}.docker import x",
        f"from {home} import docker",
    )
    assert all(imported(ast.parse(way)) == {"docker"} for way in ways)


def test_no_engine_is_told_by_its_name_outside_its_folder() -> None:
    """What others need to know of an engine is a fact of the environment: isolated, rented."""
    told = {
        path.relative_to(BENCH).as_posix(): compared(ast.parse(path.read_text())) & others(path)
        for path in BENCH.rglob("*.py")
    }

    assert {path: words for path, words in told.items() if words} == {
        "campaign/engines/registry.py": set(ENGINES)
    }


def test_the_rule_sees_each_way_of_telling_an_engine() -> None:
    ways = ('x == "docker"', 'x in ("docker", y)', '{"docker": 1}[x]')
    assert all(compared(ast.parse(way)) == {"docker"} for way in ways)
    assert compared(ast.parse('match x:\n case "docker":\n  pass')) == {"docker"}
    assert compared(ast.parse('f(engine="docker")')) == set()


@pytest.mark.parametrize(
    ("request_", "gpu", "is_it"),
    [
        ("T4", "Tesla T4", True),
        ("T4", "NVIDIA T400", False),
        ("A100", "NVIDIA A100-SXM4-40GB", True),
        ("A10", "NVIDIA A100-SXM4-40GB", False),
        ("RTX 4090", "NVIDIA GeForce RTX 4090", True),
        ("RTX 4070", "NVIDIA GeForce RTX 4070 Ti", False),
        ("L4", "NVIDIA L40S", False),
        ("H100", "NVIDIA H100 80GB HBM3", True),
        ("M1", "Apple M1 Pro", False),
        ("", "Tesla T4", False),
    ],
)
def test_a_gpu_is_named_by_whole_words(request_: str, gpu: str, *, is_it: bool) -> None:
    assert names(request_, gpu) == is_it
