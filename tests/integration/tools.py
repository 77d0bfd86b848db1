"""What integration and e2e tests share: the command as a user types it, and small environments."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.campaign.engines.docker.engine import RUN_LABEL, DockerEngine
from bench.campaign.environments import Environment

CERTBENCH = [str(Path(sys.executable).parent / "certbench")]

OWN_TASK = """
from bench.contract.task import ArraySpec, Data, Task
{top}
def load(folder):
    import numpy as np
    x = np.arange(8, dtype="float32").reshape(8, 1)
    return Data(train=(x, 2 * x), held_out=(x, 2 * x))

def build():
    import keras
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", loss="mse", metrics=["mse"])
    return model

TASK = Task(title="own", category=1, epochs=3, batch_size=8, metric="mse",
    thresholds=(1e9, 1e8, 1e7, 1e6, 1e5), load=load, build=build,
    x=ArraySpec(shape=(1,), dtype="float32"), y=ArraySpec(shape=(1,), dtype="float32"))
"""


def containers(engine: DockerEngine) -> list[str]:
    found = engine.client.containers.list(all=True, filters={"label": RUN_LABEL})
    return [container.name for container in found]


def certbench(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    return subprocess.run(
        [*CERTBENCH, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=os.environ | environ,
    )


def rows(results: Path) -> list[dict]:
    """What `certbench show` says of a results folder, as a program reads it."""
    done = certbench("show", "--results", results, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def small(**changes: object) -> Environment:
    """A container environment of the tests' own, on the CPU image."""
    settings = {
        "name": "small",
        "title": "for tests",
        "engine": "docker",
        "dockerfile": "Dockerfile",
        "image": "certbench:cpu",
    }
    return Environment(**settings | changes)
