"""Faults of a user's own task files: each is one line, before the first run."""

from pathlib import Path

import pytest

from bench.campaign import own, user_file
from bench.errors import UsageError

GOOD = "from bench.contract.task import Task\nTASK = Task\n"


def written(folder: Path, name: str, text: str | bytes = GOOD) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


@pytest.mark.parametrize("name", ["été.py", "line.py", "a b.py", "-a.py", ".py", f"{'a' * 99}.py"])
def test_a_name_that_no_record_can_have_is_refused_before_training(name, tmp_path) -> None:
    with pytest.raises(UsageError, match="rename the file"):
        own.own_files([written(tmp_path, name)])


def test_two_files_of_one_name_are_refused(tmp_path) -> None:
    paths = [written(tmp_path, f"{folder}/mine.py") for folder in ("a", "b")]

    with pytest.raises(UsageError, match="two tasks of one name"):
        own.own_files(paths)
    assert own.own_files([paths[0], paths[0]]) == (Path(paths[0]),)


@pytest.mark.parametrize(
    "text",
    ["", "print('hello')\n", "# TASK = 1\n", "task = 1\n", "def f(TASK): pass\n"],
)
def test_a_file_without_a_task_is_refused_and_the_guide_named(text, tmp_path) -> None:
    with pytest.raises(UsageError, match=r"defines no TASK .*docs/your-own-task\.md"):
        own.own_files([written(tmp_path, "mine.py", text)])


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "TASK: object = 1\n",
        "from others import TASK\n",
        "from others import mine as TASK\n",
        "from others import *\n",
        "if True:\n    TASK = 1\n",
        "globals()['TASK'] = 1\n",
        "A = TASK = 1\n",
        "# -*- coding: latin-1 -*-\nTASK = '\xe9'\n".encode("latin-1"),
    ],
)
def test_every_way_to_give_it_a_value_is_taken(text, tmp_path) -> None:
    assert own.own_files([written(tmp_path, "mine.py", text)])


@pytest.mark.parametrize("text", ["TASK = (\n", "TASK = 1\0", "(" * 5000, b"\xff\xfeTASK"])
def test_what_is_no_python_is_refused_where_this_python_can_tell(
    text, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(user_file, "INSIDE", (3, 11))

    with pytest.raises(UsageError, match="is no Python"):
        own.own_files([written(tmp_path, "mine.py", text)])


def test_newer_python_than_ours_is_left_to_the_container(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(user_file, "INSIDE", (9, 9))

    assert own.own_files([written(tmp_path, "mine.py", "newer syntax !\nTASK = 1\n")])


def test_a_file_that_is_closed_to_others_is_said_before_a_container_needs_it(tmp_path) -> None:
    path = Path(written(tmp_path, "mine.py"))
    path.chmod(0o600)

    with pytest.raises(UsageError, match=r"chmod a\+r"):
        user_file.check_shared([path])
    path.chmod(0o644)
    user_file.check_shared([path])


def test_a_folder_a_device_or_nothing_at_all_is_no_task_file(tmp_path) -> None:
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "null.py").symlink_to("/dev/null")

    for name in ("folder.py", "null.py", "none.py"):
        with pytest.raises(UsageError, match=rf"{name} (is not a file|cannot be read)"):
            own.own_files([str(tmp_path / name)])
