"""A page made of small records, and Debian's Chromium to open it from its file."""

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from bench.cli.publish import packed
from bench.publish.folder import write_page
from bench.publish.site import files
from publish_builders import many, story


def that_runs(*names: str) -> str | None:
    """The first of these programs that is found and runs: some are but a hint what to install."""
    for program in filter(None, map(shutil.which, names)):
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run([program, "--version"], check=True, capture_output=True, timeout=60)
            return program
    return None


CHROMIUM = that_runs("chromium", "chromium-browser")
AXE = "axe-core@4.10.3"


@pytest.fixture(scope="session")
def page_folder(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("page") / "site"
    write_page(out, files(story(many()), packed(many()[:-1])))
    return out


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def opened(browser, page_folder):
    """Open a file of the page; what the console said and what was asked for is kept."""
    context = browser.new_context()
    seen = {"console": [], "requests": [], "dialogs": []}

    def open_file(name: str, **emulated: object):
        page = context.new_page()
        if emulated:
            page.emulate_media(**emulated)
        page.on("console", lambda message: seen["console"].append(message.text))
        page.on("pageerror", lambda error: seen["console"].append(str(error)))
        page.on("request", lambda request: seen["requests"].append(request.url))
        page.on("dialog", lambda dialog: (seen["dialogs"].append(dialog.message), dialog.dismiss()))
        file, _, state = name.partition("#")
        page.goto((page_folder / file).as_uri() + (f"#{state}" if state else ""))
        return page

    open_file.seen = seen
    yield open_file
    context.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """The script of axe-core, from its own registry."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm to fetch axe-core with")
    folder = tmp_path_factory.mktemp("axe")
    fetched = subprocess.run(
        [npm, "pack", "--silent", AXE], cwd=folder, check=False, timeout=120, capture_output=True
    )
    if fetched.returncode:
        pytest.skip("axe-core cannot be fetched")
    [archive] = folder.glob("*.tgz")
    shutil.unpack_archive(archive, folder, filter="data")
    return (folder / "package/axe.min.js").read_text()
