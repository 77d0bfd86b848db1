"""The user's list of machines: what is refused, and how."""

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.fleet.agent import answer
from bench.fleet.links import command
from bench.fleet.machines import load_machines


def listed(folder: Path, text: str) -> Path:
    path = folder / "machines.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[a]\n", "needs one way"),
        ('[a]\nhere = true\nssh = "b"\n', "needs one way"),
        ('[a]\nssh = "-oProxyCommand=touch x"\n', "is no host"),
        ('["a.b"]\nhere = true\n', "is no name"),
        ("[a]\nhere = true\ntypo = 1\n", "typo"),
        ("[a]\nhere = true\nenvironments = []\n", "no environments"),
        ('[a]\nhere = true\nenvironments = ["nowhere"]\n', "nowhere"),
        ("", "names no machine"),
        ("[a", "does not hold"),
    ],
)
def test_what_does_not_hold_is_refused_in_one_line(tmp_path, text, said):
    with pytest.raises(UsageError, match=said) as caught:
        load_machines(listed(tmp_path, text))

    assert len(str(caught.value).splitlines()) == 1


def test_a_host_is_never_read_as_an_option_nor_a_path_as_a_command(tmp_path):
    path = listed(tmp_path, '[a]\nssh = "me@box"\ncertbench = "x; reboot"\n')

    words = command(load_machines(path)["a"])

    assert words[words.index("--") + 1 :] == ["me@box", "exec 'x; reboot' fleet serve"]


@pytest.mark.parametrize("name", ["../up", "", "/etc", "a/b"])
def test_an_order_for_a_folder_outside_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.setenv("CERTBENCH_FLEET", str(tmp_path))

    found = answer(b'{"verb": "start", "campaign": "%s", "entry": "a"}' % name.encode())

    assert found.error
    assert list(tmp_path.iterdir()) == []
