"""Prices from a catalogue: read by gpuhunt itself, from a small catalogue made for these tests."""

import io
import json
import logging
import sys
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.cli import certbench
from bench.errors import PriceError, UsageError
from bench.verdict.catalogue import Offer, kept, read_catalogue, write_catalogue
from bench.verdict.jobs import stated_job
from bench.verdict.options import Scenario, asked_names, options_of
from bench.verdict.prices import Hourly, load_prices
from bench.verdict.request import Request

DAY = date(2026, 11, 20)
COLUMNS = (
    "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size,"
    "gpu_vendor,flags,cpu_arch,provider_data"
)
CATALOGUE = {
    "aws": (
        "g4dn.xlarge,us-east-1,0.526,4,16.0,1,T4,16.0,False,,nvidia,,x86,{}",
        "g4dn.xlarge,eu-west-1,0.587,4,16.0,1,T4,16.0,False,,nvidia,,x86,{}",
        "g4dn.xlarge,us-east-1,0.19,4,16.0,1,T4,16.0,True,,nvidia,,x86,{}",
        "g4dn.12xlarge,us-east-1,0.01,48,192.0,4,T4,16.0,False,,nvidia,,x86,{}",
        "g5g.xlarge,us-east-1,0.02,4,8.0,1,T4G,16.0,False,,nvidia,,arm,{}",
        "m5.large,us-east-1,0.096,2,8.0,0,,,False,,,,x86,{}",
    ),
    "runpod": (
        "NVIDIA GeForce RTX 4090,CA-MTL-1,0.69,16,64.0,1,RTX4090,24.0,False,,nvidia,,x86,{}",
        "NVIDIA T4,US-OR-1,0.21,4,16.0,1,T4,16.0,False,,nvidia,,x86,{}",
        "Instinct MI300X,US-OR-1,0.1,24,283.0,1,MI300X,192.0,False,,amd,,x86,{}",
    ),
}


def offer(**changes: object) -> Offer:
    stated = {
        "provider": "aws",
        "instance": "g4dn.xlarge",
        "region": "us-east-1",
        "dollars": 0.526,
        "processors": 4,
        "memory_gib": 16.0,
        "gpu": "T4",
        "gpus": 1,
        "gpu_memory_gib": 16.0,
        "spot": False,
    }
    return Offer(**stated | changes)


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The made catalogue as gpuhunt finds it, at an address that needs no network."""
    for provider, rows in CATALOGUE.items():
        folder = tmp_path / "published" / provider / "20261120"
        folder.mkdir(parents=True)
        (folder.parent / "version").write_text("20261120\n")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as file:
            file.writestr(f"{provider}.csv", "\n".join([COLUMNS, *rows]) + "\n")
        (folder / "catalog.zip").write_bytes(packed.getvalue())
    monkeypatch.setenv("GPUHUNT_CATALOG_URL", (tmp_path / "published").as_uri())
    monkeypatch.setenv("CERTBENCH_CATALOGUE", str(tmp_path / "kept" / "catalogue.json"))
    return tmp_path / "published"


@pytest.fixture(autouse=True)
def _quiet_again():
    yield
    logging.getLogger("gpuhunt").setLevel(logging.NOTSET)


def update(*more: str):
    return CliRunner().invoke(certbench, ["prices", "--update", *more])


def refusal(*more: str) -> str:
    """The one line that a command ends with; `main` prints it and exits with the error's code."""
    with pytest.raises(PriceError) as caught:
        CliRunner().invoke(
            certbench, ["prices", *more], catch_exceptions=False, standalone_mode=False
        )
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_update_keeps_the_cheapest_machine_of_each_provider_and_gpu(published: Path) -> None:
    """Of a provider's T4 the one in the cheaper region and the spot one; none with 4 GPUs."""
    done = update("--format", "json")
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    found = {name: row for name, row in rows.items() if row.get("instance")}

    assert {name: row["amount"] for name, row in found.items()} == {
        "aws-t4-g4dn.xlarge": "0.526",
        "aws-t4-g4dn.xlarge-spot": "0.19",
        "runpod-nvidia-geforce-rtx-4090": "0.69",
        "runpod-nvidia-t4": "0.21",
    }
    mine = found["aws-t4-g4dn.xlarge"]
    assert (mine["gpu"], mine["processors"], mine["memory_gib"], mine["region"], mine["seen"]) == (
        "T4",
        4,
        16.0,
        "aws us-east-1",
        str(datetime.now(tz=UTC).date()),
    )
    assert rows["aws-t4"]["amount"] == "0.526"  # what was shipped stays, with its date
    assert rows["aws-t4"]["seen"] == "2025-03-01"


def test_what_did_not_answer_is_named_in_one_line_and_no_traceback(published: Path) -> None:
    done = update()

    assert "4 prices of aws, runpod" in done.stderr
    assert "1 of them spot" in done.stderr
    assert "No answer from azure, cloudrift, gcp" in done.stderr
    assert "Traceback" not in done.output
    assert len(done.stderr.splitlines()) == 2


def test_without_a_network_one_line_says_so_and_what_was_kept_stays(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update()
    monkeypatch.setenv("GPUHUNT_CATALOG_URL", (published / "nowhere").as_uri())
    message = refusal("--update")
    after = CliRunner().invoke(certbench, ["prices"]).stdout

    assert "is there a network" in message
    assert "aws-t4-g4dn.xlarge" in after


def test_without_gpuhunt_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpuhunt", None)
    assert "pip install 'certbench[catalogue]'" in refusal("--update")


def scenario(
    cheapest: str, *offers: Offer, options: tuple[str, ...] = (), published: bool = False
) -> Scenario:
    request = Request(
        published=published,
        epoch_seconds=12,
        epochs=200,
        kind="cnn",
        cheapest=(cheapest,) if cheapest else (),
        options=options,
    )
    prices = load_prices(catalogue=kept(offers, DAY, "a test"))
    return Scenario(job=stated_job([], "", request, prices), prices=prices, request=request)


def test_the_cheapest_of_a_gpu_sees_the_catalogue_and_never_spot() -> None:
    offers = offer(dollars=0.30), offer(dollars=0.05, spot=True)

    assert asked_names(scenario("T4", *offers)) == ("aws-t4-g4dn.xlarge",)
    assert asked_names(scenario("T4")) == ("aws-t4",)


def test_spot_is_an_option_where_it_is_named_and_says_what_it_is() -> None:
    asked = scenario("", offer(spot=True), options=("aws-t4-g4dn.xlarge-spot",))
    found = {option.name: option.price for option in options_of(asked)}
    by_itself = {option.name for option in options_of(scenario("", offer(spot=True), offer()))}

    assert "taken away" in found["aws-t4-g4dn.xlarge-spot"].billing
    assert not {name for name in by_itself if "g4dn" in name}


def test_the_catalogue_adds_no_option_that_nobody_asked_for() -> None:
    """Published speeds bring in every priced place but those that the catalogue lists."""
    found = {option.name for option in options_of(scenario("", offer(dollars=0.1), published=True))}
    shipped = {option.name for option in options_of(scenario("", published=True))}

    assert "aws-t4" in found
    assert found == shipped


def test_a_gpu_that_only_spot_has_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="--cheapest V100: no hourly price"):
        asked_names(scenario("V100", offer(gpu="V100", spot=True)))


@pytest.mark.parametrize(
    "changes",
    [
        {"dollars": 0.0},
        {"dollars": -1.0},
        {"dollars": float("nan")},
        {"dollars": float("inf")},
        {"gpus": 8},
        {"gpus": 0},
        {"gpu": "MI300X"},
        {"gpu": ""},
    ],
)
def test_what_is_no_offer_of_ours_is_left_out(changes: dict[str, object]) -> None:
    assert kept([offer(**changes)], DAY, "a test") == {}


def test_cards_of_one_name_with_less_memory_are_two_and_the_order_decides_nothing() -> None:
    offers = [
        offer(gpu="A100", instance="a2-high", gpu_memory_gib=40.0, dollars=3.0),
        offer(gpu="A100", instance="a2-ultra", gpu_memory_gib=80.0, dollars=5.0),
        offer(gpu="A100", instance="a2-high", gpu_memory_gib=40.0, dollars=4.0),
    ]
    found = kept(offers, DAY, "a test")

    assert [p.amount for p in found.values()] == [Decimal("3.0"), Decimal("5.0")]
    assert found == kept(reversed(offers), DAY, "a test")


def test_what_was_written_is_read_again_to_the_cent(tmp_path: Path) -> None:
    prices = kept([offer(), offer(spot=True, dollars=0.1)], DAY, "a test")
    path = tmp_path / "new" / "catalogue.json"
    write_catalogue(path, prices)

    assert read_catalogue(path) == prices
    assert [file.name for file in path.parent.iterdir()] == ["catalogue.json"]


def test_no_file_is_no_price_and_shipped_names_stay_shipped(tmp_path: Path) -> None:
    assert read_catalogue(tmp_path / "none.json") == {}
    mine = next(iter(kept([offer(dollars=9)], DAY, "a test").values()))

    assert load_prices(catalogue={"aws-t4": mine})["aws-t4"] == load_prices()["aws-t4"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"", "is no catalogue"),
        (b"\xff\xfe", "is no catalogue"),
        (b"[]", "is no catalogue"),
        (b'{"schema": 1}', "is no catalogue"),
        (b'{"schema": 7, "prices": {}}', "has schema 7"),
        (b'{"schema": 1, "prices": {"a": {}}}', "has no kind"),
        (b'{"schema": 1, "prices": {"a": {"kind": "hourly", "amount": "-1"}}}', "price a"),
    ],
)
def test_a_bad_file_is_one_line_with_the_next_step(tmp_path, monkeypatch, text, complaint) -> None:
    path = tmp_path / "catalogue.json"
    path.write_bytes(text)
    monkeypatch.setenv("CERTBENCH_CATALOGUE", str(path))
    message = refusal()

    assert complaint in message
    assert "prices --update" in message


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PriceError, match="CERTBENCH_CATALOGUE") as refusal:
        write_catalogue(tmp_path / "file" / "catalogue.json", {})
    assert "\n" not in str(refusal.value)


def test_a_price_of_the_catalogue_is_one_like_any_other() -> None:
    """Its file holds whatever a typed price does: the rules are those of every price."""
    found = kept([offer(spot=True)], DAY, "a test")["aws-t4-g4dn.xlarge-spot"]

    assert isinstance(found, Hourly)
    assert load_prices(catalogue={found.name: found})[found.name] == found
