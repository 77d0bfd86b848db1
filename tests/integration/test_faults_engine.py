"""Faults on the real engine: what stays, what is said, and that nothing is left behind."""

import json
import time

import docker.errors
import pytest

from bench.campaign import sources
from bench.campaign.brought import Brought, Mount
from bench.campaign.engines.docker import engine as engine_module
from bench.campaign.engines.docker import image, owner
from bench.campaign.engines.docker.engine import RUN_LABEL, DockerEngine, connect
from bench.campaign.environments import environment
from bench.campaign.own import own_files
from bench.errors import EngineError
from builders import Silent
from running import run_one
from tools import certbench, containers, rows

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("no_leftovers")]


# --- which engine --------------------------------------------------------------------------------


@pytest.fixture
def contexts(tmp_path, monkeypatch):
    """A Docker configuration with a context `labbox` on another machine."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)

    def write(host: str) -> None:
        (tmp_path / "config.json").write_text("{}")
        docker.context.ContextAPI.create_context("labbox", host=host)

    return write


@pytest.mark.parametrize("host", ["tcp://labbox:2375", "http://labbox:2375", "ssh://me@labbox"])
def test_a_context_on_another_machine_is_refused(host, contexts, monkeypatch, tmp_path):
    contexts(host)
    monkeypatch.setenv("DOCKER_CONTEXT", "labbox")
    with pytest.raises(EngineError, match=r"context 'labbox' leads to .*another machine"):
        connect()

    monkeypatch.delenv("DOCKER_CONTEXT")
    (tmp_path / "config.json").write_text('{"currentContext": "labbox"}')
    with pytest.raises(EngineError, match=r"context 'labbox' leads to .*another machine"):
        connect()


@pytest.mark.parametrize(
    "host", ["tcp://labbox:2375", "http://labbox:2375", "https://labbox:1", "ssh://me@labbox"]
)
def test_a_docker_host_on_another_machine_is_refused(host, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", host)

    with pytest.raises(EngineError, match=r"DOCKER_HOST leads to .*another machine"):
        connect()


def test_a_context_on_this_machine_is_taken(contexts, monkeypatch):
    contexts("unix:///var/run/docker.sock")
    monkeypatch.setenv("DOCKER_CONTEXT", "labbox")

    assert connect().ping()


@pytest.mark.parametrize("name", ["DOCKER_CONTEXT", "DOCKER_HOST"])
def test_an_engine_that_is_named_and_not_there_is_one_line(name, contexts, monkeypatch):
    monkeypatch.setenv(name, "nonsense://x" if name == "DOCKER_HOST" else "nonsense")

    with pytest.raises(EngineError):
        connect()


# --- building ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "config",
    [{"credsStore": "desktop"}, {"credHelpers": {"gcr.io": "gcloud"}}, {"auths": {}}],
)
def test_credentials_without_their_helper_stop_no_build(engine, config, tmp_path, monkeypatch):
    """Docker Desktop writes `credsStore` and takes its helper away when it goes."""
    (tmp_path / "config.json").write_text(json.dumps(config))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    said: list[str] = []

    DockerEngine().build(environment("cpu"), said.append)

    assert any("Successfully" in line for line in said)
    if "credsStore" in config:
        assert "building without the credentials" in said[0]


def test_the_engine_is_sent_the_digests_own_files_and_no_litter(tmp_path, monkeypatch):
    import tarfile

    for path in sources.sources(environment("cpu")):
        copy = tmp_path / path.relative_to(sources.ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
        copy.chmod(0o600)
    before = sources.source_digest(environment("cpu")), image.context(environment("cpu")).read()
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    for litter in ("tasks/._line.py", "tasks/line.py.orig", "bench/worker/.DS_Store"):
        (tmp_path / litter).write_bytes(b"litter")

    assert (
        sources.source_digest(environment("cpu")),
        image.context(environment("cpu")).read(),
    ) == before
    with tarfile.open(fileobj=image.context(environment("cpu"))) as tar:
        assert "tasks/line.py" in tar.getnames()


@pytest.mark.parametrize("config", [{"auths": {"x": {"auth": "?"}}}, {"auths": 3}, [1]])
def test_a_damaged_docker_configuration_is_one_line(config, tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text(json.dumps(config))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))

    with pytest.raises(EngineError, match=r"configuration is damaged .*config\.json"):
        connect()


# --- containers ----------------------------------------------------------------------------------


def test_a_removal_that_fails_costs_no_run(engine, tmp_path, monkeypatch, caplog):
    """The engine answers 500 to DELETE; the next campaign sweeps."""
    real = engine_module._remove

    def refuse(container) -> None:
        answer = type("Answer", (), {"status_code": 500, "reason": "busy", "url": ""})()
        raise docker.errors.APIError("device or resource busy", response=answer)

    monkeypatch.setattr(engine_module, "_remove", refuse)
    record = run_one(engine, environment("cpu"), "line", tmp_path, epochs=2)
    monkeypatch.setattr(engine_module, "_remove", real)

    assert record.status == "ok"
    assert "could not be removed" in caplog.text
    monkeypatch.setattr(owner, "_lives", lambda process: False)
    assert engine.sweep() == 1


def made(engine, **labels: str):
    return engine.client.containers.create(
        "certbench:cpu", ["x"], labels={RUN_LABEL: "x", **labels}
    )


def test_a_sweep_takes_what_belongs_to_dead_campaigns_alone(engine):
    """A campaign beside this one, in another development container, keeps its container."""
    mine = owner.labels(60.0)
    dead = mine | {owner.OWNER: f"{owner.place()} {2**22 + 1} 1"}
    elsewhere = mine | {owner.OWNER: "another-kernel/pid:[1] 7 1"}
    long_ago = elsewhere | {owner.UNTIL: "1000"}
    stay = [made(engine, **mine), made(engine, **elsewhere)]
    for labels in (dead, long_ago, {}):
        made(engine, **labels)

    try:
        assert engine.sweep() == 3
        assert sorted(containers(engine)) == sorted(one.name for one in stay)
    finally:
        for one in stay:
            one.remove(force=True)


def test_the_number_of_a_dead_campaign_may_be_another_process_by_now():
    mine = owner.labels(60.0)[owner.OWNER]
    where, number, created = mine.split(" ")

    assert not owner.is_dead({owner.OWNER: mine}, "running")
    assert owner.is_dead({owner.OWNER: f"{where} {number} {int(created) - 100}"}, "running")
    assert owner.is_dead({owner.OWNER: f"{where} nonsense"}, "running")


def test_an_own_file_that_the_engine_does_not_see_is_an_error_and_no_empty_folder(
    engine, own_task, tmp_path
):
    path = own_task("mine")
    ready = engine.ready(environment("cpu"), 60.0)
    from bench.campaign.engines import Launch

    launch = Launch(run_id="missing", ready=ready, task="mine", seed=1, own=tmp_path / "gone.py")

    with pytest.raises(EngineError, match="share that one in its settings"):
        engine.run(launch, print)
    assert not (tmp_path / "gone.py").exists()
    assert own_files([str(path)])


def test_that_is_said_before_the_first_run(engine, own_task, tmp_path):
    """Three rounds would else be three failed runs, or the first of them after an hour."""
    ready = engine.ready(environment("cpu"), 60.0)
    seen = own_task("mine")

    engine.check_own(ready, [seen], Brought())
    with pytest.raises(EngineError, match="share that one in its settings"):
        engine.check_own(ready, [seen, tmp_path / "gone.py"], Brought())
    gone = Mount(outside=tmp_path / "gone", inside="gone", digest="")
    with pytest.raises(EngineError, match="share that one in its settings"):
        engine.check_own(ready, [seen], Brought(data=(gone,)))

    assert containers(engine) == []


FORK_BOMB = """
import os, signal
for number in range(1, 64):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    try:
        os.fork()
    except BaseException:
        pass
"""


def test_a_fork_bomb_ends_within_seconds_of_its_limit(engine, own_task, tmp_path):
    begun = time.monotonic()
    record = run_one(
        engine, environment("cpu"), own_task("bomb", FORK_BOMB), tmp_path / "r", seconds=5
    )

    assert record.status == "timeout"
    assert time.monotonic() - begun < 60


GARBAGE = """
import os
for number in range(3, 64):
    try:
        os.write(number, b"\\x1b[2Jgarbage\\n")
    except OSError:
        pass
"""


def test_garbage_on_the_workers_channel_ends_that_run_alone(engine, own_task, tmp_path):
    garbage, good = own_task("garbage", GARBAGE), own_task("good")
    done = certbench(
        "run", "--task", garbage, "--task", good, "--repeats", 1, "--results", tmp_path / "r"
    )

    assert done.returncode == 10, done.stderr
    assert "\x1b" not in done.stderr
    found = {row["task"]: (row["status"], row["reasons"]) for row in rows(tmp_path / "r")}
    assert found == {"garbage": ("failed", ["protocol"]), "good": ("ok", [])}


class Removing(Silent):
    """Removes the image's name while the first run trains."""

    def __init__(self, engine) -> None:
        super().__init__()
        self._engine = engine

    def on_event(self, event) -> None:
        if not self.told:
            self._engine.client.images.remove("certbench:cpu", force=True)
        super().on_event(event)


def test_an_image_that_is_untagged_in_mid_campaign_still_is_the_one_that_runs(engine, tmp_path):
    """Runs name the image by its digest, so a name that is taken away changes nothing."""
    kept = engine.client.images.get("certbench:cpu")
    kept.tag("certbench", "kept")
    try:
        record = run_one(
            engine, environment("cpu"), "line", tmp_path, epochs=2, listener=Removing(engine)
        )
    finally:
        kept.tag("certbench", "cpu")
        engine.client.images.remove("certbench:kept")

    assert record.status == "ok"
    assert record.environment.image_digest == kept.id
