"""Which repeats are suspect, and why; the order in which they come never matters."""

import random
from functools import partial

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.contract.facts import Gpu, Reading, Result
from bench.evidence.counters import foreign_share
from bench.evidence.derive import steady_epoch_seconds
from bench.evidence.energy import energies
from bench.evidence.limits import LIMITS
from bench.evidence.noise import half_width, modes, noise_of, slower_share, spoken
from bench.evidence.record import Record
from bench.evidence.trust import judge_repeats, judge_run
from bench.verdict.compare import compare
from builders import MACHINE, environment, epoch, facts, reading, record


def repeat(name: str, steady: float = 1.0, **counters: object) -> Record:
    """A repeat with equal epochs; `counters` are (before, after) over 10 s on two processors."""
    before = {key: pair[0] for key, pair in counters.items()}
    after = {key: pair[1] for key, pair in counters.items()}
    return record(
        id=name,
        epochs=tuple(epoch(i, steady - 0.5) for i in range(3)),
        readings=(reading("start", 0.0, **before), reading("end", 10.0, **after)),
    )


def codes(marks: dict, name: str) -> list[str]:
    return [code for code, _ in marks.get(name, ())]


def test_a_quiet_repeat_has_no_mark() -> None:
    quiet = repeat("a", busy_seconds=(0.0, 11.0), own_cpu_seconds=(0.0, 10.0))

    assert judge_repeats([quiet]) == {}
    assert foreign_share(quiet) == pytest.approx(0.05)


def test_a_busy_neighbour_is_foreign_load() -> None:
    """15 s busy of which 10 are ours, on two processors in 10 s: 5 / 20 = 25 %."""
    disturbed = repeat("a", busy_seconds=(0.0, 15.0), own_cpu_seconds=(0.0, 10.0))

    assert judge_repeats([disturbed]) == {
        "a": (("foreign-load", "other processes took 25% of the run's processors (0.5 of 2)"),)
    }


def usable(busy: float, processors: int, **counters: object) -> Record:
    """10 s in which the run itself took 10 s of its processors, on a machine of sixteen."""
    return repeat(
        "a",
        **{"usable_busy_seconds": (0.0, busy), "usable_processors": (processors,) * 2}
        | {"processors": (16, 16), "busy_seconds": (0.0, 160.0), "own_cpu_seconds": (0.0, 10.0)}
        | counters,
    )


@pytest.mark.parametrize(
    ("busy", "processors", "marked"),
    [
        (20.0, 16, True),  # one loop among sixteen processors: 6 %, but a whole processor
        (14.0, 16, False),  # 0.4 of a processor among sixteen
        (13.0, 2, True),  # 15 % of the two processors of a cpuset
        (11.0, 2, False),  # what else keeps the machine's other fourteen busy does not count
    ],
)
def test_foreign_load_is_that_on_the_processors_the_run_may_use(
    busy: float, processors: int, *, marked: bool
) -> None:
    marks = codes(judge_repeats([usable(busy, processors)]), "a")

    assert marks == (["foreign-load"] if marked else [])


@pytest.mark.parametrize(("fit_at", "marked"), [(90.0, True), (99.0, False)])
def test_a_neighbour_of_the_fit_alone_is_seen_where_the_fit_is_long_enough(
    fit_at: float, *, marked: bool
) -> None:
    """5 of 200 processor seconds are little, 5 of the last 20 are not; one second tells nothing."""
    edges = (("start", 0.0, 0.0), ("fit", fit_at, fit_at), ("end", 100.0, 105.0))
    one = record(
        id="a",
        readings=tuple(reading(edge, at, busy_seconds=busy) for edge, at, busy in edges),
    )

    assert codes(judge_repeats([one]), "a") == (["foreign-load"] if marked else [])


@pytest.mark.parametrize(
    ("counters", "code"),
    [
        ({"steal_seconds": (0.0, 2.0)}, "steal"),
        ({"on_battery": (False, True)}, "on-battery"),
        ({"frequency_mhz": (3000.0, 2000.0)}, "slow-clock"),
    ],
)
def test_each_disturbance_has_its_mark(counters: dict, code: str) -> None:
    assert codes(judge_repeats([repeat("a", **counters)]), "a") == [code]


def test_noise_belongs_to_the_pool_and_marks_no_repeat() -> None:
    pool = [repeat(str(n), steady=s) for n, s in enumerate([0.65, 0.66, 1.3, 0.64, 1.31])]

    found = noise_of(pool)

    assert judge_repeats(pool) == {}
    assert (found.kind, found.modes) == ("noisy", ([0.64, 0.65, 0.66], [1.3, 1.31]))


@pytest.mark.parametrize(
    ("seconds", "kind"),
    [
        ([1.0, 1.01, 1.02, 1.03], "quiet"),
        ([1.0, 1.05, 1.1, 1.2], "ordinary"),
        ([1, 2, 3, 4], "noisy"),
    ],
)
def test_the_class_follows_the_half_width_of_the_medians_interval(seconds, kind: str) -> None:
    assert noise_of([repeat(str(n), s) for n, s in enumerate(seconds)]).kind == kind


def test_the_half_width_is_the_notch_of_a_box_plot() -> None:
    """Quartiles of 1 to 5 are 2 and 4: 1.57 * 2 / sqrt(5) over the median 3."""
    assert half_width([1, 2, 3, 4, 5]) == pytest.approx(1.57 * 2 / 5**0.5 / 3)


def timed(name: str, wall: float, used: float) -> Record:
    """A repeat whose epochs take `wall` seconds and `used` processor seconds."""
    epochs = tuple(
        msgspec.structs.replace(epoch(i, wall - 0.5), processor_seconds=used) for i in range(3)
    )
    return record(id=name, epochs=epochs)


@pytest.mark.parametrize(
    ("slow_wall", "slow_used", "share"),
    [
        (2.0, 4.0, 1.0),  # twice the processor seconds for the same work: all of it slower
        (2.0, 2.0, 0.0),  # the same processor seconds: all of it waited for
        (2.0, 3.0, 0.5),  # one second lost, half a second of it on two processors
    ],
)
def test_lost_time_is_told_apart_into_a_slower_processor_and_waiting(
    slow_wall: float, slow_used: float, share: float
) -> None:
    """The fastest repeat takes 1 s and keeps two processors busy."""
    pool = [timed("a", 1.0, 2.0), timed("b", slow_wall, slow_used)]

    assert slower_share(pool) == pytest.approx(share)


def test_of_what_is_not_known_nothing_is_said() -> None:
    assert slower_share([repeat("a"), repeat("b", 2.0)]) is None
    assert noise_of([repeat("a"), repeat("b")]) is None
    assert spoken(None) == "–"


def test_one_stray_repeat_is_no_second_mode() -> None:
    assert modes([1.0, 1.01, 1.02, 2.0]) is None
    assert modes([]) is None


def test_what_was_rejected_neither_marks_nor_is_marked() -> None:
    bad = msgspec.structs.replace(repeat("b", steady=9.0), status="rejected")

    assert judge_repeats([repeat("a"), bad]) == {}


@pytest.mark.parametrize(
    ("counter", "values", "words"),
    [
        ("memory_limit_bytes", (1, 2), "memory limit"),
        ("processors", (2, 1), "processors of the machine"),
        ("usable_processors", (2, 1), "number of usable processors"),
        ("cpuset", ("0", "1"), "usable processors"),
        ("processor_quota", (None, 0.5), "processor quota"),
    ],
)
def test_limits_that_change_under_the_run_reject_it(
    counter: str, values: tuple, words: str
) -> None:
    judged = judge_run(repeat("a", **{counter: values}))

    assert judged.reasons == ("limits-changed",)
    assert judged.detail == f"changed under the run: {words}"


GPU = Gpu(
    name="T4",
    memory_used_bytes=1,
    utilisation_percent=50.0,
    temperature_celsius=50.0,
    energy_joules=1.0,
)


def with_gpus(*counts: int, **changes: object) -> Record:
    """A run that asked for a GPU and saw so many of them at its edges."""
    edges = zip(("start", "fit", "end"), counts, strict=False)
    return record(
        id="a",
        environment=facts(environment("gpu", gpu=True)),
        placements=("GPU:0",),
        readings=tuple(reading(e, i * 5.0, gpus=(GPU,) * n) for i, (e, n) in enumerate(edges)),
        **changes,
    )


@pytest.mark.parametrize("counts", [(1, 0), (1, 1, 0), (1, 0, 1), (2, 1, 2)])
def test_a_gpu_that_was_taken_away_rejects_the_run(counts: tuple[int, ...]) -> None:
    """Also where it was back at the end."""
    assert judge_run(with_gpus(*counts)).reasons == ("gpu-lost",)


def test_a_run_that_failed_for_its_lost_gpu_says_so_and_keeps_the_exception() -> None:
    failed = {"status": "failed", "reasons": ("exception",), "detail": "InternalError: CUDA"}

    judged = judge_run(with_gpus(1, 1, 0, **failed))

    assert (judged.status, judged.reasons) == ("rejected", ("gpu-lost",))
    assert judged.detail == "1 GPU at the start, 0 of them later; InternalError: CUDA"
    assert judge_run(with_gpus(1, 1, 1, **failed)).reasons == ("exception",)


@pytest.mark.parametrize(
    ("held", "marked"), [((5.0, 6.0), True), ((5.0, 5.1), False), ((None, 6.0), False)]
)
def test_a_gpu_held_down_between_the_edges_is_marked(held: tuple, *, marked: bool) -> None:
    """No reason was given at an edge; the sum grew by a tenth of the time, or by a hundredth."""
    gpus = [msgspec.structs.replace(GPU, thermal_throttled_seconds=seconds) for seconds in held]

    marks = judge_repeats([repeat("a", gpus=((gpus[0],), (gpus[1],)))])

    assert codes(marks, "a") == (["gpu-throttled"] if marked else [])
    assert not marked or "heat for 10% of the time" in marks["a"][0][1]


@pytest.mark.parametrize(
    ("profile", "marked"), [("low-power", True), ("performance, quiet", True), ("balanced", False)]
)
def test_a_profile_that_saves_power_is_marked(profile: str, *, marked: bool) -> None:
    marks = codes(judge_repeats([repeat("a", power_profile=(None, profile))]), "a")

    assert marks == (["low-power"] if marked else [])


@pytest.mark.parametrize("seconds", [[0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 5.0]])
def test_epochs_that_took_no_time_break_nothing(seconds: list[float]) -> None:
    """A record that somebody sent may say so."""
    pool = [repeat(str(number), steady=s) for number, s in enumerate(seconds)]

    assert judge_repeats(pool) == {}
    assert modes(seconds) is None


def test_a_machine_without_processors_breaks_nothing() -> None:
    none = repeat(
        "a",
        processors=(0, 0),
        busy_seconds=(0.0, 9.0),
        steal_seconds=(0.0, 1.0),
        own_cpu_seconds=(0.0, 1.0),
    )
    watts = msgspec.structs.replace(MACHINE, listed_watts=65.0)

    assert judge_repeats([none]) == {}
    assert energies(msgspec.structs.replace(none, machine=watts)) == ()


def test_every_limit_has_its_reason() -> None:
    assert all(limit > 0 and len(reason.split()) > 4 for limit, reason in LIMITS.values())


seconds = st.floats(0.6, 3.0)
totals = st.lists(st.floats(0.0, 40.0), min_size=3, max_size=3).map(sorted)  # counters only grow
absent_or = partial(st.one_of, st.none())


@st.composite
def edges(draw: st.DrawFn) -> tuple[Reading, ...]:
    """Three readings of a run of 20 s, with whatever a machine may have told at each."""
    busy, steal, throttled = (draw(absent_or(totals)) or [None] * 3 for _ in range(3))
    return tuple(
        reading(
            edge,
            10.0 * place,
            own_cpu_seconds=5.0 * place,
            busy_seconds=busy[place],
            steal_seconds=steal[place],
            throttled_seconds=throttled[place],
            frequency_mhz=draw(absent_or(st.sampled_from([1000.0, 2000.0, 3000.0]))),
            on_battery=draw(absent_or(st.booleans())),
            power_profile=draw(absent_or(st.sampled_from(["balanced", "low-power"]))),
            memory_limit_bytes=draw(st.sampled_from([1, 1, 1, 2])),
            suspended_seconds=draw(st.sampled_from([0.0, 0.0, 5.0])),
            gpus=(GPU,) * draw(st.integers(0, 2)),
        )
        for place, edge in enumerate(("start", "fit", "end"))
    )


@st.composite
def repeats(draw: st.DrawFn) -> list[Record]:
    """Up to six rounds in two environments; a first epoch takes longer than the others."""
    return [
        record(
            id=f"{name}-{number}",
            round=number,
            environment=facts(environment(name, gpu=draw(st.booleans()))),
            status=draw(st.sampled_from(["ok", "ok", "ok", "failed"])),
            epochs=tuple(
                msgspec.structs.replace(
                    epoch(index, draw(seconds) + 9.0 * (index == 0)),
                    non_finite=draw(st.sampled_from([(), (), (), ("loss",), ("held_out_loss",)])),
                )
                for index in range(draw(st.integers(1, 4)))
            ),
            result=Result(metric=draw(seconds), score=draw(st.integers(0, 5))),
            readings=draw(edges()),
        )
        for name in ("cpu", "native")
        for number in range(1, draw(st.integers(1, 6)) + 1)
    ]


def shuffled(pool: list[Record], shuffle: random.Random) -> list[Record]:
    return [
        msgspec.structs.replace(
            r,
            epochs=tuple(shuffle.sample(r.epochs, len(r.epochs))),
            readings=tuple(shuffle.sample(r.readings, len(r.readings))),
        )
        for r in shuffle.sample(pool, len(pool))
    ]


def outcomes(pool: list[Record]) -> dict[str, tuple]:
    """All that a judgement says of each record."""
    judged = [judge_run(r) for r in pool]
    return {r.id: (r.status, r.reasons, r.detail) for r in judged}


@given(repeats(), st.randoms())
def test_the_order_of_records_epochs_and_readings_changes_no_judgement(
    pool: list[Record], shuffle: random.Random
) -> None:
    other = shuffled(pool, shuffle)

    assert outcomes(other) == outcomes(pool)
    assert judge_repeats(other) == judge_repeats(pool)
    assert noted(other) == noted(pool)
    assert compare(other, "cpu", "native", MACHINE.id) == compare(pool, "cpu", "native", MACHINE.id)


def noted(pool: list[Record]) -> dict[str, tuple]:
    """What is known of each record's noise."""
    return {r.id: (foreign_share(r), steady_epoch_seconds(r), energies(r)) for r in pool}


@pytest.mark.parametrize(
    ("asked", "seen_inside", "broken"),
    [
        ({"cpuset": "0,1"}, {"cpuset": "0-1"}, False),
        ({"cpuset": "0,1"}, {"cpuset": "0-3"}, True),  # dropped with a mere warning
        ({"memory_bytes": 1000}, {"memory_limit_bytes": 1000}, False),
        ({"memory_bytes": 1000}, {"memory_limit_bytes": None}, True),
        ({"memory_bytes": 1_000_000}, {"memory_limit_bytes": 999_424}, False),  # whole pages
        ({"processor_quota": 2.0}, {"processor_quota": 2.0}, False),
        ({"processor_quota": 2.0}, {"processor_quota": None}, True),
        ({}, {"cpuset": "0-7", "memory_limit_bytes": 5}, False),
    ],
)
def test_a_limit_that_was_asked_and_is_not_seen_from_inside_rejects_the_run(
    asked: dict, seen_inside: dict, *, broken: bool
) -> None:
    """Readings of a run that was limited say so; one without readings says nothing."""
    limits = msgspec.structs.replace(record().limits, **asked)
    run = record(limits=limits, readings=(reading("start", 0.0, **seen_inside),))

    assert judge_run(run).reasons == (("limit-not-honoured",) if broken else ())
    assert judge_run(record(limits=limits, readings=())).status == "ok"
