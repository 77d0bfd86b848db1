"""The conversation with Google's client: a session is made, used and stopped, whatever happens.

The client is the stand-in of `tests/standin`, its worker a few lines that say what they are told.
"""

import dataclasses
import os
import signal
import subprocess
import threading
import time
import zipfile
from pathlib import Path

import msgspec
import pytest

import tasks
from bench.campaign.engines.colab import remote, session
from bench.campaign.engines.colab.client import Client, meaning
from bench.campaign.engines.colab.engine import ColabEngine
from bench.campaign.environments import environment, place_of
from bench.campaign.plan import plan
from bench.campaign.runner import Job, Started, run_campaign
from bench.contract.events import PROTOCOL, Handshake, encode
from bench.contract.task import Source
from bench.errors import CertbenchError, DataError, EngineError, GpuError, Interrupted
from bench.evidence.record import Record
from bench.evidence.store import Store
from bench.evidence.trust import judge_run
from bench.evidence.variants import variant_name
from builders import CAMPAIGN, MACHINE, Silent, record, seen, story
from standin import StandIn, apt_get, bundle_of

SAYS = "\n".join(encode(event).decode().strip() for event in story())
GOOD = f"print('''{SAYS}''')"
HANDSHAKE = encode(Handshake(protocol=PROTOCOL)).decode().strip()
SLOW = f"import time; print('''{HANDSHAKE}''', flush=True); time.sleep(60)"


@pytest.fixture
def google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    monkeypatch.setattr(session, "PACKAGES", ())
    monkeypatch.setattr(session, "GPU_PACKAGES", ())
    monkeypatch.setattr(session, "write_bundle", bundle_of(GOOD))
    return StandIn(tmp_path / "google", monkeypatch)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch):
    """Gives the machine another worker."""
    return lambda text: monkeypatch.setattr(session, "write_bundle", bundle_of(text))


def campaign(
    engine: ColabEngine, store: Store, name: str = "colab-cpu", rounds: int = 1, seconds: float = 30
) -> tuple[Record, ...]:
    entry = environment(name)
    task = variant_name("line", {"backend": entry.backend})
    planned = msgspec.structs.replace(CAMPAIGN, environments=(name,), tasks=(task,), rounds=rounds)
    ready = engine.ready(entry, seconds)
    job = Job(
        campaign=planned,
        machine=MACHINE,
        runs=plan(planned),
        environments={place_of(name, entry.backend): Started(engine=engine, ready=ready)},
    )
    return run_campaign(job, store, Silent())


def fails(google: StandIn, store: Store, match: str, kind: type = EngineError, **where) -> None:
    """The campaign ends with one line, no session lives, and no record says it went well."""
    with pytest.raises(kind, match=match) as caught:
        campaign(google.engine(), store, **where)
    assert len(str(caught.value).splitlines()) == 1
    assert google.alive() == []
    assert all(one.status != "ok" and one.seen is None for one in store.load_all())


def test_two_runs_share_a_session_that_is_stopped_at_the_end(google, tmp_path):
    store = Store(tmp_path / "results")

    first, second = campaign(google.engine(), store, rounds=2)

    assert [first.status, second.status] == ["ok", "ok"]
    assert len(google.calls("new")) == 1
    assert google.alive() == []
    assert store.load_all() == (first, second)


def test_a_record_says_what_the_session_took_and_what_it_costs(google, tmp_path):
    [one] = campaign(google.engine(), Store(tmp_path))

    session = one.session
    assert session.provision_seconds > 0
    assert session.install_seconds > 0
    assert session.data_seconds > 0
    assert session.units_per_hour == 0.08
    assert (session.balance_before, session.balance_after) == (100, 100)
    assert session.plan is None
    assert 0 < one.phases.start < 10
    assert (one.environment.engine, one.environment.engine_version) == ("colab", "0.7.5")
    assert not one.environment.emulated


def test_the_rate_is_unknown_where_another_session_lives(google, tmp_path):
    subprocess.run([google.program, "new", "-s", "mine"], check=True, capture_output=True)

    [one] = campaign(google.engine(), Store(tmp_path))

    assert one.session.units_per_hour is None
    assert google.alive() == ["mine"]


def test_a_run_is_kept_although_its_price_is_not_known(google, tmp_path):
    google.fails("usage")

    [one] = campaign(google.engine(), Store(tmp_path))

    assert (one.status, one.session.balance_before) == ("ok", 100)
    assert (one.session.units_per_hour, one.session.balance_after) == (None, None)


def test_the_client_is_told_to_wait_as_long_as_the_run_may_take(google, tmp_path):
    """By default it gives up after 30 silent seconds."""
    campaign(google.engine(), Store(tmp_path), seconds=500)

    [arguments] = [a for a in google.calls("exec") if any('"run"' in part for part in a)]
    assert float(arguments[arguments.index("--timeout") + 1]) > 500


@pytest.mark.parametrize("way", ["banner", "pieces"])
def test_chatter_and_torn_lines_do_not_break_the_wire(google, tmp_path, way):
    google.fails(way)

    [one] = campaign(google.engine(), Store(tmp_path))

    assert (one.status, len(one.epochs)) == ("ok", 2)


def test_how_the_worker_ended_comes_through(google, tmp_path, worker):
    worker("import sys; print('last words', file=sys.stderr); sys.exit(3)")

    [one] = campaign(google.engine(), Store(tmp_path))

    assert (one.status, one.reasons) == ("failed", ("exit-3",))
    assert one.ending.stderr_tail == ("last words",)


def test_a_worker_that_takes_too_long_is_stopped_on_the_machine(google, tmp_path, worker):
    worker(SLOW)

    [one] = campaign(google.engine(), Store(tmp_path), seconds=1)

    assert (one.status, one.ending.exit_code) == ("timeout", 137)


def test_without_a_client_the_advice_names_the_package(monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(EngineError, match="google-colab-cli"):
        ColabEngine()


def test_not_signed_in_is_said_before_anything_is_made(google, tmp_path):
    google.fails("signed-out")

    fails(google, Store(tmp_path), "not signed in")

    assert google.calls("new") == []
    assert Store(tmp_path).load_all() == ()


def test_without_a_network_it_says_so(google, tmp_path):
    google.fails("offline")

    fails(google, Store(tmp_path), "cannot be reached")


def test_no_gpu_of_that_kind_to_be_had(google, tmp_path):
    google.fails("no-gpu")

    fails(google, Store(tmp_path), "no such GPU or TPU now", GpuError, name="colab-a100")


def test_a_refused_session_is_explained(google, tmp_path):
    google.fails("refused")

    fails(google, Store(tmp_path), "too many are open")


def test_spent_units_are_named_where_the_balance_shows_it(google, tmp_path):
    google.fails("refused", "spends")

    fails(google, Store(tmp_path), "units are spent.* or take --env colab-cpu$", name="colab-t4")


def test_who_asked_for_no_gpu_is_not_told_to_take_none(google, tmp_path):
    google.fails("refused", "spends")

    fails(google, Store(tmp_path), "units are spent.*wait for the free quota$")


def test_a_refusal_on_the_free_tier_may_be_its_quota(google, tmp_path):
    """A balance of 0 that was 0 before says nothing of units that were spent."""
    google.fails("refused", balance=0)

    fails(google, Store(tmp_path), "too many are open.*has no units.*free quota may be used up")


@pytest.mark.parametrize("name", ["colab-t4", "colab-cpu", "colab-tpu"])
def test_another_machine_than_asked_for_runs_nothing(google, tmp_path, name):
    google.fails("other-gpu")

    fails(google, Store(tmp_path), "Colab gave", GpuError, name=name)

    assert not any('"run"' in part for call in google.calls("exec") for part in call)


def test_a_gpu_is_asked_for_by_name_and_has_to_do_the_work(google, tmp_path):
    """The stand-in's worker trains on the processor."""
    [one] = campaign(google.engine(), Store(tmp_path), name="colab-l4")

    assert one.reasons == ("gpu-not-used",)
    assert one.environment.accelerator_request == "L4"
    assert one.session.units_per_hour == 4.82
    assert google.calls("new")[0][-2:] == ["--gpu", "L4"]


def test_a_tpu_is_asked_for_by_name_and_has_to_do_the_work(google, tmp_path):
    """The stand-in's worker trains on the host's processor, as a plain `fit` does there."""
    [one] = campaign(google.engine(), Store(tmp_path), name="colab-tpu")

    assert (one.status, one.reasons) == ("rejected", ("tpu-not-used",))
    assert (one.environment.accelerator, one.environment.accelerator_request) == ("tpu", "v5e1")
    assert google.calls("new")[0][-2:] == ["--tpu", "v5e1"]


def test_a_tpu_that_the_account_does_not_get_is_one_line(google, tmp_path):
    google.fails("no-gpu")

    fails(google, Store(tmp_path), "no such GPU or TPU now", GpuError, name="colab-tpu")


@pytest.mark.parametrize("way", ["lost", "vanished", "crash"])
def test_a_lost_connection_is_one_line_and_a_failed_record(google, tmp_path, worker, way):
    worker(SLOW)
    google.fails(way)
    store = Store(tmp_path)

    fails(google, store, "connection to Colab was lost")

    [one] = store.load_all()
    assert (one.status, one.reasons) == ("failed", ("engine",))


def test_a_session_that_ends_because_the_units_are_spent_is_told_apart(google, tmp_path, worker):
    worker(SLOW)
    google.fails("vanished", "spends")

    fails(google, Store(tmp_path), "units are spent")


@pytest.mark.parametrize("way", ["lost", "vanished", "crash"])
def test_a_lost_connection_on_the_free_tier_is_no_spent_account(google, tmp_path, worker, way):
    worker(SLOW)
    google.fails(way, balance=0)

    fails(google, Store(tmp_path), "connection to Colab was lost; the session was stopped: go on")


def test_a_client_that_gives_up_on_a_silent_machine_is_explained(google, tmp_path, worker):
    worker(SLOW)
    google.fails("silent")

    fails(google, Store(tmp_path), "gave up waiting")


def test_packages_that_cannot_be_installed_stop_the_session(google, tmp_path, monkeypatch):
    monkeypatch.setattr(session, "PACKAGES", ("msgspec",))
    monkeypatch.setattr(session, "pins", lambda names: dict.fromkeys(names, "no version"))

    fails(google, Store(tmp_path), "on the Colab machine: .* failed")


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    """The task's raw files come with a package that the machine has not."""
    source = Source(package="raw-files", folder=f"{tmp_path}/nowhere".lstrip("/"), files={})
    task = dataclasses.replace(tasks.named("line"), source=source)
    monkeypatch.setattr(tasks, "named", lambda name: task)


@pytest.mark.usefixtures("packaged")
def test_the_machine_installs_the_package_of_raw_files(google, tmp_path, monkeypatch):
    calls = apt_get(tmp_path, monkeypatch)

    [one] = campaign(google.engine(), Store(tmp_path / "results"))

    assert one.status == "ok"
    assert calls() == ["-qq update", "-qq install --yes --no-install-recommends raw-files"]


@pytest.mark.usefixtures("packaged")
def test_a_package_that_the_machine_cannot_have_stops_the_session(google, tmp_path, monkeypatch):
    apt_get(tmp_path, monkeypatch, fails=True)

    fails(google, Store(tmp_path / "results"), "Colab machine: apt-get .* Unable to", DataError)


def test_a_stop_that_fails_is_tried_again(google, tmp_path):
    google.fails("stop-once")

    [one] = campaign(google.engine(), Store(tmp_path))

    assert one.status == "ok"
    assert google.alive() == []


def test_a_session_that_may_live_on_is_named(google, tmp_path):
    google.fails("stop-never")

    with pytest.raises(EngineError, match=r"colab stop -s certbench-\w{6}"):
        campaign(google.engine(), Store(tmp_path))

    assert [one.status for one in Store(tmp_path).load_all()] == ["ok"]


def test_a_session_that_the_client_forgot_is_not_taken_for_gone(google, tmp_path, worker):
    """After any 404 the client drops the name: its stop says all is well, the machine lives on."""
    worker(SLOW)
    google.fails("forgotten")

    with pytest.raises(EngineError, match=r"certbench-\w{6} may still run.* shows it as \[\?\]"):
        campaign(google.engine(), Store(tmp_path))

    assert len(google.alive()) == 1


def test_a_session_that_nobody_here_named_is_not_taken_for_ours(google, tmp_path, worker):
    """A notebook in the browser is listed as `?` too."""
    subprocess.run([google.program, "new", "-s", "browser"], check=True, capture_output=True)
    (google.home / "sessions" / "browser" / "forgotten").touch()

    [one] = campaign(google.engine(), Store(tmp_path))

    assert one.status == "ok"
    assert google.alive() == ["browser"]


def test_ctrl_c_in_a_run_stops_the_session(google, tmp_path, worker):
    """The signal comes to this process; the client hears nothing of it."""
    worker(SLOW)
    store = Store(tmp_path / "results")
    interrupt_when(lambda: any(store.folder.rglob("*.jsonl")) and '"handshake"' in journal(store))

    with pytest.raises(Interrupted):
        campaign(google.engine(), store)

    assert google.alive() == []
    assert [one.status for one in store.load_all()] == ["interrupted"]


def test_ctrl_c_while_a_session_is_made_waits_for_it_and_stops_it(google, tmp_path):
    """Cut short, the client would leave a session without a name to stop it by."""
    google.fails("slow-new")
    interrupt_when((google.home / "creating").exists)

    with pytest.raises(Interrupted):
        campaign(google.engine(), Store(tmp_path / "results"))

    assert len(google.calls("stop")) == 1
    assert google.alive() == []


def test_the_doctor_says_how_the_account_stands(google, monkeypatch):
    monkeypatch.setenv("PATH", f"{google.program.parent}:{os.environ['PATH']}")

    [check] = ColabEngine.check(environment("colab-t4"))
    assert (check.level, check.text) == ("ok", "asks for T4; 100 units left, 0 sessions live")

    google.fails("signed-out")
    [check] = ColabEngine.check(environment("colab-t4"))
    assert check.level == "fail"
    assert "not signed in" in check.text


def test_what_a_killed_campaign_left_is_stopped_and_other_sessions_are_not(google):
    for name in ("certbench-abcdef", "mine"):
        subprocess.run([google.program, "new", "-s", name], check=True, capture_output=True)

    assert google.engine().sweep() == 1

    assert google.alive() == ["mine"]


def test_the_bundle_holds_the_worker_and_nothing_of_the_host(tmp_path):
    session.write_bundle(tmp_path / "b.zip")

    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        folders = {"/".join(name.split("/")[:2]) for name in bundle.namelist()}
    assert {"bench/__init__.py", "bench/contract", "bench/worker", "tasks/sunspots.csv"} <= folders
    assert not {"bench/campaign", "bench/evidence", "bench/cli", "tasks/__pycache__"} & folders


def test_the_packages_are_pinned_as_in_the_images():
    pinned = session.pins(session.PACKAGES + session.GPU_PACKAGES)

    assert set(pinned) == {"msgspec", "pillow", "nvidia-ml-py"}
    assert all(pin[0].isdigit() for pin in pinned.values())


def test_what_runs_on_the_machine_stands_alone():
    """It is sent as text: nothing of the house may be imported there."""
    text = Path(remote.__file__).read_text()

    assert "bench." not in "".join(line for line in text.splitlines() if "import" in line)


def test_a_message_that_nobody_knows_is_handed_on():
    assert meaning("something new") is None


def test_a_client_that_cannot_be_started_is_one_line(tmp_path):
    with pytest.raises(CertbenchError, match="cannot be started"):
        Client(str(tmp_path / "nothing")).version()


@pytest.mark.parametrize(
    ("asked", "devices", "reasons"),
    [
        ("T4", ("CPU", "GPU: Tesla T4"), ()),
        ("T4", ("CPU", "GPU: NVIDIA L4"), ("other-hardware",)),
        ("L4", ("CPU", "GPU: NVIDIA L40S"), ("other-hardware",)),
        (None, ("CPU",), ()),
        (None, ("CPU", "GPU: Tesla T4"), ("other-hardware",)),
    ],
)
def test_a_record_of_other_hardware_is_rejected(asked, devices, reasons):
    """The engine looks before a run; the record is held against what TensorFlow saw in it."""
    good = record()
    facts = msgspec.structs.replace(
        good.environment, engine="colab", rented=True, accelerator_request=asked
    )

    judged = judge_run(
        record(environment=facts, controller=good.machine, seen=seen(devices=devices))
    )

    assert judged.reasons == reasons


def journal(store: Store) -> str:
    return "".join(path.read_text() for path in store.folder.rglob("*.jsonl"))


def interrupt_when(condition) -> None:
    """Send this process a Ctrl-C as soon as the condition holds."""

    def wait() -> None:
        end = time.monotonic() + 30
        while not condition() and time.monotonic() < end:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=wait, daemon=True).start()
