"""What a task is: data plus three functions, and nothing about the device it runs on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bench.contract.knobs import Knob

Metric = Literal["accuracy", "mse", "mae"]
HIGHER_IS_BETTER: Mapping[str, bool] = {"accuracy": True, "mse": False, "mae": False}
TOP_SCORE = 5


@dataclass(frozen=True, kw_only=True)
class ArraySpec:
    """What one example looks like: shape without the batch, dtype name, inclusive range."""

    shape: tuple[int, ...]
    dtype: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Data:
    """Each side is `(x, y)` or whatever else Keras' fit takes; one pass is one epoch.

    A generator needs its `steps_per_epoch` or `validation_steps` in the task's `fit_settings`.
    """

    train: Any
    held_out: Any = None


@dataclass(frozen=True, kw_only=True)
class Archive:
    """An official download, and which of its members becomes which file; "" is the download."""

    url: str
    members: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where raw files come from: a Debian package, or else the official archives.

    `folder` is where the package puts them. `files` maps a name to the SHA-256 of each edition
    whose content is the same (a package may have compressed it anew).
    """

    package: str
    folder: str
    files: Mapping[str, tuple[str, ...]]
    archives: tuple[Archive, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Task:
    """A training job and how it is graded.

    prepare(source, folder): write the task's data files into the empty `folder`; `source` is the
        folder with the raw files of `Task.source` (or an empty one). Runs once, never while timed.
    load(folder): read what `prepare` wrote; no network, no writing.
    build(): a compiled, plain Keras model whose metrics include `metric`.
    knobs: what may be varied. `load` and `build` are given, by name, those that they take.
    fit_settings(): what Keras' fit is given beside the data: callbacks, class_weight, shuffle,
        steps_per_epoch, validation_steps, or a validation_split in place of held-out data.
    thresholds: the held-out metric that earns score 1, 2, 3, 4 and 5, each harder than the last.
    data_sha256: the digest of the prepared folder (`bench.contract.data.folder_digest`); None in a
        user's own task means "record it, but do not check it".
    """

    title: str
    category: int
    epochs: int
    batch_size: int
    metric: Metric
    thresholds: tuple[float, float, float, float, float]
    x: ArraySpec
    y: ArraySpec
    load: Callable[..., Data]
    build: Callable[..., Any]
    prepare: Callable[[Path, Path], None] = field(default=lambda source, folder: None)
    data_sha256: str | None = None
    source: Source | None = None
    fit_settings: Callable[[], Mapping[str, Any]] = dict
    knobs: tuple[Knob, ...] = ()


def score(metric: str, thresholds: tuple[float, ...], value: float) -> int:
    """How many thresholds `value` reaches, 0 to 5; a value that is not finite reaches none."""
    if HIGHER_IS_BETTER[metric]:
        return sum(value >= limit for limit in thresholds)
    return sum(value <= limit for limit in thresholds)
