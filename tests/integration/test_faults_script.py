"""Scripts that behave badly, on the real engine: one clear line, an exit code, and a record."""

from pathlib import Path

import pytest

from bench.evidence.record import Record
from bench.evidence.store import Store
from tools import certbench

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine", "no_leftovers")]

LOOP = "from certbench import epochs\nfor _ in epochs(2):\n    pass\n"
FITS = """
import numpy as np, tensorflow as tf
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
model.compile("sgd", loss="mse")
"""


def run(folder: Path, text: str, *words: object) -> tuple[int, str, Record]:
    """(exit code, what was said, the one record) of a script of that text."""
    (folder / "mine.py").write_text(text)
    once = ("--env", "cpu", "--repeats", 1, "--results", folder / "results")
    done = certbench("run", "--script", folder / "mine.py", *once, *words)
    [record] = Store(folder / "results").load_all()
    assert "Traceback" not in (record.detail or "")
    assert "\n" not in (record.detail or "")
    return done.returncode, done.stderr, record


# --- it ends, and not as it should ---------------------------------------------------------------


def test_a_script_that_never_fits_is_told_what_is_measured(tmp_path):
    code, said, record = run(tmp_path, "print('hello')\n")

    assert (code, record.status, record.reasons) == (10, "failed", ("no-fit",))
    assert "no model was fitted: certbench measures Keras' fit" in said
    assert "docs/your-own-script.md" in said


def test_a_script_that_ends_itself_with_a_fault_is_failed(tmp_path):
    code, _, record = run(tmp_path, LOOP + "import sys\nsys.exit(3)\n")

    assert (code, record.detail) == (10, "mine.py ended itself with 3")
    assert len(record.epochs) == 2


def test_a_script_that_ends_itself_well_counts(tmp_path):
    code, said, record = run(tmp_path, LOOP + "import sys\nsys.exit()\n")

    assert (code, record.status) == (0, "ok"), said


def test_a_script_that_leaves_without_a_word_has_no_result(tmp_path):
    code, _, record = run(tmp_path, LOOP + "import os\nos._exit(0)\n")

    assert (code, record.reasons) == (10, ("no-result",))
    assert len(record.epochs) == 2


def test_a_script_that_fails_says_its_own_line(tmp_path):
    code, said, record = run(tmp_path, "x = 1\nint('a')\n")

    assert (code, record.reasons) == (10, ("exception",))
    assert "mine.py line 2: ValueError: invalid literal" in said


def test_a_fault_in_keras_has_the_scripts_line_and_what_to_change(tmp_path):
    code, said, _ = run(tmp_path, FITS + "model.fit(np.zeros((8, 2)), np.zeros(5))\n")

    assert code == 10
    assert "mine.py line 5: ValueError: Data cardinality is ambiguous" in said
    assert "as many labels as examples" in said


def test_a_question_has_nobody_to_answer_it(tmp_path):
    code, said, _ = run(tmp_path, "input('how many epochs? ')\n")

    assert code == 10
    assert "EOFError" in said
    assert "nobody to ask" in said


def test_an_endless_script_ends_at_its_limit_with_the_epochs_it_had(tmp_path):
    code, _, record = run(tmp_path, LOOP + "while True:\n    pass\n", "--time-limit", 10)

    assert (code, record.status, len(record.epochs)) == (10, "timeout", 2)


# --- it reaches for what is closed ---------------------------------------------------------------


def test_what_lies_outside_has_to_be_brought(tmp_path):
    code, said, _ = run(tmp_path, "open('/content/horses.csv')\n")

    assert code == 10
    assert "Bring the files with --data" in said


def test_a_download_needs_the_network_opened(tmp_path):
    text = "import urllib.request as r\nr.urlopen('http://example.org')\n"
    code, said, record = run(tmp_path, text)

    assert code == 10
    assert "--network" in said
    assert record.environment.isolated


def test_only_the_working_folder_can_be_written(tmp_path):
    code, said, _ = run(tmp_path, "open('/opt/model.keras', 'w')\n")

    assert code == 10
    assert "use a relative path" in said


FILLS = """
with open("big", "wb") as file:
    for _ in range(3000):
        file.write(b"x" * 2**20)
"""


def test_a_working_folder_that_is_full_is_one_line(tmp_path):
    code, said, record = run(tmp_path, FILLS)

    assert (code, record.status) == (10, "failed")
    assert "No space left on device" in said
    assert "holds 2 GB" in said


def test_a_kept_folder_that_cannot_be_made_starts_nothing(tmp_path):
    (tmp_path / "mine.py").write_text(LOOP)
    (tmp_path / "file").write_text("")
    place = ("--keep", tmp_path / "file/out", "--results", tmp_path / "r")
    done = certbench("run", "--script", tmp_path / "mine.py", *place)

    assert done.returncode == 7
    assert "cannot be made" in done.stderr
    assert not (tmp_path / "r").exists()


# --- it is rude, and nothing comes of it ---------------------------------------------------------


def test_binary_on_stdout_and_a_flood_of_it_break_no_wire(tmp_path):
    rude = "import os\nos.write(1, bytes(range(256)))\nprint('x' * 5_000_000)\n"
    code, said, record = run(tmp_path, rude + LOOP)

    assert (code, record.status, len(record.epochs)) == (0, "ok", 2), said
    assert sum(len(line) for line in record.ending.stderr_tail) < 100_000


def test_a_child_that_trains_too_is_not_heard(tmp_path):
    forks = "import os\nif os.fork() == 0:\n    for _ in epochs(5): pass\nelse:\n    os.wait()\n"
    code, said, record = run(tmp_path, LOOP.splitlines()[0] + "\n" + forks + LOOP)

    assert (code, record.status, len(record.epochs)) == (0, "ok", 2), said


def test_a_child_that_goes_on_for_ever_holds_nothing_up(tmp_path):
    forks = "import os, time\nif os.fork() == 0:\n    while True: time.sleep(60)\n"
    code, said, record = run(tmp_path, forks + LOOP)

    assert (code, record.status) == (0, "ok"), said


def test_a_script_that_closes_what_is_not_its_own_is_one_line(tmp_path):
    code, said, record = run(tmp_path, "import os\nos.closerange(3, 256)\n" + LOOP)

    assert (code, record.status) == (10, "failed")
    assert record.detail in said


def test_a_target_that_nothing_logs_ends_with_the_names_there_are(tmp_path):
    text = FITS + "x = np.zeros((8, 2))\nmodel.fit(x, x[:, :1], epochs=2, validation_split=0.5)\n"
    code, said, record = run(tmp_path, text, "--target", "val_accuracy>=0.9")

    assert (code, record.reasons) == (10, ("no-target",))
    assert "nothing is called val_accuracy; there are: val_loss" in said


def test_a_generator_without_an_end_is_noticed_at_once(tmp_path):
    text = FITS + (
        "def endless():\n    while True:\n        yield np.zeros((8, 2)), np.zeros(8)\n"
        "model.fit(endless(), epochs=2, verbose=0)\n"
    )
    code, said, record = run(tmp_path, text, "--time-limit", 20)

    assert (code, record.status) == (10, "timeout")
    assert "mine line 8: a generator without steps_per_epoch" in said


def test_a_generator_that_is_used_up_is_no_second_epoch(tmp_path):
    text = FITS + (
        "def once():\n    yield np.zeros((8, 2)), np.zeros(8)\n"
        "model.fit(once(), epochs=3, steps_per_epoch=1, verbose=0)\n"
    )
    code, said, record = run(tmp_path, text)

    assert (code, record.reasons, len(record.epochs)) == (10, ("no-data",), 1)
    assert "epoch 2 had no data" in said


def test_steps_cut_a_generator_without_an_end(tmp_path):
    """As ordered, 2 epochs of 5 steps are done; how many a whole one has nobody knows."""
    text = FITS + (
        "def endless():\n    while True:\n        yield np.zeros((8, 2)), np.zeros(8)\n"
        "model.fit(endless(), epochs=9, verbose=0)\n"
    )
    code, said, record = run(tmp_path, text, "--epochs", 2, "--steps", 5)

    assert (code, record.status) == (0, "ok"), said
    assert [epoch.steps for epoch in record.epochs] == [5, 5]
    assert (record.task.steps, record.task.steps_wanted) == (5, None)
