"""What one epoch does, as a digest: two runs with one fingerprint did the same work an epoch.

Counted are the model with every setting and without its names, how it was compiled as it was asked
for, the batch, the steps of an epoch, the variant, what the loaded data look like, and the files.
Not counted are the bytes of loaded arrays and random seeds (an unseeded split or an augmentation
differs from round to round), how many epochs follow each other, and how the result is graded.

Must not know which device or engine it runs on: native, container and clone have to agree.
"""

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from bench.contract.facts import Variant

ASKED = "_certbench_asked"
LEFT_OUT = ("name", "seed", "module", "registered_name", "shared_object_id")
LEARNED = {  # what a layer takes from the data, which a split without a seed changes
    "Normalization": ("mean", "variance", "input_mean", "input_variance"),
    "TextVectorization": ("vocabulary", "idf_weights"),
    "StringLookup": ("vocabulary", "idf_weights"),
    "IntegerLookup": ("vocabulary", "idf_weights"),
    "Discretization": ("bin_boundaries",),
}
UNTOLD = (NotImplementedError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, kw_only=True)
class Work:
    """One fit, as far as it can be known before it starts.

    data: what `training data` and `validation data` are, by their names here.
    files: digests of prepared data and of the user's own files, by what they are.
    """

    model: Any
    data: Mapping[str, Any]
    batch_size: int | None
    steps: int | None
    variant: Variant
    files: Mapping[str, str] = field(default_factory=dict)
    source: Path | None = None


def fingerprint(work: Work) -> str:
    """SHA-256 of what one epoch of `work` does, in hexadecimal.

    `work.source` is the file of the task: where functions are part of the model its bytes count,
    because a function is known by its name alone.
    """
    model, compiled = architecture(work.model), compilation(work.model)
    files = dict(work.files)
    if work.source is not None and (_has_function(model) or _has_function(compiled)):
        files["functions"] = hashlib.sha256(work.source.read_bytes()).hexdigest()
    described = {
        "model": model,
        "compiled": compiled,
        "batch_size": work.batch_size,
        "steps": work.steps,
        "variant": work.variant,
        "data": {name: looks(value) for name, value in work.data.items()},
        "files": files,
    }
    return hashlib.sha256(msgspec.json.encode(described, order="sorted")).hexdigest()


@contextmanager
def asked_settings() -> Iterator[None]:
    """Within it, compiling a Keras model remembers what was asked for: `auto` stays `auto`."""
    import keras

    compile_before = keras.Model.compile

    def remembering(self: Any, *arguments: Any, **settings: Any) -> None:
        compile_before(self, *arguments, **settings)
        remember(self, settings)

    keras.Model.compile = remembering
    try:
        yield
    finally:
        keras.Model.compile = compile_before


def remember(model: Any, settings: Mapping[str, Any]) -> None:
    """Keep beside the model what `compile` was asked for and resolves by the device."""
    asked = {
        "jit_compile": settings.get("jit_compile", "auto"),
        "steps_per_execution": settings.get("steps_per_execution", 1),
    }
    object.__setattr__(model, ASKED, asked)


def architecture(model: Any) -> Any:
    """The model's configuration with stable names; of a class of one's own, its layers' as well."""
    layers = list(model._flatten_layers(include_self=False, recursive=True))  # noqa: SLF001
    parts = [{"class_name": type(p).__name__, "config": _config(p)} for p in (model, *layers)]
    return {
        "parts": [canonical(part) for part in parts],
        "weights": [[list(weight.shape), str(weight.dtype)] for weight in model.weights],
        "trainable": [list(weight.shape) for weight in model.trainable_weights],
    }


def _config(part: Any) -> Any:
    """What a model or layer says of itself; None where it does not."""
    try:
        return part.get_config()
    except UNTOLD:
        return None


def compilation(model: Any) -> Any:
    """How the model was compiled, as it was asked for, and under which global settings."""
    import keras

    try:
        settings = dict(model.get_compile_config() or {})
    except UNTOLD:
        optimizer = model.optimizer
        settings = {
            "optimizer": [type(optimizer).__name__, _config(optimizer)],
            "loss": _named(model.loss),
            "run_eagerly": bool(model.run_eagerly),
        }
    settings |= getattr(model, ASKED, {})
    return {
        "settings": canonical(settings),
        "dtype_policy": keras.config.dtype_policy().name,
        "eager": _runs_eagerly(),
        "train_step": type(model).train_step.__qualname__,
    }


def _named(thing: Any) -> Any:
    return thing if isinstance(thing, str) else getattr(thing, "__name__", type(thing).__name__)


def _runs_eagerly() -> bool:
    tensorflow = sys.modules.get("tensorflow")
    return bool(tensorflow and tensorflow.config.functions_run_eagerly())


def canonical(config: Any) -> Any:
    """A configuration without what differs between equal ones: names, seeds, what was learned.

    Layers are numbered in the order in which they stand; functions are known by their name, and
    floats to six digits, as float32 settings are not exact.
    """
    names: dict[str, str] = {}
    _collect(config, names)
    return _plain(config, names)


def _collect(node: Any, names: dict[str, str]) -> None:
    """Number the names of layers; a dtype policy's name says what it is."""
    if isinstance(node, Mapping):
        settings = node.get("config")
        is_policy = str(node.get("class_name")).endswith("Policy")
        name = settings.get("name") if isinstance(settings, Mapping) else None
        if isinstance(name, str) and not is_policy:
            names.setdefault(name, f"#{len(names)}")
        for value in node.values():
            _collect(value, names)
    elif isinstance(node, list | tuple):
        for value in node:
            _collect(value, names)


def _plain(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, Mapping):
        return _plain_mapping(node, names)
    if isinstance(node, list | tuple):
        return [_plain(value, names) for value in node]
    if isinstance(node, bool | int) or node is None:
        return node
    if isinstance(node, float):
        return float(f"{node:.6g}")
    return names.get(node, node) if isinstance(node, str) else _leaf(node)


def _plain_mapping(node: Mapping[Any, Any], names: Mapping[str, str]) -> Any:
    kind, settings = str(node.get("class_name", "")), node.get("config")
    if function := _function(kind, settings):
        return {"function": function}
    if kind.endswith("Policy") and isinstance(settings, Mapping):
        return {"policy": settings.get("name")}
    if kind in LEARNED and isinstance(settings, Mapping):
        settings = {k: v for k, v in settings.items() if k not in LEARNED[kind]}
        node = {**node, "config": settings}
    return {
        str(key): value if key == "class_name" else _plain(value, names)
        for key, value in node.items()
        if key not in LEFT_OUT
    }


def _leaf(value: Any) -> Any:
    """A value that is no configuration: a number of another library, a function, an object."""
    if callable(value):
        return {"function": _named(value)}
    try:
        return float(f"{float(value):.6g}")
    except UNTOLD:
        return type(value).__name__


def _function(kind: str, settings: Any) -> str | None:
    """The name of a serialised function; its bytecode differs between versions of Python."""
    if kind == "__lambda__":
        return "<lambda>"
    return str(settings) if kind == "function" else None


def _has_function(node: Any) -> bool:
    if isinstance(node, Mapping):
        return "function" in node or any(_has_function(value) for value in node.values())
    return isinstance(node, list) and any(_has_function(value) for value in node)


def looks(data: Any) -> Any:
    """What loaded data look like: shapes, types and lengths, never their values."""
    if isinstance(data, tuple | list):
        return [looks(part) for part in data]
    if isinstance(data, Mapping):
        return {str(name): looks(part) for name, part in data.items()}
    if hasattr(data, "element_spec"):
        return {"batches": _cardinality(data), "element": _spec(data.element_spec)}
    if hasattr(data, "shape") and hasattr(data, "dtype"):
        return {"shape": [int(n) for n in data.shape], "dtype": _dtype(data.dtype)}
    if data is None:
        return None
    length = len(data) if hasattr(data, "__len__") else None
    return {"class": type(data).__name__, "batches": length}


def _cardinality(dataset: Any) -> int | None:
    found = int(dataset.cardinality())
    return found if found >= 0 else None


def _spec(spec: Any) -> Any:
    if isinstance(spec, tuple | list):
        return [_spec(part) for part in spec]
    if isinstance(spec, Mapping):
        return {str(name): _spec(part) for name, part in spec.items()}
    shape = getattr(spec, "shape", None)
    sizes = None if shape is None or shape.rank is None else shape.as_list()
    return {"shape": sizes, "dtype": _dtype(getattr(spec, "dtype", ""))}


def _dtype(dtype: Any) -> str:
    return str(getattr(dtype, "name", dtype))


def steps_of(data: Any, batch_size: int | None) -> int | None:
    """The steps of one pass over training data; None where only the pass itself can tell."""
    if hasattr(data, "cardinality"):
        return _cardinality(data)
    if isinstance(data, Sequence) and len(data) and hasattr(data[0], "__len__") and batch_size:
        return -(-len(data[0]) // batch_size)
    return len(data) if hasattr(data, "__len__") else None


def examples_of(data: Any, batch_size: int | None) -> int | None:
    """How many examples training data hold; None where only a pass over them can tell.

    Keras' iterators over arrays and folders say it (`n`), a sequence of batches by its length. A
    dataset does not: it may be repeated inside.
    """
    if hasattr(data, "cardinality"):
        return None
    if isinstance(getattr(data, "n", None), int):
        return int(data.n)
    if isinstance(data, tuple | list) and len(data) and hasattr(data[0], "__len__"):
        return len(data[0])
    size = getattr(data, "batch_size", None) or batch_size
    return len(data) * size if hasattr(data, "__len__") and size else None


def imported_beside(file: Path) -> dict[str, str]:
    """SHA-256 of a user's file and of what it has imported from beside itself, by relative path."""
    folder = file.resolve().parent
    found = {file.resolve()}
    for module in list(sys.modules.values()):
        origin = getattr(module, "__file__", None)
        if origin and Path(origin).resolve().is_relative_to(folder):
            found.add(Path(origin).resolve())
    mine = {path for path in found if path.is_file() and "site-packages" not in path.parts}
    digests = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in mine
    }
    # the file itself may go by another name where it trains
    digests["."] = digests.pop(file.resolve().relative_to(folder).as_posix())
    return digests
