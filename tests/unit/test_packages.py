"""A user's list of packages: what of it is taken, and pip's refusal as one line."""

import sys
from pathlib import Path

from bench.campaign.packages import packages
from bench.contract.packages import FOLDERS, HELD
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


def test_another_index_may_be_named(tmp_path):
    assert packages(listed(tmp_path, "--extra-index-url https://example.org/simple\nemoji"))


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
