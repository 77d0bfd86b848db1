"""`certbench build`, `data` and `clean`: what is made before a campaign and removed after."""

import rich_click as click

from bench.cli.options import say
from bench.evidence.words import counted


def _names() -> list[str]:
    from bench.campaign.environments import ENVIRONMENTS

    return [entry.name for entry in ENVIRONMENTS]


@click.command("build")
@click.option("--env", "names", multiple=True, default=["cpu"], show_default=True, metavar="E")
@click.option(
    "--backend", type=click.Choice(["tensorflow", "jax"]), default="tensorflow", show_default=True
)
@click.option("--quiet", is_flag=True, help="Only say that it is done.")
def build_command(names: tuple[str, ...], backend: str, quiet: bool) -> None:  # noqa: FBT001
    """Build the image of each environment; for `native`, install the pinned framework.

    `run` does this by itself where an image is missing or older than the source. An image holds
    code and data, so nothing is fetched during a run.
    """
    from bench.campaign.engines.registry import engine_of
    from bench.campaign.environments import environment, on_backend

    for name in names:
        entry = on_backend(environment(name), backend)
        engine_of(entry).build(entry, (lambda line: None) if quiet else say)
        say(f"{name}: built")


@click.command("data")
@click.option(
    "--task", "names", multiple=True, metavar="T", help="Prepare only these tasks. Default: all."
)
def data_command(names: tuple[str, ...]) -> None:
    """Prepare the data of native runs, without root and without Docker.

    Images hold their own. Raw files come from installed Debian packages, else from the packages
    taken apart in a private folder, else from the official archives; hashes are checked either way.
    """
    import tasks
    from bench.campaign.data import prepare_missing
    from bench.campaign.setup import known_tasks

    for name, digest in prepare_missing(known_tasks(names or tasks.names()), say).items():
        click.echo(f"{name} {digest}")


@click.command("clean")
def clean_command() -> None:
    """Remove our containers and images, and say what that frees. Records stay.

    Colab sessions that a killed campaign left are stopped, where Google's client is here.
    """
    from bench.campaign.engines.registry import clean_all, reclaim_rented
    from bench.campaign.lock import machine_lock

    with machine_lock():
        reclaim_rented(say)
        freed = clean_all()
    say(
        f"removed {counted(freed.containers, 'container')} and "
        f"{counted(len(freed.images), 'image')} "
        f"({', '.join(freed.images) or 'none'}): {freed.image_bytes / 1e9:.1f} GB"
    )
