"""The listed power of a processor, from codecarbon's list: what an energy estimate starts from."""

import csv
import re
from pathlib import Path

LIST = Path(__file__).with_name("processor_watts.csv")
SOURCE = "codecarbon 3.3.2, cpu_power.csv"


def listed_watts(processor: str, path: Path = LIST) -> float | None:
    """Watts of the processor that the system names so; None where the list has no such name.

    A name counts where all its words are in the system's name, which often says more
    ("11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz"); the longest such name wins. A maker's name
    alone is none.
    """
    words = _words(processor)
    with path.open(newline="", encoding="utf-8") as file:
        rows = [(_words(row["Name"]), row["TDP"]) for row in csv.DictReader(file)]
    known = [(len(name), float(watts)) for name, watts in rows if _names(name, words)]
    return max(known)[1] if known else None


def _names(name: frozenset[str], words: frozenset[str]) -> bool:
    """Whether `name` says which model it is, and the system says the same."""
    return name <= words and any(re.search(r"\d{3}", word) for word in name)


def _words(name: str) -> frozenset[str]:
    plain = re.sub(r"\((R|TM|C)\)|@.*", " ", name, flags=re.IGNORECASE).lower()
    return frozenset(plain.split()) - {"cpu", "processor"}
