"""A user's list of packages: what of it is taken, and pip's refusal as one line."""

import sys
from pathlib import Path

import pytest

from bench.campaign.packages import conflict, packages
from bench.contract.packages import FOLDERS, HELD
from bench.errors import UsageError
from bench.worker import seen
from bench.worker.packages import use_packages


def listed(folder: Path, text: str) -> Path:
    path = folder / "needs.txt"
    path.write_text(text)
    return path


def test_comments_and_blank_lines_change_nothing(tmp_path):
    one = packages(listed(tmp_path, "# mine\n\nemoji==2.0  # faces\ntabulate \\\n  >=0.9\n"))
    assert one.lines == ("emoji==2.0", "tabulate    >=0.9")
    assert packages(listed(tmp_path, "emoji==2.0\ntabulate    >=0.9")).digest == one.digest
    assert packages(listed(tmp_path, "emoji==2.1\ntabulate    >=0.9")).digest != one.digest


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


def test_another_index_may_be_named(tmp_path):
    assert packages(listed(tmp_path, "--extra-index-url https://example.org/simple\nemoji"))


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


def test_what_records_name_stays_as_it_is():
    assert set(seen.PACKAGES) <= set(HELD)


def test_what_was_installed_for_users_is_found_before_what_came_with_python(tmp_path, monkeypatch):
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for name in ("first", "second"):
        (tmp_path / name / "lib" / version / "site-packages").mkdir(parents=True)
    monkeypatch.setenv(FOLDERS, f"{tmp_path / 'first'}:{tmp_path / 'second'}")
    monkeypatch.setattr(sys, "path", ["/work", "/usr/lib/python", "/venv/site-packages", "/last"])
    use_packages()
    order = ["work", "usr", "first", "second", "venv", "last"]
    assert [p.removeprefix(str(tmp_path)).split("/")[1] for p in sys.path] == order
    monkeypatch.delenv(FOLDERS)
    use_packages()
    assert len(sys.path) == 6
