"""A notebook becomes plain Python before its run, with its cells' numbers and lines kept."""

import json
import sys
from pathlib import Path

import platformdirs
import pytest

from bench.campaign.notebook_script import converted, drive_hint
from bench.campaign.script import user_script
from bench.contract.cells import decode_cells
from bench.worker import program


def notebook(folder: Path, *cells: str, name: str = "lesson.ipynb", **metadata: object) -> Path:
    written = [{"cell_type": "markdown", "source": ["# Lesson"]}]
    written += [{"cell_type": "code", "source": cell, "outputs": [1]} for cell in cells]
    path = folder / name
    path.write_text(json.dumps({"cells": written, "metadata": metadata, "nbformat": 4}))
    return path


def lines(folder: Path, cell: str) -> list[str]:
    """What runs of one cell, without blank ends."""
    [found] = converted(notebook(folder, cell)).cells.cells
    return found.code.rstrip("\n").split("\n")


@pytest.mark.parametrize(
    ("cell", "runs"),
    [
        ("x = 1", ["x = 1"]),
        ("%matplotlib inline\nx = 1", ["pass", "x = 1"]),
        ("\n\n!ls\nx = 1", ["", "", "pass", "x = 1"]),
        ("!pip install a \\\n   b\nx = 1", ["pass", "", "x = 1"]),
        ("if y:\n    !ls\nx = 1", ["if y:", "    pass", "x = 1"]),
        ("%time x = f(1)", ["x = f(1)"]),
        ("%%time\nx = 1\n!ls", ["", "x = 1", "pass"]),
        ("%%capture\n%pip install a\nimport a", ["", "pass", "import a"]),
        ("files = !ls\nx?", ["pass", "pass"]),
        ("%env A=b c", ["__import__('os').environ['A'] = 'b c'"]),
        ("%%writefile a.py\nx = 1\n", ["open('a.py', 'w').write('x = 1\\n')"]),
        ("s = '''\n%time\n!ls\n'''", ["s = '''", "%time", "!ls", "'''"]),
        ("a = b % c\nd = a != b", ["a = b % c", "d = a != b"]),
    ],
)
def test_magics_are_taken_out_and_lines_keep_their_numbers(tmp_path, cell, runs):
    assert lines(tmp_path, cell) == runs


def test_the_drive_gets_a_hint_until_its_files_are_brought():
    code = "drive.mount('/content/drive')\n"
    assert "--data ./drive:/content/drive" in drive_hint(code, [])
    assert drive_hint(code, ["/content/drive/MyDrive"]) is None
    assert drive_hint(f"# {code}", []) is None


def test_its_identity_is_its_code_as_written(tmp_path):
    """Neither outputs nor texts count; a changed line does, and a magic as well."""
    one = notebook(tmp_path, "%time x = 1")
    digest = converted(one).digest
    one.write_text(one.read_text().replace('"outputs": [1]', '"outputs": []'))
    one.write_text(one.read_text().replace("# Lesson", "# Another"))
    assert converted(one).digest == digest
    assert converted(notebook(tmp_path, "x = 1", name="other.ipynb")).digest != digest
    assert user_script(one).digests == {".": digest}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_runs_lies_beside_what_it_imports(tmp_path, cache):
    (tmp_path / "mine.py").write_text("x = 1\n")
    script = user_script(notebook(tmp_path, "import mine", name="lesson.ipynb"))
    assert script.file.is_relative_to(cache)
    assert script.file.stem == "lesson"
    assert script.file.stat().st_mode & 0o004
    assert (script.file.parent / "mine.py").read_text() == "x = 1\n"
    assert [path.name for path in script.siblings] == ["mine.py"]
    assert decode_cells(script.file.read_bytes()).notebook == "lesson.ipynb"


def run(file: Path) -> dict:
    """Run the pieces of a script as the worker does."""
    names = program.surroundings(file)
    with program.pretended():
        for part in program.parts(file):
            exec(part.compiled(), names)
    return names


def test_an_error_names_notebook_cell_and_line(tmp_path, cache):
    script = user_script(notebook(tmp_path, "x = 1", "def f():\n    return 1 / 0", "\n!ls\nf()"))
    with pytest.raises(ZeroDivisionError) as caught:
        run(script.file)
    assert program.where(script.file, caught.value) == "lesson.ipynb cell 2 line 2"


def test_the_source_of_a_cell_can_be_read(tmp_path, cache):
    """TensorFlow reads the source of functions that it turns into graphs."""
    import inspect

    script = user_script(notebook(tmp_path, "def f():\n    return 'here'"))
    assert inspect.getsource(run(script.file)["f"]) == "def f():\n    return 'here'\n"


def test_colabs_own_modules_do_nothing(tmp_path, cache):
    cells = (
        "from google.colab import drive, files\nimport google.colab\n",
        "drive.mount('/content/drive')\nfiles.download('a')\ngoogle.colab.output.clear()",
        "seen = 'google.colab' in str(get_ipython()) or 'x' in get_ipython().config\ndisplay(1)",
    )
    assert run(user_script(notebook(tmp_path, *cells)).file)["seen"] is False
    script = user_script(notebook(tmp_path, cells[0], "def f():\n    files.upload()\nf()"))
    with pytest.raises(FileNotFoundError, match="--data") as caught:
        run(script.file)
    assert program.where(script.file, caught.value) == "lesson.ipynb cell 2 line 2"
    assert not any(name.startswith("google.colab") for name in sys.modules)
