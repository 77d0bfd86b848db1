"""One sentence on what to change, for the faults at which beginners trip.

Each is known by the framework's own words; what is not known gets no advice.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bench.contract.facts import Stage

KNOWN = (
    (
        r"[Ll]abel value|outside the valid range",
        "The last layer needs as many units as there are classes, and labels count from 0",
    ),
    (
        r"Arguments `target` and `output` must have the same (shape|rank)|logits and labels",
        "Whole-number labels want sparse_categorical_crossentropy, one-hot ones the plain one",
    ),
    (
        r"incompatible with the layer|expected (axis|shape|min_ndim)|Invalid input shape",
        "The data have another shape than the model's input: compare x.shape with Input(...)",
    ),
    (
        r"[Ii]nvalid dtype|Failed to convert a NumPy array|Unsupported object|could not convert",
        "The data are not numbers yet: x.astype('float32'), or encode words first",
    ),
    (
        r"steps_per_epoch",
        "A generator without an end needs steps_per_epoch: examples divided by batch size",
    ),
    (
        r"URL fetch failure|Temporary failure in name resolution|[Nn]ame or service not known",
        "The environment is closed: bring the files with --data, or open it with --network",
    ),
    (
        r"No such file or directory|Could not find directory",
        "Bring the files with --data PATH:WHERE-THE-SCRIPT-LOOKS",
    ),
    (r"No module named", "The environment does not have this package"),
)


def advice(error: BaseException) -> str | None:
    """What to change; None where the fault is none that is known."""
    text = f"{type(error).__name__}: {error}"
    return next((hint for pattern, hint in KNOWN if re.search(pattern, text)), None)


def notes(settings: Mapping[str, Any], stage: Stage) -> Iterator[str]:
    """What is no fault to the framework and hardly meant, of one `fit` as the script wrote it."""
    given = settings.get("steps_per_epoch")
    if given is None:
        if hasattr(settings.get("x"), "__next__") and stage.steps is None:
            yield (
                "a generator without steps_per_epoch: an epoch ends where the generator does, "
                "which may be never. Give examples divided by batch size"
            )
        return
    if stage.examples and stage.batch_size:
        fewest, most = stage.examples // stage.batch_size, -(-stage.examples // stage.batch_size)
        if not fewest <= given <= most:
            yield (
                f"steps_per_epoch={given} times batch size {stage.batch_size} is "
                f"{given * stage.batch_size:,} of {stage.examples:,} examples an epoch: leave it "
                f"out, or give {most}"
            )
