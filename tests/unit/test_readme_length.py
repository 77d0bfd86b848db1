"""The README is read by people in a hurry."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_readme_is_short_and_all_that_it_links_to_is_there():
    text = (ROOT / "README.md").read_text()
    links = re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", text)

    assert len(text.splitlines()) <= 120
    assert [link for link in links if not (ROOT / link).exists()] == []
