"""`certbench estimate`: an epoch on hardware that is not here."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, cast

import rich_click as click

from bench.cli.options import as_json, format_option, results_option
from bench.errors import UsageError
from bench.evidence.words import counted

if TYPE_CHECKING:
    from bench.verdict.estimate import Estimate, Work
    from bench.verdict.published import Kind


@click.command("estimate")
@click.option(
    "--on",
    "on",
    required=True,
    metavar="PLACE",
    help="Estimate for this place: colab-t4, a100, rtx-4090, …; `--on list` lists them.",
)
@click.option("--task", metavar="T", help="Estimate a task that was measured on this machine.")
@click.option(
    "--env",
    "environment",
    default="cpu",
    show_default=True,
    metavar="E",
    help="Say in which environment the task was measured.",
)
@click.option(
    "--kind",
    metavar="K",
    help="Say what model it is: dense, cnn, images (transfer learning too), text or sequence.",
)
@click.option(
    "--step-ms",
    type=float,
    metavar="MS",
    help="Say how long a step takes: seconds of an epoch, validation included, over its steps, "
    "times 1000.",
)
@click.option("--steps", type=int, metavar="N", help="Say how many training steps an epoch has.")
@click.option(
    "--input-ms",
    type=float,
    metavar="MS",
    help="Say how long the input pipeline alone takes for a step.",
)
@click.option(
    "--host", metavar="P", help="Say whose processor the step was measured on: this or colab-cpu."
)
@results_option
@format_option
def estimate_command(  # noqa: PLR0913, PLR0917  one parameter an option
    on: str,
    task: str | None,
    environment: str,
    kind: str | None,
    step_ms: float | None,
    steps: int | None,
    input_ms: float | None,
    host: str | None,
    results: Path,
    form: str,
) -> None:
    """Estimate an epoch on hardware that is not here, with a band that was checked.

    From a task that was measured here (--task), or from a step that was measured anywhere
    (--kind, --step-ms, --steps). The basis is what others published: docs/estimate.md shows how
    often the band was right.
    """
    from bench.verdict.estimate import Work, estimate_on
    from bench.verdict.published.hardware import places

    if on == "list":
        for name, place in places().items():
            click.echo(f"{name:16} {place.title}")
        return
    if task:
        if step_ms is not None or steps is not None:
            raise UsageError("--task or --step-ms with --steps, not both")
        work = _measured(task, environment, kind, results)
    else:
        if kind is None or step_ms is None or steps is None:
            raise UsageError("say --task T, or --kind, --step-ms and --steps together")
        work = Work(
            kind=cast("Kind", kind),  # `estimate_on` refuses another and names what there is
            step_ms=step_ms,
            steps=steps,
            input_ms=input_ms,
            host=host or "this",
        )
    found = estimate_on(on, work)
    if form == "json":
        as_json(asdict(found))
    else:
        _show(found, work)


def _measured(task: str, environment: str, kind: str | None, results: Path) -> "Work":
    from bench.campaign.machine import this_machine
    from bench.evidence.store import Store
    from bench.verdict.strength import strength_of
    from bench.verdict.table import home, pools
    from bench.verdict.work import work_of

    records = Store(results).load_all()
    here = home(records, this_machine().id)
    known = pools(records)
    found = [
        pool
        for pool in known
        if (pool.machine, pool.task, pool.environment) == (here, task, environment)
    ]
    if not found:
        raise UsageError(
            f"no measured run of {task!r} in {environment}: `certbench run --env {environment} "
            f"--task {task}`"
        )
    strength = strength_of(known, here, environment)
    return work_of(found[-1], cast("Kind | None", kind), strength)


def _show(found: "Estimate", work: "Work") -> None:
    from bench.cli.tables import print_prose
    from bench.verdict.published import like, load
    from bench.verdict.published.hardware import place

    epoch, speed = found.epoch_seconds, found.speedup
    here = work.step_ms * work.steps / 1000
    print_prose(
        f"An epoch on {place(found.on).title}: about {epoch.middle:.2g} s "
        f"({epoch.low:.2g} to {epoch.high:.2g} s), estimated, against {here:.3g} s measured: "
        f"{speed.low:.2g} to {speed.high:.2g} times as fast. Bound by "
        f"{BOUND[found.bound_by]}; the first epoch takes {found.first_epoch_extra_seconds.low:.2g} "
        f"to {found.first_epoch_extra_seconds.high:.2g} s more."
    )
    figures = load().figures
    known = [figures[name] for name in found.rests_on if name in figures]
    if known:
        steps = [figure.ms_per_step for figure in known]
        print_prose(
            f"People measured {min(steps):.3g} to {max(steps):.3g} ms a step of such models there "
            f"({counted(len(known), 'figure')}: `certbench published --kind {found.kind}`)."
        )
    elif not like(found.kind, place(found.on).figures):
        print_prose("Nobody published such a model there: scaled from other hardware, so wider.")


BOUND = {
    "host": "what its host needs to issue a step: a faster GPU would not help",
    "compute": "the arithmetic",
    "input": "the input pipeline on its host",
}
