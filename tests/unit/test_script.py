"""What of a script is checked before its first run, and how its fits add up."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from bench.campaign import user_file
from bench.campaign.brought import check_place, mount
from bench.campaign.engines.docker.engine import _mounts
from bench.campaign.script import user_script
from bench.contract.events import Built, Staged
from bench.errors import UsageError
from bench.evidence import derive
from bench.evidence.fold import fold
from bench.worker.advice import advice
from bench.worker.script import _told
from builders import epoch, record, stage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text("import mine\nimport numpy\n")
    (tmp_path / "mine.py").write_text("from further import x\n")
    (tmp_path / "further.py").write_text("x = 1\n")
    (tmp_path / "unused.py").write_text("x = 1\n")
    (tmp_path / "horses").mkdir()
    return tmp_path


def test_modules_beside_a_script_come_along_if_it_imports_them(folder):
    found = user_script(folder / "train.py").siblings
    assert [path.name for path in found] == ["further.py", "mine.py"]


def test_a_package_beside_a_script_comes_along_as_a_whole(folder):
    (folder / "layers").mkdir(mode=0o755)
    (folder / "layers" / "__init__.py").write_text("import unused\n")
    (folder / "train.py").write_text("from layers import x\n")
    found = user_script(folder / "train.py").siblings
    assert [path.name for path in found] == ["layers", "unused.py"]


def test_data_lie_where_the_script_looks_for_them(folder):
    horses = folder / "horses"
    script = user_script(folder / "train.py", [str(horses), f"{horses}:/tmp/horses/"])
    places = script.container_places()
    assert places == {"horses": "/own/data/0", "/tmp/horses": "/tmp/horses"}
    assert script.links(places) == {"horses": "/own/data/0"}
    asked = {m["Target"]: (m["Source"], m["ReadOnly"]) for m in _mounts(script.file, script)}
    assert asked["/tmp/horses"] == asked["/own/data/0"] == (str(horses.resolve()), True)
    assert {"/own/train.py", "/own/mine.py", "/own/further.py"} < set(asked)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("été.py", "x = 1", "Latin letters"),
        ("fashion.py", "x = 1", "not like one of the tasks"),
        ("bad.py", "def f(:\n", "bad.py line 1 is no Python"),
        ("null.py", "x = 1\0", "no Python"),
        ("own.py", "TASK = 1", "--task"),
        ("nb.ipynb", "{}", "no notebook"),
    ],
)
def test_what_cannot_run_is_refused_before_it_does(tmp_path, monkeypatch, name, content, said):
    monkeypatch.setattr(user_file, "INSIDE", (3, 11))
    (tmp_path / name).write_text(content)
    with pytest.raises(UsageError, match=said):
        user_script(tmp_path / name)


def test_what_the_container_cannot_read_is_refused(folder):
    (folder / "horses").chmod(0o700)
    with pytest.raises(UsageError, match="chmod"):
        mount(str(folder / "horses"))


@pytest.mark.parametrize("inside", ["~/horses", "../horses"])
def test_data_lie_at_plain_paths(folder, inside):
    with pytest.raises(UsageError, match="plain path"):
        mount(f"{folder / 'horses'}:{inside}")


def test_two_things_do_not_lie_at_one_place(folder):
    with pytest.raises(UsageError, match="two things at horses"):
        user_script(folder / "train.py", [str(folder / "horses")] * 2)


def test_native_runs_mount_nothing(folder):
    script = user_script(folder / "train.py", [f"{folder / 'horses'}:/elsewhere"])
    with pytest.raises(UsageError, match="mounts nothing"):
        check_place(script, "native", rented=False, native=True)
    check_place(script, "cpu", rented=False, native=False)


def test_the_time_of_several_fits_is_the_sum_of_their_own():
    """Two fits: 4 epochs of 1 s and 16 of 3 s are 52 s, whatever the first of each took."""
    seconds = [(0, 9.0), (0, 1.0), (0, 1.0), (1, 8.0), (1, 3.0), (1, 3.0)]
    epochs = tuple(
        replace(epoch(index, 0), stage=which, train_seconds=took, validation_seconds=0.0)
        for index, (which, took) in enumerate(seconds)
    )
    stages = (stage(0, epochs_wanted=4), stage(1, epochs_wanted=16))
    one = record(epochs=epochs, stages=stages)
    assert derive.steady_epoch_seconds(one) == 3.0
    assert derive.mean_epoch_seconds(one) * 20 == pytest.approx(52.0)


def test_a_script_wants_the_epochs_of_all_its_fits():
    draft = record(stages=(), epochs=())
    draft = replace(draft, task=replace(draft.task, source="script", epochs_wanted=None))
    staged = [Staged(stage=stage(0, epochs_wanted=4)), Staged(stage=stage(1, epochs_wanted=16))]
    built = Built(fingerprint="f", fingerprint_v1=None, parameters=1, steps=1, steps_wanted=1)
    kept = fold(draft, [staged[0], built, staged[1], built], draft.ending, 1.0)
    assert (kept.task.epochs_wanted, len(kept.stages)) == (20, 2)


def test_of_a_graph_error_the_sentence_is_kept():
    text = "Graph execution error:\nFile a.py\nReceived a label value of 9\n\t [[{{node x}}]]"
    assert _told(text) == "Received a label value of 9"
    assert _told("\x1b[1mone\x1b[0m\n two") == "one two"


def test_known_faults_get_one_sentence_of_advice():
    assert "classes" in advice(ValueError("Received a label value of 9 which is outside"))
    assert "--data" in advice(FileNotFoundError(2, "No such file or directory", "a.csv"))
    assert advice(ValueError("quite another thing")) is None
