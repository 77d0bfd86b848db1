"""What a person asks: one frozen request, where every default stands once.

Knows nothing of records, prices or click. The options that a message names are those of
`certbench decide`, whose numbers are all checked here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from bench.errors import UsageError
from bench.verdict.published import Kind

# The exam's categories by the kind of their model; a user's own task has category 0.
CATEGORY_KINDS: Mapping[int, Kind] = {1: "dense", 2: "cnn", 3: "images", 4: "text", 5: "sequence"}

DEFAULT_MONTHS = 12.0
DEFAULT_JOBS_PER_WEEK = 5.0
NEGLIGIBLE_A_MONTH = 1.0
WEEK_HOURS = 168.0
MOST_EPOCHS = 10**9
EXAM_MINUTES = 300


def _today() -> date:
    return datetime.now(tz=UTC).date()


@dataclass(frozen=True, kw_only=True)
class Request:
    """The job, its use, and what is stated beside the records.

    `assume` maps an option's name to `9x`, `4x-12x` or the name of an environment with records, one
    of another machine as MACHINE:ENVIRONMENT. `rates` says what one unit of a currency is worth in
    US dollars. `negligible` and `hour_worth` are sums in the currency of this machine's price, a
    month and an hour. Of `jobs_per_week` and `hours_per_week` (of training on this machine) at most
    one is stated. `cheapest` are GPUs whose cheapest hourly price becomes an option.
    """

    task: str | None = None
    kind: Kind | None = None
    epoch_seconds: float | None = None
    own_start_seconds: float | None = None
    epochs: float | None = None
    jobs_per_week: float | None = None
    hours_per_week: float | None = None
    months: float | None = None
    machines: float = 1
    negligible: float = NEGLIGIBLE_A_MONTH
    hour_worth: float | None = None
    deadline_seconds: float | None = None
    session_start: float | None = None
    idle_seconds: float = 0.0
    restarts: bool = False
    options: tuple[str, ...] = ()
    assume: Mapping[str, str] = field(default_factory=dict)
    cheapest: tuple[str, ...] = ()
    published: bool = False
    local: str | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    attempts: float = 2
    thinking_minutes: float = 10.0
    today: date = field(default_factory=_today)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What one number of a request has to be: `least` and `most` are allowed, `above` is not."""

    flag: str
    text: str
    least: float = 0.0
    most: float = 1e9
    above: bool = False
    whole: bool = False

    def holds(self, value: float) -> bool:
        """Whether it is such a number; never for one that is not finite."""
        if not self.least <= value <= self.most or (self.above and value == self.least):
            return False
        return not self.whole or value == round(value)


EXPECTED: Mapping[str, Expected] = {
    "epochs": Expected(
        flag="--epochs",
        least=1,
        most=MOST_EPOCHS,
        whole=True,
        text="a whole number, at least 1, at most a billion",
    ),
    "epoch_seconds": Expected(
        flag="--epoch-seconds", above=True, text="a number of seconds more than 0"
    ),
    "own_start_seconds": Expected(
        flag="--own-start-seconds", text="a number of seconds, 0 or more"
    ),
    "jobs_per_week": Expected(
        flag="--runs-per-week", above=True, most=10_000, text="more than 0, at most 10000"
    ),
    "hours_per_week": Expected(
        flag="--hours-per-week",
        above=True,
        most=WEEK_HOURS,
        text="hours of training on this machine, more than 0, at most the 168 of a week",
    ),
    "months": Expected(flag="--months", above=True, most=1200, text="more than 0, at most 1200"),
    "machines": Expected(
        flag="--machines", least=1, most=1000, whole=True, text="a whole number, 1 to 1000"
    ),
    "negligible": Expected(flag="--negligible", text="a sum a month, 0 or more"),
    "hour_worth": Expected(flag="--hour-worth", text="a sum an hour, 0 or more"),
    "deadline_seconds": Expected(
        flag="--deadline", above=True, most=1e12, text="more than 0, for example 5h or 90m"
    ),
    "session_start": Expected(flag="--session-start", text="0 or more, for example 2m"),
    "idle_seconds": Expected(flag="--idle", text="0 or more, for example 10m"),
    "attempts": Expected(
        flag="--attempts", least=1, most=1000, whole=True, text="a whole number, 1 to 1000"
    ),
    "thinking_minutes": Expected(
        flag="--thinking", most=EXAM_MINUTES, text=f"0 to {EXAM_MINUTES} minutes"
    ),
    "rate": Expected(
        flag="--rate", above=True, text="CURRENCY=DOLLARS, for example EUR=1.08: more than 0"
    ),
}


def check_number(name: str, value: float | None, said: str | None = None) -> None:
    """Raise UsageError, one line, for a number that is none of its kind; None is not stated."""
    expected = EXPECTED[name]
    if value is not None and not expected.holds(value):
        raise UsageError(f"{expected.flag} is {said or f'{value:g}'}: {expected.text}")


def check_request(request: Request) -> None:
    """Raise UsageError for a number out of range and for what does not go together."""
    for name in EXPECTED.keys() - {"rate"}:
        check_number(name, getattr(request, name))
    for currency, rate in request.rates.items():
        check_number("rate", rate, f"{currency}={rate:g}")
    if request.jobs_per_week is not None and request.hours_per_week is not None:
        raise UsageError("say --runs-per-week or --hours-per-week, not both: each gives the other")
    if request.epoch_seconds is None:
        _check_measured(request)
    else:
        _check_stated(request)


def _check_measured(request: Request) -> None:
    if request.own_start_seconds is not None:
        raise UsageError(
            "--own-start-seconds goes with --epoch-seconds: a task's start is measured"
        )


def _check_stated(request: Request) -> None:
    """Raise UsageError for what says nothing of a job that was never run."""
    if request.task:
        raise UsageError("say --task or --epoch-seconds, not both: which job is it?")
    if request.epochs is None:
        raise UsageError("--epoch-seconds needs --epochs: how many will your job have?")
    if request.local:
        raise UsageError("--local chooses among records, and your job has none: leave it out")
