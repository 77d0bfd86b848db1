"""The worker's light parts: counters from files, data checked in one line, lines reassembled."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.campaign.engines.lines import Lines, Tail, limited
from bench.campaign.topology import cpuset
from bench.contract.task import ArraySpec, Data, Task, score
from bench.errors import EngineError
from bench.worker import cgroup
from bench.worker.checks import Stop, check_data


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_version_2_group_is_read(tmp_path: Path) -> None:
    mount = tree(
        tmp_path / "mount",
        {
            "cgroup.controllers": "cpu memory",
            "a/cpu.max": "50000 100000",
            "a/cpu.stat": "usage_usec 5\nnr_periods 9\nnr_throttled 3\nthrottled_usec 1500000",
            "a/memory.max": "1024",
            "a/memory.peak": "512",
        },
    )
    own = tree(tmp_path, {"own": "0::/a\n"}) / "own"

    assert cgroup.version(mount) == 2
    assert cgroup.processor_quota(mount, own) == 0.5
    assert cgroup.cpu_seconds(mount, own) == 5e-6
    assert cgroup.throttled(mount, own) == (3, 1.5)
    assert cgroup.memory_limit(mount, own) == 1024
    assert cgroup.memory_peak(mount, own) == 512


def test_a_version_1_group_is_read_and_huge_means_no_limit(tmp_path: Path) -> None:
    """Inside a container the group's files lie at the root of the mount."""
    mount = tree(
        tmp_path / "mount",
        {
            "cpu/cpu.cfs_quota_us": "-1",
            "cpuacct/cpuacct.usage": "2500000000",
            "cpu/cpu.cfs_period_us": "100000",
            "cpu/cpu.stat": "nr_periods 9\nnr_throttled 3\nthrottled_time 1500000000",
            "memory/memory.limit_in_bytes": "9223372036854771712",
            "memory/memory.max_usage_in_bytes": "512",
        },
    )
    own = tree(tmp_path, {"own": "4:memory:/docker/x\n1:cpu,cpuacct:/docker/x\n"}) / "own"

    assert cgroup.version(mount) == 1
    assert cgroup.processor_quota(mount, own) is None
    assert cgroup.cpu_seconds(mount, own) == 2.5
    assert cgroup.throttled(mount, own) == (3, 1.5)
    assert cgroup.memory_limit(mount, own) is None
    assert cgroup.memory_peak(mount, own) == 512


def test_without_groups_everything_is_absent_and_nothing_is_zero(tmp_path: Path) -> None:
    own = tmp_path / "none"

    assert cgroup.version(tmp_path) is None
    assert cgroup.processor_quota(tmp_path, own) is None
    assert cgroup.cpu_seconds(tmp_path, own) is None
    assert cgroup.throttled(tmp_path, own) == (None, None)
    assert cgroup.memory_limit(tmp_path, own) is None


TASK = Task(
    title="t",
    category=1,
    epochs=1,
    batch_size=2,
    metric="accuracy",
    thresholds=(0.1, 0.2, 0.3, 0.4, 0.5),
    x=ArraySpec(shape=(2,), dtype="float32", low=0, high=1),
    y=ArraySpec(shape=(), dtype="uint8", low=0, high=2),
    load=lambda folder: Data(train=None, held_out=None),
    build=lambda: None,
)
X, Y = np.zeros((4, 2), "float32"), np.zeros(4, "uint8")


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X[:, :1], Y, r"train x: expected float32 of shape \(2,\) .* came float32 of shape \(1,\)"),
        (X.astype("float64"), Y, "came float64"),
        (X, Y + np.uint8(3), "train y: expected values from 0 to 2, came 3 to 3"),
        (X * np.nan, Y, "came nan to nan"),
        (X[:0], Y[:0], "as many x as y, came 0 and 0"),
        (X, Y[:3], "came 4 and 3"),
    ],
)
def test_wrong_data_are_one_line_that_says_what_came(x, y, message: str) -> None:
    with pytest.raises(Stop, match=message) as caught:
        check_data(TASK, Data(train=(x, y), held_out=(X, Y)))

    assert caught.value.code == "data-shape"
    assert "\n" not in str(caught.value)


def test_good_data_pass() -> None:
    check_data(TASK, Data(train=(X, Y), held_out=(X, Y)))


@given(
    st.lists(st.binary(max_size=20).map(lambda b: b.replace(b"\n", b"")), max_size=20), st.data()
)
def test_lines_come_out_whole_however_they_were_cut(lines: list[bytes], data) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    got: list[bytes] = []
    pieces = Lines(got.append)
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        pieces.feed(stream[:cut])
        stream = stream[cut:]
    pieces.end()

    assert got == lines


def test_the_tail_keeps_the_last_lines_and_cuts_long_ones() -> None:
    tail = Tail()
    tail.feed(b"".join(b"%d\n" % number for number in range(100)) + b"x" * 10_000)

    lines = tail.lines()

    assert len(lines) == 40
    assert lines[-2] == "99"
    assert len(lines[-1]) == 4096


def test_the_limit_stops_and_says_so_and_an_early_end_does_not() -> None:
    stopped: list[bool] = []
    with limited(0.01, lambda: stopped.append(True)) as fired:
        time.sleep(0.2)
    assert fired.is_set()
    assert stopped == [True]
    with limited(60, lambda: stopped.append(True)) as fired:
        pass
    assert not fired.is_set()


def test_two_threads_of_one_core_come_first(tmp_path: Path) -> None:
    """Four processors, threads 0 and 2 share a core: Colab's two are such a pair."""
    pairs = {"0": "0,2", "1": "1,3", "2": "0,2", "3": "1,3"}
    cpus = tree(
        tmp_path,
        {f"cpu{n}/topology/thread_siblings_list": text + "\n" for n, text in pairs.items()},
    )

    assert cpuset(2, cpus, frozenset({0, 1, 2, 3})) == "0,2"
    assert cpuset(2, cpus, frozenset({1, 2, 3})) == "1,3"
    assert cpuset(2, cpus, frozenset({0, 1})) == "0,1"
    assert cpuset(2, tmp_path / "none", frozenset({4, 5})) == "4,5"
    with pytest.raises(EngineError, match="lends 1"):
        cpuset(2, cpus, frozenset({0}))


def test_ranges_of_siblings_are_read(tmp_path: Path) -> None:
    cpus = tree(tmp_path, {"cpu0/topology/thread_siblings_list": "0-1\n"})

    assert cpuset(2, cpus, frozenset({0, 1, 2})) == "0,1"


@pytest.mark.parametrize(
    ("metric", "thresholds", "value", "expected"),
    [
        ("accuracy", (0.1, 0.2, 0.3, 0.4, 0.5), 0.3, 3),
        ("accuracy", (0.1, 0.2, 0.3, 0.4, 0.5), float("nan"), 0),
        ("mae", (5.0, 4.0, 3.0, 2.0, 1.0), 1.0, 5),
        ("mae", (5.0, 4.0, 3.0, 2.0, 1.0), 4.5, 1),
        ("mse", (5.0, 4.0, 3.0, 2.0, 1.0), float("inf"), 0),
    ],
)
def test_a_score_counts_the_thresholds_that_are_reached(
    metric, thresholds, value, expected
) -> None:
    assert score(metric, thresholds, value) == expected
