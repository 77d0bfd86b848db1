"""Faults of notebooks, lists of packages and data: each is one line, before the first run."""

import pytest

from bench.campaign import user_file
from bench.campaign.brought import SENT_MOST, Brought, check_place, mounts
from bench.campaign.notebook_script import converted
from bench.campaign.packages import conflict, packages
from bench.errors import UsageError
from test_notebook_script import notebook
from test_packages import listed


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("x = 1", "def f(:\n"), "lesson.ipynb cell 2 line 1 is no Python"),
        (("x = 1", "", "up = files.upload()"), "cell 3: files.upload"),
    ],
)
def test_what_cannot_run_is_refused_with_its_cell(tmp_path, monkeypatch, cells, said):
    monkeypatch.setattr(user_file, "INSIDE", (3, 11))
    with pytest.raises(UsageError, match=said):
        converted(notebook(tmp_path, *cells))


def test_what_is_no_notebook_of_python_is_refused(tmp_path):
    with pytest.raises(UsageError, match="speaks R"):
        converted(notebook(tmp_path, "x <- 1", kernelspec={"language": "R", "name": "ir"}))
    (tmp_path / "bad.ipynb").write_text("{")
    with pytest.raises(UsageError, match=r"bad\.ipynb is no notebook"):
        converted(tmp_path / "bad.ipynb")


def test_what_is_left_out_is_listed_by_cell_and_installing_gets_a_hint(tmp_path):
    found = converted(notebook(tmp_path, "x = 1", "!pip install a\n!ls", "%%bash\nls"))
    assert found.left_out == ("cell 2: !pip install a", "cell 2: !ls", "cell 3: %%bash")
    assert len(found.hints) == 1
    assert "cell 2" in found.hints[0]
    assert "--requirements" in found.hints[0]
    assert [cell.number for cell in found.cells.cells] == [1, 2]  # of the third nothing runs


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no package"),
        ("# none\n", "names no package"),
        ("-r other.txt", "from an index alone"),
        ("-e .", "from an index alone"),
        ("./wheel.whl", "from an index alone"),
        ("mine @ file:///home/me", "from an index alone"),
        ("git+https://example.org/a", "from an index alone"),
    ],
)
def test_what_an_image_cannot_be_given_is_refused_before_it_is_built(tmp_path, text, said):
    with pytest.raises(UsageError, match=said):
        packages(listed(tmp_path, text))


SAID = """Collecting old-keras
ERROR: Cannot install old-keras==1.0 because these package versions have conflicting dependencies.

The conflict is caused by:
    old-keras 1.0 depends on keras<3
    The user requested (constraint) keras==3.13.2

To fix this you could try to:
1. loosen the range of package versions you've specified
""".splitlines()
DIRECT = """The conflict is caused by:
    The user requested tensorflow==2.15
    The user requested tensorflow
    The user requested (constraint) tensorflow==2.20.0
""".splitlines()
UNSUITED = """The conflict is caused by:
    The user requested protobuf==3.20
    tensorflow-cpu 2.20.0 depends on protobuf>=5.28.0
""".splitlines()
UNKNOWN = """ERROR: Could not find a version that satisfies the requirement emoju
ERROR: No matching distribution found for emoju
""".splitlines()


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (SAID, "old-keras 1.0 depends on keras<3 but this environment holds keras==3.13.2"),
        (DIRECT, "the list wants tensorflow==2.15 but this environment holds tensorflow==2.20.0"),
        (UNSUITED, "the list wants protobuf==3.20 but tensorflow-cpu 2.20.0 depends on protobuf>="),
        (UNKNOWN, "No matching distribution found for emoju"),
    ],
)
def test_a_conflict_is_one_line_that_names_both(tmp_path, said, line):
    error = conflict(packages(listed(tmp_path, "emoji")), said)
    assert line in str(error)
    assert "\n" not in str(error)
    assert error.exit_code == 4


def test_a_rented_machine_is_sent_data_up_to_a_limit(tmp_path):
    (tmp_path / "horses").mkdir()
    brought = Brought(data=mounts([str(tmp_path / "horses")]))
    check_place(brought, "colab-t4", rented=True, native=False)
    with (tmp_path / "horses" / "large").open("wb") as file:
        file.truncate(SENT_MOST + 1)  # takes no room on the disk
    with pytest.raises(UsageError, match=r"colab-t4: the data are 2\.0 GiB"):
        check_place(brought, "colab-t4", rented=True, native=False)
    check_place(brought, "cpu", rented=False, native=False)
