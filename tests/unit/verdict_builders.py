"""Options and records for the tests of the verdict, made with few words."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec
import numpy as np

from bench.contract.facts import Closed, Seen
from bench.evidence.record import Phases, Record
from bench.verdict.decide import Workload
from bench.verdict.model import Option, Timing, exact
from bench.verdict.money import Use
from bench.verdict.prices import Free, Hourly, Owned, Price, Units
from builders import environment, epoch, facts, record

ABOUT = {
    "currency": "USD",
    "billing": "test",
    "region": "test",
    "source": "test",
    "seen": date(2026, 11, 1),
}


def hourly(amount: str = "1.00", **more: object) -> Hourly:
    about = ABOUT | {"name": "hourly", "amount": Decimal(amount)}
    return Hourly(**about | {"unit_seconds": 1.0} | more)


def units(amount: str = "10", **more: object) -> Units:
    pack = {"pack_units": 100.0, "units_per_hour": 2.0, "expiry_days": 91.0}
    return Units(**ABOUT | {"name": "units", "amount": Decimal(amount)} | pack | more)


def owned(amount: str = "0", **more: object) -> Owned:
    power = {"watts_load": 100.0, "tariff": Decimal("0.20")}
    mine = {"already_owned": amount == "0"}
    return Owned(**ABOUT | {"name": "owned", "amount": Decimal(amount)} | power | mine | more)


def free(hours: float = 10.0, **more: object) -> Free:
    return Free(**ABOUT | {"name": "free", "amount": Decimal(0), "hours_per_week": hours} | more)


def option(name: str, start: float, epoch_seconds: float, price: Price, **more: object) -> Option:
    """An option whose numbers were stated: no spread at all."""
    timing = Timing(start=exact(start), epoch=exact(epoch_seconds))
    return Option(name=name, price=price, timing=timing, origins=(), **more)


def noisy(name: str, start: float, epochs: Sequence[float], price: Price, rounds: int) -> Option:
    """An option measured in so many rounds; `epochs` is cycled through the samples."""
    samples = np.resize(np.asarray(epochs, dtype=float), exact(0).shape)
    timing = Timing(start=exact(start), epoch=samples, rounds=rounds)
    return Option(name=name, price=price, timing=timing, origins=())


def workload(
    epochs: float = 100, runs: float | None = None, months: float = 12, **more: object
) -> Workload:
    return Workload(epochs=epochs, use=Use(runs_per_week=runs, months=months), **more)


def run(
    name: str,
    number: int,
    seconds: float,
    *,
    task: str = "fashion",
    category: int = 2,
    **changes: object,
) -> Record:
    """A run of four epochs of `seconds` each and 10 s of all else."""
    entry = environment(name, emulated=name.endswith("like"))
    start = Phases(start=1.0, imports=2.0, data=3.0, build=3.0, fit=4 * seconds, evaluate=1.0)
    named = msgspec.structs.replace(
        record().task, name=task, category=category, epochs=4, epochs_wanted=4
    )
    made: dict[str, object] = {
        "id": f"{name}-{task}-{number}",
        "round": number,
        "task": named,
        "environment": facts(entry),
        "epochs": tuple(epoch(i, seconds - 0.5) for i in range(4)),
        "phases": start,
        "seen": seen(),
    }
    return record(**made | changes)


def seen(tensorflow: str = "2.20.0") -> Seen:
    absent = dict.fromkeys(Seen.__struct_fields__)
    closed = Closed(**dict.fromkeys(Closed.__struct_fields__) | {"root_writable": False})
    return Seen(
        **absent
        | {"versions": {"tensorflow": tensorflow, "keras": "3.13.2"}, "processors": 2}
        | {
            "processors_online": 2,
            "threads_intra": 2,
            "threads_inter": 2,
            "devices": (),
            "gpus": (),
        }
        | {"closed": closed}
    )
