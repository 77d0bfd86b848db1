"""What a machine is called and which facts of it a caption tells; both short, from its record."""

import re
from collections import Counter
from itertools import takewhile

from bench.evidence.record import Machine
from bench.evidence.strangers import clean, drawable
from bench.evidence.words import counted

MARKS = re.compile(r"\((?:R|TM|C)\)", re.IGNORECASE)
SAYS_NOTHING = re.compile(r"\b(?:Processor|CPU)\b|@.*$|\b\d+-Core\b", re.IGNORECASE)
MAKERS = frozenset({"NVIDIA", "Tesla", "GeForce", "Quadro"})
MEMORY = re.compile(r"\d+\s?GB|PCIe|SXM\d*|HBM\d*\w*", re.IGNORECASE)
CALLED_MOST = 24


def called(machine: Machine) -> str:
    """Its processor and its GPUs, without what every processor's name has: `Intel Xeon, H100`."""
    processor = " ".join(SAYS_NOTHING.sub(" ", _unmarked(machine.processor)).split())
    processor = processor or machine.processor
    if not machine.gpus:
        return clean(processor, 48)
    gpus = gpus_spoken(machine)
    return f"{clean(processor, max(8, CALLED_MOST - 2 - len(gpus)))}, {gpus}"


def facts(machine: Machine) -> str:
    """Processor, GPUs, number of processors, memory and id, in letters that a chart has."""
    gpus = f"{drawable(gpus_spoken(machine))}, " if machine.gpus else ""
    return (
        f"{drawable(_unmarked(machine.processor))}, {gpus}"
        f"{counted(machine.processors, 'processor')}, "
        f"{machine.memory_gib} GiB ({drawable(machine.id, 16)})"
    )


def gpus_spoken(machine: Machine) -> str:
    """The GPUs' short names, each once with its number."""
    counts = Counter(short(gpu) for gpu in machine.gpus)
    said = [name if count == 1 else f"{count}x {name}" for name, count in counts.items()]
    return clean(", ".join(said), 20)


def short(gpu: str) -> str:
    """A GPU's name without its maker and its memory: `H100` for `NVIDIA H100 80GB HBM3`."""
    words = [word for word in re.split(r"[\s-]+", clean(gpu, 80)) if word not in MAKERS]
    kept = list(takewhile(lambda word: not MEMORY.fullmatch(word), words))
    return " ".join(kept[:3]) or clean(gpu, 16)


def _unmarked(processor: str) -> str:
    return " ".join(MARKS.sub("", clean(processor, 120)).split())
