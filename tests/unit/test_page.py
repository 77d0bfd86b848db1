"""The page as files and bytes; what a browser makes of it is tested in tests/browser."""

import csv
import io
import json
import re
import tempfile
import zipfile
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from bench.cli import certbench
from bench.cli.publish import packed
from bench.contract.facts import EpochFacts
from bench.errors import RecordError, StoreError, UsageError
from bench.evidence.archive import Member, write_archive
from bench.evidence.store import Store, to_json
from bench.evidence.strangers import clean, csv_cell
from bench.publish import site
from bench.publish.calculator import script_hash
from bench.publish.charts import style
from bench.publish.folder import HEAD_BYTES, MADE_BY, MARKER, write_page
from bench.publish.run_pages import run_pages
from bench.publish.site import SOURCE, files, in_script, rerun
from bench.publish.vetting import fault
from bench.verdict.headline import headline
from builders import epoch, reading
from publish_builders import BIDI, FORMULA, MARKUP, campaign, elsewhere, hostile, story
from verdict_builders import run


@pytest.fixture(scope="module")
def page() -> dict[str, bytes]:
    return dict(files(story(), packed(campaign())))


@pytest.fixture(scope="module")
def bad_page() -> dict[str, bytes]:
    return dict(files(story([*campaign(2), hostile()]), None))


@pytest.fixture(autouse=True)
def one_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is published in a test has one chart; the pages above have all of them."""
    monkeypatch.setattr(site, "with_something_to_show", lambda told: ("noise",))


def publish(*arguments: object) -> object:
    return CliRunner().invoke(
        certbench, ["publish", *map(str, arguments)], standalone_mode=False, catch_exceptions=True
    )


@pytest.fixture
def results(tmp_path: Path) -> Path:
    store = Store(tmp_path / "results")
    for record in campaign(2):
        store.save(record)
    return store.folder


def test_the_verdict_comes_first(page):
    told = story()
    text = page["index.html"].decode()

    order = [
        headline(told.answer)[:40],
        'id="answer"',
        'id="calculator"',
        'id="chart-answer"',
        'id="measured"',
        'id="chart-epoch-time"',
        'id="cost"',
    ]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


def test_every_run_has_its_page_with_its_numbers(page):
    for record in campaign():
        text = page[f"runs/{record.id}.html"].decode()
        assert text.count("<tr><th scope=row>") == len(record.epochs)
        assert f"{record.phases.start:.3g} s" in text


def test_other_processes_make_the_same_pages(page):
    """With `alone=0` even a few records are rendered elsewhere."""
    told = story()
    shared = site.shared_by_all(told, packed(campaign()))
    with run_pages(told, shared, alone=0) as made:
        found = dict(made)

    assert found == {name: content for name, content in page.items() if name.startswith("runs/")}
    assert len(found) == len(told.records)


def test_every_link_of_the_page_leads_to_a_file_of_it(page):
    for name, content in page.items():
        if name.endswith(".html"):
            folder = Path(name).parent
            for link in re.findall(r'(?:href|src|srcset)="([^"#]+)"', content.decode()):
                if link == SOURCE:
                    continue
                target = (Path("/") / folder / link).resolve().relative_to("/")
                assert str(target) in page, (name, link)


def test_nothing_is_loaded_from_elsewhere_and_a_script_in_the_page_is_named_by_its_hash(page):
    for name, content in page.items():
        if name.endswith(".html"):
            text = content.decode()
            assert "http://" not in text.replace("http-equiv", "")
            assert "default-src 'none'" in text
            inline = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
            assert len(inline) == (name == "index.html")
            assert all(f"script-src '{script_hash(script)}'" in text for script in inline)
            assert " style=" not in text


def test_the_data_are_the_records(page):
    rows = json.loads(page["data/runs.json"])
    table = list(csv.DictReader(io.StringIO(page["data/runs.csv"].decode())))

    assert [row["id"] for row in rows] == [record.id for record in campaign()]
    for row, line in zip(rows, table, strict=True):
        assert float(line["steady_epoch_seconds"]) == row["steady_epoch_seconds"]
        assert float(line["fit_seconds"]) == row["phases"]["fit"]


def test_the_archive_can_be_given_to_publish(page, tmp_path):
    (tmp_path / "records.zip").write_bytes(page["data/records.zip"])

    result = publish(
        "--with",
        tmp_path / "records.zip",
        "--out",
        tmp_path / "site",
        "--results",
        tmp_path / "none",
    )

    assert result.exception is None
    assert (tmp_path / "site/index.html").exists()


def test_hostile_texts_are_escaped_cut_and_visible(bad_page):
    for name, content in bad_page.items():
        if name.endswith(".html"):
            text = content.decode()
            assert "<script>document" not in text
            assert "<img src=x" not in text
            assert "\u202e" not in text
            assert len(text) < 200_000
    assert "&lt;script&gt;" in bad_page["runs/hostile.html"].decode()


def test_data_in_a_script_element_cannot_end_it():
    assert "<" not in in_script([MARKUP, "</script>", "<!--", "&"])
    assert json.loads(in_script([MARKUP])) == [MARKUP]


@pytest.mark.parametrize("text", [FORMULA, "+1", "-1+2", "@SUM(A1)", " =1", "＝1"])
def test_a_spreadsheet_takes_no_text_for_a_formula(text):
    assert csv_cell(text).startswith("'")


def test_numbers_stay_numbers_in_the_csv():
    assert [csv_cell(-1.5), csv_cell(3), csv_cell(None)] == ["-1.5", "3", ""]


def test_clean_text_has_no_controls_and_an_end():
    assert clean(BIDI) == "a�gnp.exe�"
    assert len(clean("x" * 1_000_000, 100)) == 100


def test_the_command_that_reruns_a_campaign_can_be_pasted():
    command = rerun(hostile().campaign)

    assert "'; rm -rf ~'" in command
    assert "'$(id)'" in command


def instant(seconds: float) -> EpochFacts:
    return msgspec.structs.replace(epoch(0, seconds), validation_seconds=0.0)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"id": "../../x"}, "id"),
        ({"epochs": (epoch(0, -9.0),)}, "impossible"),
        ({"epochs": (epoch(0, 1e300),)}, "impossible"),
        ({"epochs": (epoch(0, -0.5),)}, "impossible"),
        (
            {"epochs": (msgspec.structs.replace(epoch(0, 1e-300), validation_seconds=0.0),)},
            "no time",
        ),
        ({"epochs": (epoch(0, 1.0, score=99),)}, "score"),
    ],
)
def test_nonsense_is_refused(changes, text):
    assert text in fault(msgspec.structs.replace(run("cpu", 1, 5.0), **changes))


def test_publish_makes_the_page_and_says_where(results, tmp_path):
    result = publish("--results", results, "--out", tmp_path / "site")

    assert result.exception is None
    assert result.stdout.strip() == str(tmp_path / "site/index.html")


def test_a_second_page_replaces_the_first_and_leaves_other_files(results, tmp_path):
    out = tmp_path / "site"
    publish("--results", results, "--out", out)
    (out / "CNAME").write_text("mine")
    gone = next((results / "runs").iterdir())
    gone.unlink()

    result = publish("--results", results, "--out", out)

    assert result.exception is None
    assert (out / "CNAME").read_text() == "mine"
    assert not (out / "runs" / f"{gone.stem}.html").exists()


def test_a_folder_that_is_not_ours_is_left_alone(results, tmp_path):
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "index.html").write_text("mine")

    result = publish("--results", results, "--out", out)

    assert isinstance(result.exception, StoreError)
    assert (out / "index.html").read_text() == "mine"
    assert [path.name for path in out.iterdir()] == ["index.html"]


def test_nothing_is_written_through_a_link(tmp_path):
    out, victim = tmp_path / "site", tmp_path / "victim"
    victim.write_text("mine")
    write_page(out, [("index.html", b"one")])
    (out / "index.html").unlink()
    (out / "prices.html").symlink_to(victim)

    with pytest.raises(StoreError, match="in the way"):
        write_page(out, [("prices.html", b"two")])

    assert victim.read_text() == "mine"


def test_a_folder_behind_a_link_is_refused(tmp_path):
    out, other = tmp_path / "site", tmp_path / "other"
    other.mkdir()
    write_page(out, [])
    (out / "charts").rmdir()
    (out / "charts").symlink_to(other)

    with pytest.raises(StoreError, match="link"):
        write_page(out, [("charts/x.svg", b"x")])


@pytest.mark.parametrize("name", ["../x", "/x", "runs/../../x", "runs/.x", "a/b", ""])
def test_no_name_leads_outside(tmp_path, name):
    with pytest.raises(StoreError, match="no name"):
        write_page(tmp_path / "site", [(name, b"x")])


def test_a_list_that_somebody_changed_deletes_nothing_outside(tmp_path):
    out, victim = tmp_path / "site", tmp_path / "victim"
    victim.write_text("mine")
    write_page(out, [("index.html", b"x")])
    with (out / MARKER).open("a") as marker:
        marker.write("../victim\n")

    write_page(out, [("index.html", b"x")])

    assert victim.exists()


def test_a_damaged_record_is_refused_by_name_or_left_out_and_named(results, tmp_path):
    (results / "runs" / "broken.json").write_text("{")

    refused = publish("--results", results, "--out", tmp_path / "site")
    skipped = publish("--results", results, "--out", tmp_path / "site", "--skip-damaged")

    assert isinstance(refused.exception, RecordError)
    assert "broken.json" in str(refused.exception)
    assert skipped.exception is None
    assert "broken.json" in (tmp_path / "site/index.html").read_text()


def test_two_records_of_one_id_with_other_content_are_refused(results, tmp_path):
    other = Store(tmp_path / "other")
    changed = msgspec.structs.replace(campaign(1)[0], seed=99)
    other.save(changed)

    result = publish("--results", results, "--with", other.folder, "--out", tmp_path / "site")

    assert isinstance(result.exception, RecordError)
    assert changed.id in str(result.exception)


def test_the_same_record_twice_is_one(results, tmp_path):
    result = publish("--results", results, "--with", results, "--out", tmp_path / "site")

    assert result.exception is None
    rows = json.loads((tmp_path / "site/data/runs.json").read_text())
    assert len(rows) == len(campaign(2))


def test_several_machines_stand_side_by_side_under_their_names(results, tmp_path):
    other = Store(tmp_path / "other")
    for record in elsewhere(campaign(2)):
        other.save(record)

    result = publish(
        "--results",
        results,
        "--with",
        other.folder,
        "--out",
        tmp_path / "site",
        "--name",
        "ba9876543210=my laptop",
    )

    assert result.exception is None
    assert "my laptop: cpu" in (tmp_path / "site/index.html").read_text()


def test_a_name_for_a_machine_without_records_is_refused(results, tmp_path):
    result = publish("--results", results, "--out", tmp_path / "site", "--name", "nobody=me")

    assert isinstance(result.exception, UsageError)


def test_charts_are_written_where_they_are_asked_for(results, tmp_path):
    result = CliRunner().invoke(
        certbench,
        ["charts", "--results", str(results), "--out", str(tmp_path / "c"), "--only", "noise"],
        standalone_mode=False,
    )

    assert result.exception is None
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["noise.svg"]


def test_charts_and_page_go_to_the_records_that_they_show(results, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    mine = results.rename(tmp_path / "mine")

    publish("--results", mine)
    CliRunner().invoke(certbench, ["charts", "--results", str(mine), "--only", "noise"])

    assert (mine / "site" / "index.html").exists()
    assert (mine / "charts" / "noise.svg").exists()
    assert not (tmp_path / "results").exists()


def test_an_archive_holds_the_records_as_they_are(page):
    with zipfile.ZipFile(io.BytesIO(page["data/records.zip"])) as archive:
        assert len(archive.namelist()) == len(campaign()) + 1


def draw(results: Path, out: Path) -> object:
    return CliRunner().invoke(
        certbench,
        ["charts", "--results", str(results), "--out", str(out), "--only", "noise"],
        standalone_mode=False,
    )


def test_a_chart_replaces_its_own_file(results, tmp_path):
    draw(results, tmp_path / "c")
    first = (tmp_path / "c/noise.svg").read_bytes()
    (tmp_path / "c/mine.txt").write_text("mine")

    assert draw(results, tmp_path / "c").exception is None
    assert (tmp_path / "c/noise.svg").read_bytes() == first
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == ["mine.txt", "noise.svg"]


def test_a_chart_replaces_no_foreign_file(results, tmp_path):
    (tmp_path / "noise.svg").write_text("<svg>mine</svg>")

    result = draw(results, tmp_path)

    assert isinstance(result.exception, StoreError)
    assert (tmp_path / "noise.svg").read_text() == "<svg>mine</svg>"


def test_no_chart_is_written_through_a_link(results, tmp_path):
    victim, out = tmp_path / "victim", tmp_path / "c"
    victim.write_bytes(MADE_BY)
    out.mkdir()
    (out / "noise.svg").symlink_to(victim)
    (tmp_path / "link").symlink_to(out)

    assert isinstance(draw(results, out).exception, StoreError)
    assert isinstance(draw(results, tmp_path / "link").exception, StoreError)
    assert victim.read_bytes() == MADE_BY


@pytest.mark.parametrize("form", [style.svg, style.png])
def test_every_picture_says_who_made_it(form):
    with style.sheet():
        figure = style.frame("x" * 500, "y" * 5000, 2.0)

    assert MADE_BY in form(figure)[:HEAD_BYTES]


def archive_of(records, damage: str | None = None, spoil: bytes = b"{}") -> bytes:
    """An archive of the records; of the one called `damage` the bytes are others, as announced."""
    members = [
        Member(name=f"{r.id}.json", content=spoil if r.id == damage else to_json(r), record=r)
        for r in records
    ]
    with tempfile.TemporaryDirectory() as folder:
        write_archive(Path(folder) / "x.zip", members)
        return (Path(folder) / "x.zip").read_bytes()


@pytest.mark.parametrize("spoil", [b"{}", b"not json", b""])
def test_a_damaged_member_of_an_archive_takes_no_other_with_it(results, tmp_path, spoil):
    others = elsewhere(campaign(1))
    (tmp_path / "x.zip").write_bytes(archive_of(others, others[0].id, spoil))
    given = ("--results", results, "--with", tmp_path / "x.zip", "--out", tmp_path / "site")

    refused, skipped = publish(*given), publish(*given, "--skip-damaged")

    assert isinstance(refused.exception, RecordError)
    assert skipped.exception is None
    rows = json.loads((tmp_path / "site/data/runs.json").read_text())
    assert len(rows) == len(campaign(2)) + len(others) - 1
    assert others[0].id in (tmp_path / "site/index.html").read_text()


def test_a_refused_record_of_an_archive_takes_no_later_one_with_it(results, tmp_path):
    others = elsewhere(campaign(1))
    bad = msgspec.structs.replace(others[0], epochs=(epoch(0, 1e300),))
    (tmp_path / "x.zip").write_bytes(archive_of([bad, *others[1:]]))

    result = publish(
        "--results",
        results,
        "--with",
        tmp_path / "x.zip",
        "--out",
        tmp_path / "site",
        "--skip-damaged",
    )

    assert result.exception is None
    rows = json.loads((tmp_path / "site/data/runs.json").read_text())
    assert len(rows) == len(campaign(2)) + len(others) - 1


def test_an_unsafe_archive_goes_whole(results, tmp_path):
    (tmp_path / "x.zip").write_bytes(archive_of(elsewhere(campaign(1))))
    with zipfile.ZipFile(tmp_path / "x.zip", "a") as archive:
        archive.writestr("../evil.json", "{}")

    result = publish(
        "--results",
        results,
        "--with",
        tmp_path / "x.zip",
        "--out",
        tmp_path / "site",
        "--skip-damaged",
    )

    assert result.exception is None
    assert len(json.loads((tmp_path / "site/data/runs.json").read_text())) == len(campaign(2))


@pytest.mark.parametrize("text", ["\u00a0=1+1", "\u200b=1", "\u202e\u00a0@x", "\t=1"])
def test_nothing_unseen_hides_a_formula(text):
    assert csv_cell(text).startswith("'")


def test_the_page_says_how_to_get_certbench_and_whose_campaign_a_command_is():
    records = [*campaign(2), *elsewhere(campaign(2))]
    own = [
        msgspec.structs.replace(r, task=msgspec.structs.replace(r.task, source="user-task"))
        for r in records
    ]
    pages = {
        name: dict(files(story(told, names={"ba9876543210": "my laptop"}), None))["index.html"]
        for name, told in (("ours", records), ("own", own))
    }
    text = pages["ours"].decode().split('id="add"')[1]

    assert text.index("git clone") < text.index("certbench run") < text.index("certbench publish")
    assert "Run the campaign of my laptop:" in text
    assert "a task of its owner" not in text
    assert "a task of its owner" in pages["own"].decode()


def test_the_command_under_a_chart_of_the_page_is_the_one_that_was_typed(results, tmp_path):
    own = tmp_path / "my.toml"
    own.write_text("")

    publish("--results", results, "--prices", own, "--out", tmp_path / "site")

    said = (tmp_path / "site/method.html").read_text()
    assert "certbench charts --only noise --results results --prices my.toml" in said


def test_method_says_when_a_published_range_wins(page):
    assert "ranges lie apart" in page["method.html"].decode()


def test_the_page_of_a_run_tells_of_a_clock_that_jumped():
    jumped = msgspec.structs.replace(
        campaign(1)[0],
        readings=(
            reading("start", 0.0),
            reading("end", 10.0, wall_unix_seconds=3610.0),
        ),
    )
    [text] = [
        content.decode()
        for name, content in files(story([jumped]), None)
        if name == f"runs/{jumped.id}.html"
    ]

    assert "the wall clock jumped by +3600 s" in text
