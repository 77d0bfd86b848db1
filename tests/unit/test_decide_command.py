"""`certbench decide` answers in its first line and says where each number comes from."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from bench.cli import certbench
from bench.errors import CertbenchError
from bench.evidence.record import Phases, Record
from bench.evidence.store import Store
from bench.verdict.crossing import time_crossing
from bench.verdict.jobs import stated_job, task_job
from bench.verdict.options import Scenario, options_of
from bench.verdict.prices import load_prices
from bench.verdict.request import Request
from bench.verdict.sentences import OTHER, crossing_spoken
from builders import MACHINE, environment, epoch, facts, reading
from verdict_builders import hourly, noisy, option, owned, run, seen

HERE = MACHINE.id
TASKS = (("line", 1), ("fashion", 2), ("solids", 3), ("glosses", 4), ("sunspots", 5))


def campaign(
    rounds: int = 6, environments: tuple[str, ...] = ("cpu", "colab-like")
) -> list[Record]:
    """Epochs of 2 s in cpu, of 3 s in colab-like, with a little noise; 10 s of all else."""
    slow = {"cpu": 2.0, "colab-like": 3.0, "colab-t4": 0.5, "native": 2.5}
    return [
        run(name, number, slow[name] * (1 + number / 100), task=task, category=category)
        for task, category in TASKS
        for name in environments
        for number in range(1, rounds + 1)
    ]


def colab(records: list[Record]) -> list[Record]:
    """The same with the Colab runs made by Colab's engine."""
    entry = msgspec.structs.replace(
        facts(environment("colab-t4", gpu=True)), engine="colab", rented=True, isolated=False
    )
    return [
        msgspec.structs.replace(r, environment=entry) if r.environment.name == "colab-t4" else r
        for r in records
    ]


def setting(records: list[Record], **asked: object) -> Scenario:
    prices = load_prices()
    return Scenario(
        job=task_job(records, HERE, "fashion", prices, None),
        prices=prices,
        request=Request(**asked),
    )


def names(records: list[Record], **asked: object) -> list[str]:
    return [option.name for option in options_of(setting(records, **asked))]


def ask(folder: Path, *arguments: str, records: list[Record] | None = None) -> str:
    for record in campaign() if records is None else records:
        Store(folder).save(record)
    command = ["decide", "--results", str(folder), *arguments]
    return CliRunner().invoke(certbench, command, catch_exceptions=False).stdout


def test_the_first_line_is_the_verdict_and_says_that_it_assumes(tmp_path: Path) -> None:
    first = ask(tmp_path, "--task", "fashion").splitlines()[0]

    assert first.startswith("STAY on this machine for fashion, 4 epochs: 18 s here")


def test_all_tasks_are_answered_in_one_line_and_the_exam_too(tmp_path: Path) -> None:
    text = ask(tmp_path, "--details")

    assert text.startswith("STAY on this machine for all 5 tasks (18 s each here).")
    assert "Exam day on cpu: 2 attempts at each of five tasks" in text


def test_both_forms_have_the_same_content(tmp_path: Path) -> None:
    text = ask(tmp_path, "--task", "fashion", "--runs-per-week", "5", "--sources", "--details")
    data = json.loads(
        ask(tmp_path, "--task", "fashion", "--runs-per-week", "5", "--format", "json", records=[])
    )
    [job] = data["jobs"]

    assert data["sentence"] in " ".join(text.split())
    for found in job["options"]:
        assert found["name"] in text
        assert all(origin["text"] in text for origin in found["origins"])
    assert {"fastest", "cheapest", "time_crossings", "money_crossings", "required_speedups"} < set(
        job
    )
    assert {"advice", "places", "tipping_points", "map", "workload", "cautions"} < set(job)


def test_emulated_colab_is_never_an_option_by_itself() -> None:
    assert "colab-like" not in names(campaign())
    with pytest.raises(CertbenchError, match="colab-like is emulated"):
        names(campaign(), options=("colab-like",))


def test_emulated_speed_stands_for_colab_only_where_the_user_says_so() -> None:
    found = options_of(setting(campaign(), assume={"colab-cpu": "colab-like"}))

    assert found[1].origins[0].basis == "assumed"
    assert "emulated" in found[1].origins[0].text
    assert found[1].timing.epoch[0] == pytest.approx(3.0 * 1.035)


def test_emulated_colab_gives_its_limits() -> None:
    """A task that runs out of memory under Colab's limits cannot run on Colab."""
    dead = facts(environment("colab-like", emulated=True))
    records = [
        *campaign(environments=("cpu",)),
        run("colab-like", 1, 1.0, environment=dead, status="oom", reasons=("oom",)),
    ]
    whys = {o.name: o.obstacle for o in options_of(setting(records))}

    assert "emulated" in whys["colab-t4"]
    assert whys["aws-t4"] is None


def test_published_speeds_are_used_where_nothing_was_measured_or_on_request() -> None:
    records = colab(campaign(environments=("cpu", "colab-t4")))

    assert "aws-t4" in names(campaign())
    assert names(records) == ["cpu", "colab-t4"]
    assert names(records, published=True) == ["cpu", "colab-t4"]  # it was measured
    assert names(records, options=("aws-t4",)) == ["cpu", "aws-t4"]


def test_a_measured_start_replaces_the_priced_one() -> None:
    """120 s were assumed; the measured run started in 10 s, and the two never add up."""
    records = colab(campaign(environments=("cpu", "colab-t4")))

    assert options_of(setting(records))[1].timing.start[0] == pytest.approx(10)


def test_a_rented_machine_as_fast_as_an_environment_here_still_has_to_be_asked_for() -> None:
    """colab-like starts in 10 s here; a session of Colab takes its two minutes, or as stated."""
    asked = {"colab-cpu": "colab-like"}
    usual, stated = (
        options_of(setting(campaign(), assume=asked, session_start=seconds))[1]
        for seconds in (None, 300.0)
    )

    assert (usual.timing.start[0], stated.timing.start[0]) == (120, 300)
    assert [origin.basis for origin in stated.origins] == ["assumed", "assumed"]


def test_a_machine_elsewhere_lends_its_speed_only_where_the_user_says_so() -> None:
    """An imported campaign of another machine: 0.5 s an epoch there."""
    other = msgspec.structs.replace(MACHINE, id="another00000")
    theirs = [run("native", i, 0.5, machine=other, id=f"there-{i}") for i in range(6)]
    records = [*campaign(environments=("cpu",)), *theirs]
    assume = {"lambda-h100": "another00000:native"}
    found = options_of(setting(records, assume=assume))

    assert [option.name for option in found] == ["cpu", "lambda-h100"]
    assert (found[1].timing.epoch[0], found[1].timing.start[0]) == (0.5, 120)
    assert found[1].origins[0].text == "as another00000:native, measured there; by you"
    assert "another00000:native" not in names(records)


def test_what_is_made_from_a_rough_estimate_is_rough_too() -> None:
    """Epochs of 2, 2, 2 and 20 s: the model says 18 s, measured were 36."""
    modes = tuple(epoch(i, s - 0.5) for i, s in enumerate((2.0, 2.0, 2.0, 20.0)))
    phases = Phases(start=1.0, imports=2.0, data=3.0, build=3.0, fit=26.0, evaluate=1.0)
    records = [run("cpu", i, 2.0, epochs=modes, phases=phases) for i in range(6)]
    found = options_of(setting(records, assume={"aws-t4": "3x", "aws-l4": "cpu"}))

    assert [option.model_error for option in found] == pytest.approx([-0.5] * 3)
    assert not any(option.fits for option in found)


def test_the_second_line_says_what_to_mind(tmp_path: Path) -> None:
    """A hypervisor took two of ten seconds from two processors, in all six repeats."""
    stolen = (reading("start", 0.0, steal_seconds=0.0), reading("end", 10.0, steal_seconds=4.0))
    records = [run("cpu", i, 2.0 + i / 100, readings=stolen) for i in range(6)]
    text = ask(tmp_path, "--task", "fashion", "--sources", records=records)

    assert "Caution: repeats are suspect (steal)." in text.splitlines()
    assert "6 records, 6 suspect: steal" in text


def test_prices_of_another_currency_are_left_out_by_name(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('[local]\ncurrency = "EUR"\nsource = "me"\nseen = 2026-01-01\n')
    text = ask(tmp_path, "--task", "fashion", "--prices", str(mine))

    assert text.startswith("UNKNOWN for fashion")
    assert "colab-free-t4, colab-t4 and aws-t4 left out: another currency" in text


def test_the_exam_has_one_task_of_ours_in_each_category(tmp_path: Path) -> None:
    """A task of the user's own is no sixth, and does not stand in for a missing one."""
    own = msgspec.structs.replace(
        run("cpu", 1, 2.0).task, name="mine", category=5, source="user-task"
    )
    mine = [msgspec.structs.replace(run("cpu", i, 2.0, id=f"mine-{i}"), task=own) for i in range(6)]
    four = [r for r in campaign(environments=("cpu",)) if r.task.name != "sunspots"]

    with_own = ask(tmp_path / "a", "--details", records=[*campaign(environments=("cpu",)), *mine])
    assert "Exam day on cpu: 2 attempts at each of five tasks" in with_own
    assert exam_line(with_own) == exam_line(ask(tmp_path / "b", "--details"))
    assert "the exam has 5 tasks, cpu has records of 4" in ask(
        tmp_path / "c", "--details", records=[*four, *mine]
    )


def exam_line(text: str) -> str:
    [line] = [line for line in text.splitlines() if line.startswith("Exam day")]
    return line


def test_resamples_that_say_otherwise_are_told() -> None:
    """In two of three resamples b wins from epoch 50 on, in one its epoch is the slower one."""
    a = noisy("a", 10, [2.0, 2.0, 0.9], owned(), rounds=6)
    told = crossing_spoken(time_crossing(a, option("b", 60, 1, hourly())), "a")

    assert told.startswith(f"{OTHER} is faster than a from 50 epochs on (50 to never)")
    assert told.endswith("of the resamples, it never is in 33%")


def test_the_page_of_the_verdict_documents_the_data(tmp_path: Path) -> None:
    """Every field of the JSON stands in docs/verdict.md, and no other does."""
    arguments = ["--task", "fashion", "--runs-per-week", "5", "--assume", "rtx-4060=6x"]
    arguments += ["--assume", "colab-t4=4x-9x", "--format", "json"]
    page = (Path(__file__).parents[2] / "docs" / "verdict.md").read_text(encoding="utf-8")
    section = page.split("## The JSON of `--format json`")[1].split("\n## ")[0]
    named = set(re.findall(r"`([a-z_]+)(?:\[i\]\[j\])?`", section))
    found = keys(json.loads(ask(tmp_path, *arguments))) | keys(
        json.loads(ask(tmp_path, "--format", "json", records=[]))["exam"]
    )

    assert found - named == set()
    assert {name for name in named if "_" in name} - found - {"no_exam"} == set()


def keys(value: object) -> set[str]:
    """The names in plain data; a price has its own table in the page."""
    if isinstance(value, dict):
        inner = [keys(item) for name, item in value.items() if name != "price"]
        return set(value).union(*inner)
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


def test_an_assumed_speed_is_a_multiple_of_the_local_one() -> None:
    """2 x 1.035 s an epoch, nine times as fast, and the stated start of a session."""
    here, there = options_of(setting(campaign(), assume={"colab-t4": "9x"}, session_start=60.0))

    assert there.timing.epoch[0] == pytest.approx(here.timing.epoch[0] / 9)
    assert there.timing.start[0] == 60
    assert {origin.basis for origin in there.origins} == {"assumed"}
    assert not there.timing.few


def test_an_assumed_range_is_a_range() -> None:
    _, there = options_of(setting(campaign(), assume={"colab-t4": "4x-16x"}))

    assert there.timing.few
    assert there.timing.epoch[0] == pytest.approx(2.0 * 1.035 / 8)  # the middle of its factors


def test_records_of_another_configuration_do_not_compete() -> None:
    task = msgspec.structs.replace(run("native", 1, 1.0).task, fingerprint="0" * 64)
    records = [*campaign(environments=("cpu",)), run("native", 1, 1.0)]
    records[-1] = msgspec.structs.replace(records[-1], task=task)
    found = {o.name: o.obstacle for o in options_of(setting(records))}

    assert "not comparable" in found["native"]


def test_another_version_is_said() -> None:
    records = [*campaign(environments=("cpu",)), run("native", 1, 1.0, seen=seen("2.21.0"))]
    found = {o.name: o for o in options_of(setting(records))}

    assert "other framework versions" in found["native"].origins[0].text


def test_ones_own_job_is_answered_without_any_record(tmp_path: Path) -> None:
    """200 epochs of 12 s and 10 s of start are 2410 s; the cloud must be 2400 / 2290 as fast."""
    data = json.loads(
        ask(tmp_path, "--epoch-seconds", "12", "--epochs", "200", "--format", "json", records=[])
    )
    [job] = data["jobs"]
    [needed] = [n for n in job["required_speedups"] if n["epochs"] == 200]

    assert job["options"][0]["seconds"]["middle"] == 2410
    assert needed["middle"] == pytest.approx(2400 / 2290)
    assert data["advice"] == "either"


def test_ones_own_job_starts_like_the_tasks_that_were_run() -> None:
    asked = Request(epoch_seconds=12.0, epochs=200)
    job = stated_job(campaign(), HERE, asked, load_prices())

    assert job.base.timing.start[0] == pytest.approx(10)
    assert "30 records" in job.base.origins[1].text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--task", "nothing"], "no measured run of 'nothing' here"),
        (["--task", "fashion", "--option", "nowhere"], "no option is called 'nowhere'"),
        (["--task", "fashion", "--option", "aws-cpu-4"], "nobody says how fast aws-cpu-4 is"),
        (["--task", "fashion", "--assume", "colab-t4"], "NAME=9x"),
        (["--task", "fashion", "--assume", "colab-t4=fast"], "say colab-t4=9x"),
        (["--task", "fashion", "--assume", "colab-t4=0x"], "say colab-t4=9x"),
        (["--task", "fashion", "--assume", "colab-t4=9x-4x"], "say colab-t4=9x"),
        (["--task", "fashion", "--assume", "nowhere=9x"], "no option is called 'nowhere'"),
        (["--task", "fashion", "--assume", "local-eu=1x"], "none is converted"),
        (["--task", "fashion", "--deadline", "5"], "a number and its unit"),
        (["--task", "fashion", "--deadline", "0h"], "--deadline is 0: more than 0"),
        (["--task", "fashion", "--session-start", "soon"], "a number and its unit"),
        (["--task", "fashion", "--epochs", "0"], "--epochs is 0"),
        (["--task", "fashion", "--epochs", "nan"], "--epochs is nan"),
        (["--task", "fashion", "--runs-per-week", "0"], "--runs-per-week is 0"),
        (["--task", "fashion", "--months", "-1"], "--months is -1"),
        (["--task", "fashion", "--local", "gpu"], "no measured run of fashion there"),
        (["--task", "fashion", "--epoch-seconds", "1"], "not both"),
        (["--epoch-seconds", "1"], "needs --epochs"),
        (["--epoch-seconds", "-1", "--epochs", "1"], "more than 0"),
        (["--campaign", "x"], "no campaign is called 'x'"),
        (["--attempts", "0"], "--attempts is 0"),
        (["--task", "fashion", "--attempts", "-4"], "--attempts is -4"),
        (["--task", "fashion", "--epochs", "1.5"], "a whole number"),
        (["--task", "fashion", "--assume", "cpu=2x"], "--assume cpu: that is here"),
        (["--task", "fashion", "--assume", "local=2x"], "--assume local: that is here"),
        (
            ["--task", "fashion", "--assume", "colab-t4=2x", "--assume", "colab-t4=9x"],
            "an option twice",
        ),
        (["--epoch-seconds", "1", "--epochs", "9", "--local", "cpu"], "--local chooses among"),
        (["--epoch-seconds", "1", "--epochs", "9", "--assume", "local=3x"], "that is here"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(CertbenchError, match=message) as refusal:
        ask(tmp_path, *arguments)
    assert "\n" not in str(refusal.value)


def test_without_records_the_next_step_is_said(tmp_path: Path) -> None:
    with pytest.raises(CertbenchError, match="no records yet: `certbench run --env cpu`"):
        ask(tmp_path, records=[])


def test_with_emulated_records_only_the_next_step_is_said(tmp_path: Path) -> None:
    with pytest.raises(CertbenchError, match="no measured run here yet"):
        ask(tmp_path, records=campaign(environments=("colab-like",)))


def test_a_trial_of_one_epoch_cannot_be_modelled(tmp_path: Path) -> None:
    one = run("cpu", 1, 2.0)
    with pytest.raises(CertbenchError, match="no run of two epochs or more"):
        ask(tmp_path, records=[msgspec.structs.replace(one, epochs=one.epochs[:1])])


def test_few_rounds_are_called_preliminary(tmp_path: Path) -> None:
    text = ask(tmp_path, "--task", "fashion", "--details", records=campaign(rounds=3))

    assert "preliminary" in text
    assert "range of 3" in text


def test_the_same_records_give_the_same_verdict(tmp_path: Path) -> None:
    once = ask(tmp_path, "--format", "json")

    assert once == ask(tmp_path, "--format", "json", records=[])
