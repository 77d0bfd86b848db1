"""Records are grouped in one place: tables, charts, verdict and comparison see the same pools."""

from itertools import combinations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.evidence import pools as evidence
from bench.evidence.pools import left_out, newest, pools, same_work
from bench.evidence.record import Record
from bench.evidence.rows import rows
from bench.evidence.summaries import named_pools
from bench.publish.groups import groups
from bench.verdict import table
from builders import CAMPAIGN, MACHINE, environment, epoch, facts, record, seen

replace = msgspec.structs.replace
CAMPAIGNS = tuple(replace(CAMPAIGN, id=f"2026010{n}T000000Z-abcdef") for n in (1, 2))


@st.composite
def repeats(draw) -> list[Record]:
    """Records that differ in everything that may keep them out of one pool, and in what may not."""
    found = []
    for number in range(draw(st.integers(1, 12))):
        pick = lambda *values: draw(st.sampled_from(values))  # noqa: E731
        print_ = pick("f" * 64, "0" * 64, None)
        task = replace(record().task, name=pick("fashion", "line"), fingerprint=print_)
        name = pick("cpu", "colab-like")
        found.append(
            record(
                id=f"r{number}",
                campaign=pick(*CAMPAIGNS),
                round=pick(1, 2, 3),
                attempt=pick(1, 2),
                machine=replace(MACHINE, id=pick("aaaa", "bbbb")),
                entry=pick(None, "box"),
                environment=facts(environment(name, emulated=name == "colab-like")),
                task=task,
                seen=seen(
                    processor=pick("A", "B"), versions={"tensorflow": pick("2.20.0", "2.21.0")}
                ),
                epochs=tuple(epoch(i) for i in range(pick(2, 4))),
                status="failed" if print_ is None else pick("ok", "ok", "failed"),
            )
        )
    return found


def belongs(one: Record, other: Record) -> bool:
    """What DESIGN says has to agree, asked of two records and not of a key."""
    return (
        one.task.name == other.task.name
        and one.task.fingerprint == other.task.fingerprint
        and (one.machine.id, one.entry) == (other.machine.id, other.entry)
        and one.environment.name == other.environment.name
        and one.seen.processor == other.seen.processor
        and one.seen.devices == other.seen.devices
        and one.seen.versions == other.seen.versions
    )


def ids(records) -> frozenset[str]:
    return frozenset(r.id for r in records)


@given(repeats())
def test_two_records_share_a_pool_exactly_where_all_that_has_to_agree_agrees(records) -> None:
    pool_of = {r.id: pool.key for pool in pools(records) for r in pool.records}

    assert {r.id for r in records if r.status != "ok"} <= pool_of.keys() <= ids(records)
    known = [r for r in records if r.task.fingerprint is not None and r.id in pool_of]
    for one, other in combinations(known, 2):
        assert (pool_of[one.id] == pool_of[other.id]) == belongs(one, other)


@given(repeats())
def test_a_round_counts_once_with_its_last_attempt(records) -> None:
    for pool in pools(records):
        rounds = [(r.campaign.id, r.round) for r in pool.repeats]
        assert len(set(rounds)) == len(rounds)
        rivals = [r for r in records if r.status == "ok" and evidence.key(r) == pool.key]
        for kept in pool.repeats:
            same = [r for r in rivals if (r.campaign.id, r.round) == (kept.campaign.id, kept.round)]
            assert kept.attempt == max(r.attempt for r in same)


@given(repeats())
def test_tables_charts_verdict_and_rows_group_alike(records) -> None:
    wanted = {ids(pool.repeats) for pool in pools(records) if pool.repeats}

    assert {ids(named.good) for named in named_pools(records) if named.good} == wanted
    assert {ids(pool.source.repeats) for pool in table.pools(records)} == wanted
    assert {ids(group.counted) for group in groups(records) if group.counted} == {
        ids(pool.repeats) for pool in newest(pools(records)) if pool.repeats
    }
    by_noise = {line["id"] for line in rows(records) if line["noise"]}
    assert by_noise == set().union(*(pool for pool in wanted if len(pool) >= 3))


def campaign(number: int, rounds: int = 3, **task: object) -> list[Record]:
    return [
        record(
            id=f"{number}-{n}",
            campaign=CAMPAIGNS[number],
            round=n,
            task=replace(record().task, **task),
        )
        for n in range(1, rounds + 1)
    ]


def test_what_an_edited_batch_size_leaves_out_is_said_in_one_line() -> None:
    records = [*campaign(0), *campaign(1, fingerprint="0" * 64, batch_size=128)]

    [pool] = newest(pools(records))

    assert ids(pool.repeats) == {"1-1", "1-2", "1-3"}
    assert left_out(pools(records)) == "3 older repeats of fashion left out: another batch size"
    assert left_out(pools(campaign(0))) is None


def test_a_short_and_a_long_run_of_the_same_work_are_one_pool() -> None:
    long = [replace(r, epochs=tuple(epoch(i) for i in range(9))) for r in campaign(1)]

    [pool] = pools([*campaign(0), *long])

    assert evidence.epochs_of(pool) == (3, 9)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ({"fingerprint": "2" * 64}, {"fingerprint": "2" * 64}, True),
        ({"fingerprint": "2" * 64}, {"fingerprint": "3" * 64}, False),
        ({"fingerprint": "1" * 64}, {"fingerprint": "2" * 64}, True),  # one is of version 1
        ({"fingerprint": "1" * 64}, {"fingerprint": "2" * 64, "fingerprint_v1": "0" * 64}, False),
    ],
)
def test_records_of_version_1_match_another_machines_by_the_older_fingerprint(
    a: dict, b: dict, *, same: bool
) -> None:
    """In the builders' records `fingerprint_v1` is all ones."""
    here = record(task=replace(record().task, **a))
    there = record(task=replace(record().task, **b), machine=replace(MACHINE, id="another00000"))

    assert same_work(here, there) == same
    assert len(pools([here, there])) == 2
    assert same_work(here, replace(there, machine=MACHINE)) == (a == b)
