"""One sentence on what to change, for the faults at which beginners trip.

Each is known by the framework's own words; what is not known gets no advice. The words are those
of the pinned versions: a test brings every fault about in Keras itself.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench.contract.facts import Stage


@dataclass(frozen=True)
class Known:
    """A fault by what is said of it: any of these regular expressions."""

    hint: str
    said: tuple[str, ...]


KNOWN = (
    Known(
        "The last layer needs as many units as there are classes, and labels count from 0",
        (r"[Ll]abel value", r"outside the valid range"),
    ),
    Known(
        "There must be as many labels as examples: compare len(x) with len(y)",
        (r"[Dd]ata cardinality is ambiguous",),
    ),
    Known(
        "Keras takes arrays, not lists: np.array(x), np.array(y)",
        (r"Unrecognized data type", r"expected to be array-like"),
    ),
    Known(
        "A dataset cannot be split by fit: split it with take() and skip(), and give the second "
        "part as validation_data",
        (r"`validation_split` is only supported",),
    ),
    Known(
        "Whole-number labels want sparse_categorical_crossentropy, one-hot ones "
        "categorical_crossentropy, and two classes with one unit binary_crossentropy",
        (
            r"`target` and `output` must have the same (shape|rank)",
            r"logits and labels",
            r"Argument `output` must have rank",
        ),
    ),
    Known(
        "The data have another shape than the model's input: compare x.shape with Input(...), give "
        "grey pictures a channel with x[..., None], and batch a dataset",
        (r"incompatible with the layer", r"expected (axis|shape|min_ndim)", r"Invalid input shape"),
    ),
    Known(
        "The data are not numbers yet: x.astype('float32'), or encode words first",
        (
            r"[Ii]nvalid dtype",
            r"Failed to convert a NumPy array",
            r"Unsupported object",
            r"could not convert",
            r"Cast string to float",
        ),
    ),
    Known("Call model.compile(optimizer, loss) before model.fit", (r"call `compile\(\)`",)),
    Known("It is called learning_rate today", (r"\{'lr'", r"keyword argument 'lr'")),
    Known("model.fit takes generators itself today", (r"fit_generator",)),
    Known("np.argmax(model.predict(x), axis=-1) gives the classes today", (r"predict_classes",)),
    Known(
        "tf.keras.layers.TextVectorization does its work today",
        (r"'Tokenizer'", r"preprocessing\.text", r"preprocessing\.sequence"),
    ),
    Known(
        "A generator without an end needs steps_per_epoch: examples divided by batch size",
        (r"steps_per_epoch",),
    ),
    Known(
        "There is nobody to ask: write the answer into the script, or hand it over after --",
        (r"EOFError",),
    ),
    Known(
        "The working folder of a container holds 2 GB, in memory: write less into it",
        (r"No space left on device",),
    ),
    Known(
        "Only the working folder can be written: use a relative path",
        (r"Read-only file system", r"Permission denied"),
    ),
    Known(
        "The environment is closed: bring the files with --data, or open it with --network",
        (
            r"URL fetch failure",
            r"Temporary failure in name resolution",
            r"[Nn]ame or service not known",
        ),
    ),
    Known(
        "Bring the files with --data PATH:WHERE-THE-SCRIPT-LOOKS",
        (r"No such file or directory", r"Could not find directory"),
    ),
    Known("The environment does not have this package", (r"No module named",)),
)


def advice(error: BaseException) -> str | None:
    """What to change; None where the fault is none that is known."""
    return advised(f"{type(error).__name__}: {error}")


def advised(text: str) -> str | None:
    """The same, of an error's name and words."""
    known = (each.hint for each in KNOWN if any(re.search(said, text) for said in each.said))
    return next(known, None)


def notes(settings: Mapping[str, Any], stage: Stage) -> Iterator[str]:
    """What is no fault to the framework and hardly meant, of one `fit` as the script wrote it."""
    if isinstance(settings.get("y"), list) and not hasattr(settings["y"][0], "shape"):
        yield "the labels are a list, and Keras takes arrays: np.array(y)"
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
