"""How many examples, steps and validation steps an epoch of a `fit` has, from its arguments alone.

Reads shapes and lengths, never an example: a generator that is asked has lost one.
"""

from collections.abc import Mapping, Sized
from typing import Any

from bench.worker import identity

DEFAULT_BATCH = 32  # Keras' own
Settings = Mapping[str, Any]


def batch_size_of(settings: Settings) -> int | None:
    """As it was given; what feeds itself has its own; arrays get Keras' default."""
    given, x = settings.get("batch_size"), settings.get("x")
    own = getattr(x, "batch_size", None)
    found = next((size for size in (given, own) if isinstance(size, int)), None)
    return found if found or _feeds_itself(x) else DEFAULT_BATCH


def _feeds_itself(x: Any) -> bool:
    if hasattr(x, "__next__") or hasattr(x, "cardinality"):
        return True
    arrays = hasattr(x, "shape") or isinstance(x, list | tuple | dict)
    return hasattr(x, "__getitem__") and not arrays


def examples_of(settings: Settings, batch_size: int | None) -> int | None:
    """The training examples: of arrays, those that a split for validation leaves."""
    found = identity.examples_of(_as_sequence(settings.get("x")), batch_size)
    split = _split(settings)
    return int(found * (1 - split)) if found and split else found  # as Keras rounds


def own_steps_of(settings: Settings, batch_size: int | None) -> int | None:
    """The steps of one pass over the training data; None where only the pass can tell."""
    if _split(settings) and batch_size:
        examples = examples_of(settings, batch_size)
        return None if examples is None else -(-examples // batch_size)
    return _steps(settings.get("x"), batch_size)


def validation_steps_of(settings: Settings, batch_size: int | None) -> int | None:
    """The steps of one whole validation; None without one, or where only the pass can tell."""
    if settings.get("validation_steps"):
        return int(settings["validation_steps"])
    size = settings.get("validation_batch_size") or batch_size
    data = settings.get("validation_data")
    if data is not None:
        return _steps(data[0] if isinstance(data, list | tuple) else data, size)
    if not _split(settings) or not size:
        return None
    found = identity.examples_of(_as_sequence(settings.get("x")), batch_size)
    kept = examples_of(settings, batch_size)
    return None if found is None or kept is None else -(-(found - kept) // size)


def _split(settings: Settings) -> float:
    """The share of the arrays that is held out, where nothing else is."""
    if settings.get("validation_data") is not None:
        return 0.0
    return float(settings.get("validation_split") or 0)


def _steps(x: Any, batch_size: int | None) -> int | None:
    if hasattr(x, "__next__"):
        return len(x) if isinstance(x, Sized) else None
    return identity.steps_of(_as_sequence(x), batch_size)


def _as_sequence(x: Any) -> Any:
    """Arrays by themselves as the tuple of one; those of a mapping as a tuple; None for ragged."""
    if isinstance(x, dict):
        return tuple(x.values())
    if hasattr(x, "shape"):
        return (x,) if hasattr(x, "__len__") else None
    return x
