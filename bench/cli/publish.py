"""`certbench publish`: one static folder, with the verdict first."""

import re
import tempfile
from collections.abc import Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import rich_click as click

from bench.cli.charts import story
from bench.cli.gather import name_option, skip_option, with_option
from bench.cli.options import results_option, say
from bench.cli.prices import prices_option
from bench.errors import ArchiveError, UsageError
from bench.evidence.archive import Member, write_archive
from bench.evidence.record import Record
from bench.evidence.store import to_json
from bench.evidence.words import counted

URL = re.compile(r"https?://[^\s\"'<>]+")
ARCHIVE_MOST = 1000  # packing more takes longer than all pages together


@click.command("publish")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the page there: new, empty, or an earlier page. Default: `site` in the folder of "
    "the records.",
)
@click.option("--serve", is_flag=True, help="Show the page at http://127.0.0.1 until Ctrl-C.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Serve at this port.",
)
@click.option(
    "--url",
    default="",
    metavar="URL",
    help="Say where the page will stand, for links that show a card.",
)
@with_option
@name_option
@skip_option
@prices_option
@results_option
def publish_command(  # noqa: PLR0913, PLR0917  an option each
    out: Path | None,
    serve: bool,  # noqa: FBT001
    port: int,
    url: str,
    own: Path | None,
    results: Path,
    **sources: object,
) -> None:
    """Make a page of the records: verdict, charts, every run, prices, method and data.

    It needs no server and asks nobody for anything: open DIR/index.html. With --with, machines
    stand side by side. A folder that certbench did not make is left alone.
    """
    from bench.publish.folder import check, explained, write_page
    from bench.publish.site import files

    out = out or results / "site"
    if url and not URL.fullmatch(url):
        raise UsageError(f"--url {url}: say the whole address, for example https://me.github.io/x/")
    with explained(out):
        check(out)
    found = story(own, results, **sources)  # type: ignore[arg-type]
    count = write_page(out, files(found, packed(found.records), url))
    say(f"{counted(count, 'file')} of {counted(len(found.records), 'record')}")
    click.echo(out / "index.html")
    if serve:
        _serve(out, port)


def packed(records: Sequence[Record]) -> bytes | None:
    """The records as an archive for others; None where they are too much for one."""
    if len(records) > ARCHIVE_MOST:
        return None
    members = [Member(name=f"{r.id}.json", content=to_json(r), record=r) for r in records]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "records.zip"
        try:
            write_archive(target, members)
        except ArchiveError:
            return None
        return target.read_bytes()


def _serve(out: Path, port: int) -> None:
    """Show the folder on this machine alone."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(out))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise UsageError(f"--port {port}: {error.strerror}; choose another") from error
    with server:
        say(f"http://127.0.0.1:{server.server_port}/  (Ctrl-C ends it)")
        server.serve_forever()
