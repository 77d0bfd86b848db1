"""An entry of the user's list of machines stands in run ids, records and the plan."""

from itertools import product

from msgspec.structs import replace

from bench.campaign.plan import missing, plan
from bench.campaign.setup import new_campaign
from builders import record

NAME = "20261125T090000Z-abcdef"


def planned(entry: str | None, environment: str):
    return plan(
        new_campaign([environment], ["line"], rounds=1, seed=1, epochs=None, name=NAME),
        entry=entry,
    )


def test_the_entry_stands_in_the_run_id_also_of_a_later_attempt():
    runs = planned("lab", "cpu")
    plain = record()
    cut = record(status="interrupted", task=replace(plain.task, name="line"))

    [again] = missing(runs, [cut])

    assert runs[0].id == f"{NAME}-r01-lab.cpu-line"
    assert again.id == f"{NAME}-r01-lab.cpu-line-a2"
    assert again.entry == "lab"


def test_no_two_entries_share_a_run_id_whatever_their_names():
    pairs = [*product(("lab", "lab-native"), ("gpu", "native-gpu")), (None, "gpu")]

    assert len({planned(entry, place)[0].id for entry, place in pairs}) == len(pairs)
