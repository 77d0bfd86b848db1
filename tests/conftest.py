"""Shared by all tests: the builders are importable, and nothing skipped counts as passed in CI."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "unit"))
