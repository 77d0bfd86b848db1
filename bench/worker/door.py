"""Waits where a script imports Keras, and puts the measuring around `fit` there.

Nothing is imported that the script does not import, so that it may set KERAS_BACKEND,
TF_USE_LEGACY_KERAS or CUDA_VISIBLE_DEVICES first, and its import is timed where it happens.
"""

import importlib.abc
import importlib.machinery
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from bench.worker.identity import remember

if TYPE_CHECKING:
    from bench.worker.stages import Stages

MODELS = ("keras.src.models.model", "tf_keras.src.engine.training")  # each holds the class Model
FRAMEWORKS = ("tensorflow", "keras", "tf_keras")


class Door(importlib.abc.MetaPathFinder):
    """An import hook. `import_seconds` is what the frameworks' imports took so far."""

    def __init__(self, stages: "Stages") -> None:
        """`stages` is told of each fit."""
        self._stages = stages
        self._depth = 0
        self.import_seconds = 0.0

    @contextmanager
    def open(self) -> Iterator[None]:
        """Within it, imports of Keras are waited for."""
        sys.meta_path.insert(0, self)
        try:
            yield
        finally:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The usual spec, with a loader that tells when it is done; None for all other modules."""
        if fullname not in (*MODELS, *FRAMEWORKS):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            self._watch(spec.loader, fullname)
        return spec

    def _watch(self, loader: Any, name: str) -> None:
        execute: Callable[[ModuleType], None] = loader.exec_module

        def watched(module: ModuleType) -> None:
            begun, self._depth = time.perf_counter(), self._depth + 1
            try:
                execute(module)
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self.import_seconds += time.perf_counter() - begun
            if name in MODELS:
                wrap(module.Model, self._stages)

        loader.exec_module = watched


def wrap(model_class: Any, stages: "Stages") -> None:
    """Put the measuring around `fit` and `evaluate`, and keep what `compile` was asked for."""
    fit, evaluate, compile_ = model_class.fit, model_class.evaluate, model_class.compile

    @wraps(fit)
    def measured_fit(self: Any, *arguments: Any, **settings: Any) -> Any:
        return stages.fit(fit, self, arguments, settings)

    @wraps(evaluate)
    def timed_evaluate(self: Any, *arguments: Any, **settings: Any) -> Any:
        return stages.evaluate(lambda: evaluate(self, *arguments, **settings))

    @wraps(compile_)
    def remembering(self: Any, *arguments: Any, **settings: Any) -> None:
        compile_(self, *arguments, **settings)
        remember(self, settings)

    model_class.fit, model_class.evaluate = measured_fit, timed_evaluate
    model_class.compile = remembering
