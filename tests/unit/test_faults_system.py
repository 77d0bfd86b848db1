"""Faults of the machine around us: locks, drivers, and files under /sys that refuse."""

import errno
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.campaign import lock, machine, topology
from bench.campaign.engines import registry
from bench.cli import certbench
from bench.contract import power, system
from bench.errors import BusyError, StoreError
from bench.evidence.counters import foreign_share, steal_share
from bench.worker import cgroup, counters
from builders import reading, record


@pytest.fixture
def umask_of_root():
    """The umask of a careful administrator."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def test_a_lock_made_with_a_closed_umask_is_open_to_all(tmp_path: Path, umask_of_root) -> None:
    with lock.machine_lock(tmp_path / "lock"):
        assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o666


def test_a_lock_left_closed_is_opened_by_its_owner(tmp_path: Path) -> None:
    """An older certbench left it closed; the next start of that user mends it."""
    (tmp_path / "lock").touch(0o600)

    with lock.machine_lock(tmp_path / "lock"):
        assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o666


def test_another_users_closed_lock_is_busy_and_says_what_to_do(tmp_path: Path, monkeypatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    (tmp_path / "lock").touch()
    monkeypatch.setattr(os, "open", refuse)

    with (
        pytest.raises(BusyError, match=r"belongs to another user.*chmod 666"),
        lock.machine_lock(tmp_path / "lock"),
    ):
        pass


def test_a_folder_that_takes_no_lock_is_named_with_what_to_do(tmp_path: Path, monkeypatch) -> None:
    """Nobody measures there: it is no other user's lock."""

    def refuse(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(13, "Permission denied")
        raise FileNotFoundError(2, "No such file")

    monkeypatch.setattr(os, "open", refuse)
    said = "Permission denied; name another file with CERTBENCH_LOCK"
    with pytest.raises(StoreError, match=said), lock.machine_lock(tmp_path / "lock"):
        pass


@pytest.mark.parametrize("made", ["missing/lock", "loop"])
def test_a_lock_that_cannot_be_made_is_one_line(made: str, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")

    with (
        pytest.raises(StoreError, match="CERTBENCH_LOCK"),
        lock.machine_lock(tmp_path / made),
    ):
        pass


def test_a_full_disk_takes_no_lock_away(tmp_path: Path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)

    with lock.machine_lock(tmp_path / "lock"):
        assert True


def test_the_number_in_a_stale_lock_may_be_another_process_by_now(tmp_path: Path) -> None:
    """Ours is free whatever number stands in the file: the system holds the lock, not the text."""
    (tmp_path / "lock").write_text(f"{os.getppid()}\n")

    with lock.machine_lock(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_cleaning_up_waits_for_no_campaign_and_takes_nothing_from_it(tmp_path, monkeypatch) -> None:
    """`certbench clean` while a campaign runs: refused before any engine is asked."""
    monkeypatch.setenv("CERTBENCH_LOCK", str(tmp_path / "lock"))
    asked: list[object] = []
    monkeypatch.setattr(registry, "clean_all", lambda: asked.append("clean"))
    monkeypatch.setattr(registry, "reclaim_rented", asked.append)

    with lock.machine_lock(tmp_path / "lock"):
        done = CliRunner().invoke(certbench, ["clean"])

    assert isinstance(done.exception, BusyError)
    assert asked == []


# --- /sys and /proc ------------------------------------------------------------------------------


@pytest.fixture(
    params=[errno.ENODEV, errno.EIO, errno.EACCES, errno.EBUSY], ids=errno.errorcode.get
)
def refusing(request, monkeypatch):
    """Every file that is listed refuses when it is read: an offline processor, a dead battery."""

    def refuse(*_: object, **__: object) -> str:
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(Path, "read_text", refuse)


def test_every_file_of_the_system_may_refuse_at_any_time(refusing, monkeypatch) -> None:
    """The worker's whole reading comes about with what is left."""
    found = counters.Reader(started=0.0, gpu=False).read("start")

    assert found.busy_seconds is None
    assert found.on_battery is None
    assert found.frequency_mhz is None
    assert cgroup.processor_quota() is None
    assert cgroup.throttled() == (None, None)
    assert power.power_profile() is None
    assert topology.choose(1).kind is None
    assert machine.this_machine().processors == os.cpu_count()


@pytest.mark.parametrize("said", ["", "nonsense", "-", "9" * 40, "١٢", "1 2", "\x00"])
def test_nonsense_in_a_file_of_the_system_is_no_number(said: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(said)

    assert system.number(tmp_path / "file") is None


def test_a_cut_line_in_proc_stat_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2\ncpu1 x\n")

    assert counters.host_seconds(tmp_path / "stat")[0] is not None
    assert counters.busy_seconds(tmp_path / "stat", [0, 1]) is None


# --- processors ----------------------------------------------------------------------------------


def cpus(folder: Path, **files: object) -> Path:
    for name, text in files.items():
        for number, value in text.items():
            path = folder / "system/cpu" / f"cpu{number}" / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{value}\n")
    return folder / "system/cpu"


def test_a_colab_like_machine_gets_fast_cores(tmp_path: Path) -> None:
    """An ARM machine with two slow cores first: capacity 290 and 1024."""
    folder = cpus(tmp_path, cpu_capacity={0: 290, 1: 290, 2: 1024, 3: 1024})

    chosen = topology.choose(2, folder, frozenset(range(4)))

    assert chosen == topology.Chosen(cpuset="2,3", kind="fast")


def test_siblings_of_one_fast_core_come_before_two_fast_cores(tmp_path: Path) -> None:
    """An Intel laptop: two performance cores of two threads each, four efficient ones."""
    pairs = {0: "0,4", 1: "1,5", 4: "0,4", 5: "1,5", 2: "2", 3: "3", 6: "6", 7: "7"}
    folder = cpus(tmp_path, topology__thread_siblings_list=pairs)
    for kind, numbers in {"cpu_core": "0-1,4-5", "cpu_atom": "2-3,6-7"}.items():
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "cpus").write_text(numbers + "\n")

    assert topology.choose(2, folder, frozenset(range(8))).cpuset == "0,4"
    assert topology.choose(2, folder, frozenset({2, 3, 1, 5})).cpuset == "1,5"
    slow = topology.choose(2, folder, frozenset({0, 2, 3}))
    assert slow == topology.Chosen(cpuset="0,2", kind="mixed")


def test_turbo_clocks_are_no_second_kind_of_core(tmp_path: Path) -> None:
    clocks = {0: 5000000, 1: 5200000, 2: 5000000, 3: 3500000}
    folder = cpus(tmp_path, cpufreq__cpuinfo_max_freq=clocks)

    assert topology.choose(2, folder, frozenset(range(4))).cpuset == "0,1"
    assert topology.choose(4, folder, frozenset(range(4))).kind == "mixed"


def test_where_nothing_shows_it_the_kind_is_not_claimed(tmp_path: Path) -> None:
    assert topology.choose(2, tmp_path, frozenset({0, 1})).kind is None


# --- programs that are found and do not run ------------------------------------------------------


def program(folder: Path, monkeypatch, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return path


FAILS = "echo 'NVIDIA-SMI has failed because it could not communicate with the driver.'; exit 9"


def test_a_driver_that_fails_is_no_gpu_and_its_sentence_no_name(tmp_path, monkeypatch) -> None:
    program(tmp_path, monkeypatch, "nvidia-smi", "exit 0")
    without = machine.this_machine()
    program(tmp_path, monkeypatch, "nvidia-smi", FAILS)

    assert machine.this_machine() == without
    names, said = machine.asked_driver()
    assert names == ()
    assert "has failed because" in said


@pytest.mark.parametrize("script", ["exec sleep 600", "kill -9 $$", "printf '\\377\\n'; exit 0"])
def test_a_driver_that_hangs_dies_or_mumbles_breaks_nothing(script, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(machine, "DRIVER_SECONDS", 1)
    program(tmp_path, monkeypatch, "nvidia-smi", script)

    assert all(name.isprintable() for name in machine.gpu_names())


def test_a_driver_that_cannot_be_started_is_no_gpu(tmp_path, monkeypatch) -> None:
    """A version manager's shim, a file of another architecture."""
    path = program(tmp_path, monkeypatch, "nvidia-smi", "")
    path.write_bytes(b"\x7fELF nonsense")

    assert machine.gpu_names() == ()
    assert machine.asked_driver()[1]


@pytest.mark.parametrize("script", ["echo 'pyenv: colab: command not found' >&2; exit 127", None])
def test_a_client_that_does_not_run_is_said_and_stops_nothing(script, tmp_path, monkeypatch):
    """`certbench clean` asks Google's client what a killed campaign left; it may be a shim."""
    path = program(tmp_path, monkeypatch, "colab", script or "")
    if script is None:
        path.write_bytes(b"\x7fELF nonsense")
    said: list[str] = []

    registry.reclaim_rented(said.append)

    assert len(said) == 1
    assert "colab" in said[0]
    assert "Traceback" not in said[0]


# --- shares --------------------------------------------------------------------------------------


def test_a_share_is_of_what_there_is() -> None:
    """Counters of a machine whose processors were counted wrong: never more than all of it."""
    edges = (
        reading("start", 0.0, busy_seconds=0.0, steal_seconds=0.0, processors=1),
        reading("end", 1.0, busy_seconds=96.0, steal_seconds=50.0, processors=1),
    )

    assert foreign_share(record(readings=edges)) == 1.0
    assert steal_share(record(readings=edges)) == 1.0
