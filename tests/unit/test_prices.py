"""A price has amount, currency, billing, place, source and date, or it is refused."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.cli import certbench
from bench.errors import PriceError
from bench.verdict.money import hourly_amount
from bench.verdict.prices import Free, Hourly, Owned, Units, is_stale, load_prices

GOOD = """
[mine]
kind = "hourly"
amount = 0.10
currency = "EUR"
billing = "on demand"
region = "here"
source = "me"
seen = 2026-11-01
"""


def own(folder: Path, text: str) -> Path:
    path = folder / "my.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_kind_is_shipped_and_every_entry_says_whose_and_of_when() -> None:
    prices = load_prices()

    assert {type(price) for price in prices.values()} == {Hourly, Units, Owned, Free}
    assert all(price.source and price.seen for price in prices.values())


def test_amounts_stay_exact(tmp_path: Path) -> None:
    """0.10 euros is 0.10, not 0.1000000000000000055."""
    assert str(load_prices(own(tmp_path, GOOD))["mine"].amount) == "0.10"


def test_a_file_of_ones_own_overrides_by_name_only_what_it_states(tmp_path: Path) -> None:
    text = '[colab-t4]\nunits_per_hour = 1.84\nsource = "me"\nseen = 2024-04-01\n'
    shipped, mine = load_prices()["colab-t4"], load_prices(own(tmp_path, text))["colab-t4"]

    assert (mine.units_per_hour, mine.source, mine.amount) == (1.84, "me", shipped.amount)


def test_a_price_is_stale_after_180_days() -> None:
    price = load_prices()["lambda-a10"]

    assert not is_stale(price, date(2027, 3, 24))  # 180 days after 25 September
    assert is_stale(price, date(2027, 3, 25))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("amount = 0.10", "amount = -0.10"), "never negative"),
        (("amount = 0.10", ""), "missing required field `amount`"),
        (("amount = 0.10", "amount = nan"), "finite"),
        (("amount = 0.10", "amount = inf"), "finite"),
        (("amount = 0.10", "amount = 0"), "more than 0"),
        (("amount = 0.10", 'amount = "much"'), "amount"),
        (("amount = 0.10", "amount = true"), "amount"),
        (('currency = "EUR"', ""), "missing required field `currency`"),
        (('currency = "EUR"', 'currency = "euro"'), "code like USD"),
        (('region = "here"', 'region = " "'), "say something"),
        (('source = "me"', ""), "source missing"),
        (("seen = 2026-11-01", ""), "seen missing"),
        (("seen = 2026-11-01", "seen = 5"), "seen"),
        (('kind = "hourly"', 'kind = "weekly"'), "weekly"),
        (('kind = "hourly"', ""), "hourly, units, owned, monthly or free"),
        (('kind = "hourly"', 'kind = "free"'), "without a limit it would always win"),
        (('kind = "hourly"', 'kind = "units"'), "pack_units"),
        (('kind = "hourly"', 'kind = "hourly"\nspeed = 9'), "unknown field `speed`"),
        (('kind = "hourly"', 'kind = "hourly"\nhours_per_week = 0'), "would rule out every job"),
        (('kind = "hourly"', 'kind = "hourly"\nsession_hours = 0'), "would rule out every job"),
        (('kind = "hourly"', 'kind = "hourly"\nunit_seconds = 1e-320'), "a thousandth or more"),
        (("seen = 2026-11-01", "seen = 2999-01-01"), "not come yet"),
        (("[mine]", ""), "outside a table"),
        (("[mine]", "[mine"), "no TOML"),
    ],
)
def test_what_is_wrong_with_a_price_is_one_line(tmp_path, change, complaint) -> None:
    with pytest.raises(PriceError, match=complaint) as refusal:
        load_prices(own(tmp_path, GOOD.replace(*change)))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("resale = 400", "more than its resale"),
        ("amount = 0", "more than 0"),
        ("share = 1.5", "share is 0 to 1"),
        ("months = 0", "months more than 0"),
        ("watts_load = -1", "never negative"),
    ],
)
def test_a_purchase_must_make_sense(tmp_path: Path, line: str, complaint: str) -> None:
    text = f'[rtx-3060]\n{line}\nsource = "me"\nseen = 2026-11-01\n'
    with pytest.raises(PriceError, match=complaint):
        load_prices(own(tmp_path, text))


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(PriceError, match=r"my\.toml cannot be read"):
        load_prices(tmp_path / "my.toml")


def test_the_command_lists_prices_in_both_forms(tmp_path: Path) -> None:
    command = ["prices", "--prices", str(own(tmp_path, GOOD))]
    rows = json.loads(CliRunner().invoke(certbench, [*command, "--format", "json"]).stdout)
    text = CliRunner().invoke(certbench, command, catch_exceptions=False).stdout

    [mine] = [row for row in rows if row["name"] == "mine"]
    assert Decimal(mine["amount"]) == Decimal("0.10")
    assert mine["kind"] == "hourly"
    assert "mine" in text


def test_a_source_that_many_prices_share_is_named_once() -> None:
    text = CliRunner().invoke(certbench, ["prices"], catch_exceptions=False).stdout

    assert text.count("Lambda's list price") == 1
    assert len(set(re.findall(r"lambda-.*2026-09 .*\[(\d+)\]", text))) == 1
    assert len(re.findall(r"lambda-.*2026-09 ", text)) == 3


def test_an_hour_is_computed_from_whatever_is_paid() -> None:
    """1.07 of 100 units for 9.99 are 0.1069; 65 W at 0.1872 a kWh 0.01217; free is nothing."""
    shipped = load_prices()
    amounts = [hourly_amount(shipped[n]) for n in ("colab-t4", "local", "colab-free-t4", "aws-t4")]

    assert amounts == [pytest.approx(0.106893), pytest.approx(0.012168), 0.0, 0.526]
