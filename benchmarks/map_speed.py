"""How long does the map take? `python benchmarks/map_speed.py [--options 50] [--side 200]`.

Options with bands (20 rounds, 5 % noise) of every kind of price; the goal is 5 seconds for
50 options over 200 x 200 cells.
"""

import argparse
import time
from datetime import date
from decimal import Decimal

import numpy as np

from bench.verdict.decide import Workload
from bench.verdict.decision_map import DecisionMap, decision_map
from bench.verdict.model import SAMPLES, Option, Timing
from bench.verdict.money import Use
from bench.verdict.prices import Free, Hourly, Owned, Price, Units

ABOUT = {
    "currency": "USD",
    "billing": "made up",
    "region": "nowhere",
    "source": "made up",
    "seen": date(2026, 11, 22),
}


def price(index: int, generator: np.random.Generator) -> Price:
    """Every kind in turn."""
    amount = Decimal(f"{generator.uniform(0.2, 4):.3f}")
    about = {**ABOUT, "name": f"option-{index}", "amount": amount}
    match index % 4:
        case 0:
            return Hourly(**about)
        case 1:
            return Units(**about, pack_units=100, units_per_hour=2, expiry_days=90)
        case 2:
            bought = {**about, "amount": amount * 500}
            return Owned(**bought, watts_load=200, tariff=Decimal("0.19"))
    return Free(**{**about, "amount": Decimal(0)}, hours_per_week=float(amount) * 5)


def option(index: int, generator: np.random.Generator) -> Option:
    start, epoch = generator.uniform(10, 200), generator.uniform(0.2, 20)
    noise = np.exp(generator.normal(0, 0.05, (2, SAMPLES)))
    timing = Timing(start=start * noise[0], epoch=epoch * noise[1], rounds=20)
    name = f"option-{index}"
    return Option(name=name, price=price(index, generator), timing=timing, origins=())


def timed(count: int, side: int) -> tuple[float, DecisionMap]:
    generator = np.random.default_rng(1)
    options = [option(index, generator) for index in range(count)]
    workload = Workload(epochs=1, use=Use(runs_per_week=1, months=12), deadline_seconds=1e6)
    axes = np.geomspace(1, 1e5, side).tolist(), np.geomspace(0.1, 500, side).tolist()
    start = time.perf_counter()
    found = decision_map(options, workload, *axes)
    return time.perf_counter() - start, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--options", type=int, default=50)
    parser.add_argument("--side", type=int, default=200)
    wanted = parser.parse_args()
    seconds, found = timed(wanted.options, wanted.side)
    print(
        f"{wanted.options} options, {wanted.side} x {wanted.side} cells: {seconds:.2f} s; "
        f"{len(np.unique(found.best))} of them win somewhere, {found.tied.mean():.0%} too close"
    )


if __name__ == "__main__":
    main()
