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


def test_no_engine_is_told_by_its_name_outside_its_folder() -> None:
    """What others need to know of an engine is a fact of the environment: isolated, rented."""
    told = {
        path.relative_to(BENCH).as_posix(): compared(ast.parse(path.read_text())) & ENGINES.keys()
        for path in BENCH.rglob("*.py")
        if path.parent == ENGINES_HOME or not path.is_relative_to(ENGINES_HOME)
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
