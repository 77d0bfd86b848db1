"""How often is the comparison wrong? `python benchmarks/simulate_statistics.py [--trials 1000]`.

Draws two sides with a known ratio and a known noise, asks `bench.verdict.statistics.compare` who
wins, and prints a markdown table: how often a winner was named, and how often the wrong one.
Where the true ratio is 1, any winner is a false one.
"""

import argparse
from collections.abc import Callable

import numpy as np

from bench.verdict.statistics import compare

ROUNDS = (1, 2, 3, 5, 6, 7, 10, 20)
RATIOS = (1.0, 1.3)
SLOW = 2.0

Generator = np.random.Generator
Noise = Callable[[Generator, int], np.ndarray]


def normal(generator: Generator, rounds: int) -> np.ndarray:
    """5 % around the truth, independent for every run; shape (2, rounds)."""
    return np.exp(generator.normal(0, 0.05, (2, rounds)))


def apart(generator: Generator, rounds: int) -> np.ndarray:
    """The same noise; the sides are compared as if they came from two machines."""
    return normal(generator, rounds)


def two_modes(generator: Generator, rounds: int) -> np.ndarray:
    """Every run falls into the fast or the slow mode by itself, half and half."""
    slow = generator.random((2, rounds)) < 0.5
    return normal(generator, rounds) * np.where(slow, SLOW, 1.0)


def two_modes_by_round(generator: Generator, rounds: int) -> np.ndarray:
    """Both runs of a round share its mode."""
    slow = generator.random((1, rounds)) < 0.5
    return normal(generator, rounds) * np.where(slow, SLOW, 1.0)


def rarely_slow(generator: Generator, rounds: int) -> np.ndarray:
    """One run in five is slow, by itself."""
    slow = generator.random((2, rounds)) < 0.2
    return normal(generator, rounds) * np.where(slow, SLOW, 1.0)


NOISES: dict[str, Noise] = {
    "5 %": normal,
    "5 %, rounds not shared": apart,
    "two modes, each run by itself": two_modes,
    "two modes, shared by a round": two_modes_by_round,
    "one run in five slow": rarely_slow,
}


def shares(noise: Noise, ratio: float, rounds: int, trials: int) -> tuple[float, float]:
    """Shares of trials in which the slower side lost (right) and in which it won (wrong)."""
    generator = np.random.default_rng([rounds, int(10 * ratio), 7])
    winners = []
    other = rounds if noise is apart else 0
    for _ in range(trials):
        a, b = noise(generator, rounds)
        left, right = dict(enumerate(a * ratio)), dict(enumerate(b, start=other))
        winners.append(compare(left, right).winner)
    return winners.count("b") / trials, winners.count("a") / trials


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    trials = parser.parse_args().trials
    print(
        "| noise | true ratio | " + " | ".join(f"{n} round{'s' * (n > 1)}" for n in ROUNDS) + " |"
    )
    print("|---|---|" + "---|" * len(ROUNDS))
    for name, noise in NOISES.items():
        for ratio in RATIOS:
            found = [shares(noise, ratio, rounds, trials) for rounds in ROUNDS]
            cells = (_cell(ratio, right, wrong) for right, wrong in found)
            print(f"| {name} | {ratio} | " + " | ".join(cells) + " |")


def _cell(ratio: float, right: float, wrong: float) -> str:
    if ratio == 1.0:
        return f"{right + wrong:.1%} false"
    return f"{right:.0%} found, {wrong:.1%} wrong"


if __name__ == "__main__":
    main()
