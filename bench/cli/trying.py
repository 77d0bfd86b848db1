"""`certbench try`: a script for a few epochs on this machine, and the answer for all of them."""

from pathlib import Path

import rich_click as click

from bench.cli.options import results_option
from bench.cli.run import run_command

EPOCHS = 3  # the first stands apart, two are steady


@click.command("try")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--env", "environments", multiple=True, metavar="E", help="Where to train. Default: cpu."
)
@click.option(
    "--data",
    multiple=True,
    metavar="PATH[:INSIDE]",
    help="Give the script a file or folder, as `certbench run` does.",
)
@click.option("--epochs", type=click.IntRange(2), default=EPOCHS, show_default=True)
@click.option("--steps", type=click.IntRange(1), help="Cut each epoch after N steps.")
@click.option(
    "--requirements", type=click.Path(path_type=Path), metavar="FILE", help="As for `run`."
)
@click.option("--network", is_flag=True, help="Open the container's network for the script.")
@click.option("--target", metavar="METRIC>=X", help="Tell the time until it is reached.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Save what the script writes there; without it that is lost.",
)
@results_option
@click.argument("arguments", nargs=-1)
@click.pass_context
def try_command(  # noqa: PLR0913, PLR0917  one argument an option
    context: click.Context,
    file: Path,
    environments: tuple[str, ...],
    data: tuple[str, ...],
    requirements: Path | None,
    epochs: int,
    steps: int | None,
    network: bool,  # noqa: FBT001
    target: str | None,
    keep: Path | None,
    results: Path,
    arguments: tuple[str, ...],
) -> None:
    """Run a script or notebook for three epochs of each fit, and answer for all that it wants.

    The same as `certbench run --script FILE --repeats 1 --epochs 3`. See docs/your-own-script.md.
    """
    context.invoke(
        run_command,
        file=file,
        environments=environments,
        data=data,
        requirements=requirements,
        epochs=epochs,
        steps=steps,
        network=network,
        target=target,
        keep=keep,
        results=results,
        arguments=arguments,
        rounds=1,
    )
