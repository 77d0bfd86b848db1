"""Draws docs/terminal.svg: what the commands print of the records that come along.

    python benchmarks/terminal_picture.py

A test draws it again and compares, so the picture is of today's program and records.
"""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "terminal.svg"
COLUMNS = 100
COMMANDS = ("decide", "show")
# rich's own, without the font that it would fetch from elsewhere
FORMAT = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px; \
line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture() -> str:
    """What the commands print, as an SVG without anything from elsewhere."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    for command in COMMANDS:
        console.print(Text(f"$ certbench {command}", style="bold green"))
        console.print(Text.from_ansi(printed(command)), soft_wrap=True)
    return console.export_svg(title="certbench", code_format=FORMAT, unique_id="terminal")


def printed(command: str) -> str:
    """The stdout of a command in a terminal of so many columns, of the committed records."""
    plain = {"COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    alone = {"CERTBENCH_CATALOGUE": str(ROOT / "no-catalogue"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(  # noqa: S603  our own module
        [sys.executable, "-m", "certbench", command, "--results", str(ROOT / "results")],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | plain | alone,
    )
    return done.stdout


if __name__ == "__main__":
    PICTURE.write_text(picture())
    print(f"{PICTURE} is drawn")
