"""Whether an accelerator is the one that was asked for: the only place where names are matched."""

import re


def names(request: str, gpu: str) -> bool:
    """Whether the driver's name of a GPU says that it is `request`.

    `T4` is named by "Tesla T4" and not by "T400"; `A100` by "NVIDIA A100-SXM4-40GB"; `RTX 4090` by
    "NVIDIA GeForce RTX 4090" and not by "RTX 4090 Ti", which is another card. A TPU is asked for by
    Colab's word and named by JAX: `v5e1` by "TPU v5 lite".
    """
    if request in TPUS:
        return any(names(kind, gpu) for kind in TPUS[request])
    asked, said = _words(request), _words(gpu)
    if not asked:
        return False
    places = [n for n in range(len(said)) if said[n : n + len(asked)] == asked]
    return any(_next(said, n + len(asked)) not in VARIANTS for n in places)


TPUS = {"v5e1": ("v5 lite", "v5e"), "v6e1": ("v6 lite", "v6e")}
VARIANTS = ("ti", "super", "laptop", "d", "pro", "max", "ultra")  # which make it another


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", name) if word]


def _next(words: list[str], place: int) -> str | None:
    return words[place] if place < len(words) else None
