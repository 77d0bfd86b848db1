"""The calculator says for any stated job what `verdict.answer` says: sentence, minutes, money."""

import math
import random
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from bench.publish.calculator import CUSTOM
from bench.verdict.answer import answer
from bench.verdict.headline import crossing_lines, headline, job_headline
from bench.verdict.prices import Hourly, load_prices
from bench.verdict.request import Request
from publish_builders import TODAY, many, story

pytestmark = pytest.mark.browser
DRAWN = 240
PLACES = [
    "colab-free-t4",
    "colab-t4",
    "colab-pro-t4",
    "colab-pro-plus-t4",
    "aws-t4",
    "lambda-h100",
    "modal-a100",
    "rtx-4090",
    "rtx-3060",
    "colab-l4",
    "colab-t4-pack-500",
]
KINDS = ["dense", "cnn", "images", "text", "sequence", None]
ASK = """async hash => {
  const heard = new Promise(done => addEventListener("hashchange", () => setTimeout(done, 0), {once: true}));
  location.hash = hash; await heard;
  const row = id => document.getElementById(id).dataset;
  const [here, there] = [row("sums-here"), row("sums-there")];
  return {
    answer: document.getElementById("answer").textContent,
    turns: document.getElementById("turns").textContent,
    numbers: [here.seconds, here.job, here.month, there.seconds, there.job, there.month].map(Number),
  };
}"""  # noqa: E501


def drawn(chance: random.Random) -> tuple[dict[str, str], Request, dict]:
    """A job as the URL says it, and the same as Python is asked it."""
    prices = load_prices()
    seconds = float(f"{math.exp(chance.uniform(math.log(0.05), math.log(3e4))):.3g}")
    epochs = round(math.exp(chance.uniform(0, math.log(5000))))
    jobs = chance.choice([None, 1.0, 5.0, 0.5, float(f"{math.exp(chance.uniform(-2, 6)):.3g}")])
    wait = chance.choice([None, 0.0, 30.0, 120.0, 1000.0])
    url = {"epoch_seconds": f"{seconds}", "epochs": f"{epochs}"}
    asked = {"epoch_seconds": seconds, "epochs": float(epochs), "jobs_per_week": jobs}
    if jobs is not None:
        url["jobs_a_week"] = f"{jobs}"
    if wait is not None:
        url["start_seconds"], asked["session_start"] = f"{wait:g}", wait
    band = None
    if chance.random() < 0.4:
        low = float(f"{math.exp(chance.uniform(math.log(0.3), math.log(30))):.2g}")
        high = chance.choice([low, float(f"{low * chance.uniform(1, 5):.2g}")])
        band = f"{low:g}x" if low == high else f"{low:g}x-{high:g}x"
        url["speedup"] = band.replace("x", "")
    if band is not None and chance.random() < 0.5:
        amount = round(chance.uniform(0.05, 8), 3)
        url["price_hour"] = f"{amount}"
        prices[CUSTOM] = Hourly(
            name=CUSTOM,
            amount=Decimal(str(amount)),
            currency="USD",
            billing="stated",
            region="stated",
            source="stated",
            seen=TODAY,
            startup_seconds=120.0,
        )
        return url, Request(**asked, assume={CUSTOM: band}, today=TODAY), prices
    place = chance.choice(PLACES)
    url["place"] = place
    if band is not None:
        return url, Request(**asked, assume={place: band}, options=(place,), today=TODAY), prices
    kind = chance.choice(KINDS)
    if kind:
        url["kind"] = kind
    return url, Request(**asked, kind=kind, options=(place,), today=TODAY), prices


def test_any_stated_job_has_the_answer_of_python(opened):
    page = opened("index.html")
    told = story(many())
    chance = random.Random(20261125)
    advised = set()
    for _ in range(DRAWN):
        url, request, prices = drawn(chance)

        shown = page.evaluate(ASK, urlencode(url))

        found = answer(told.records, told.here, prices, request)
        [job] = found.jobs
        there = job.places[1]
        advised.add(found.advice)
        assert shown["answer"] == headline(found), url
        assert shown["turns"] == " ".join(crossing_lines(found)), url
        assert shown["numbers"] == pytest.approx(
            [
                job.here.seconds.middle,
                job.here.job_cost.middle,
                job.here.month,
                there.seconds.middle,
                there.job_cost.middle,
                there.month,
            ],
            rel=1e-9,
            abs=1e-12,
        ), url
    assert advised == {"stay", "rent", "buy", "either", "unknown"}
    assert opened.seen["console"] == []


def test_the_result_begins_with_the_advice_in_capitals(opened):
    page = opened("index.html")
    hash_ = (
        "epoch_seconds=12&epochs=200&jobs_a_week=10&start_seconds=120&price_hour=0.526&speedup=3-9"
    )

    said = page.evaluate(ASK, hash_)["answer"]

    assert said.startswith("RENT a cloud machine for your job, 200 epochs: 40 min here, about ")


def test_an_untouched_task_shows_the_sentence_of_python(opened):
    page = opened("index.html")
    told = story(many())
    for job in told.answer.jobs:
        page.get_by_label("Job", exact=True).select_option(job.task)

        assert page.locator("#answer").inner_text() == job_headline(job)


def test_the_state_is_the_url_and_comes_back(opened, page_folder):
    page = opened("index.html")
    page.get_by_label("Seconds an epoch").fill("30")
    page.get_by_label("Epochs", exact=True).fill("500")
    page.get_by_label("Place", exact=True).select_option("colab-t4")
    said, url = page.locator("#answer").inner_text(), page.url

    again = opened(f"index.html#{url.split('#')[1]}")

    assert "epoch_seconds=30" in url
    assert "place=colab-t4" in url
    assert again.locator("#answer").inner_text() == said
    assert again.get_by_label("Epochs", exact=True).input_value() == "500"


@pytest.mark.parametrize(
    "text", ["", "NaN", "-3", "1,5", "1e99", "Infinity", "abc", "0", "1 2", "<b>"]
)
@pytest.mark.parametrize("field", ["epoch_seconds", "epochs"])
def test_a_number_that_is_none_is_told_at_its_field(opened, field, text):
    page = opened("index.html#epoch_seconds=12&epochs=200")

    page.locator(f"#{field}").fill(text)

    assert page.locator(f"#{field}-error").inner_text().startswith("Expected: ")
    assert page.locator(f"#{field}").get_attribute("aria-invalid") == "true"
    assert page.locator("#answer").inner_text().startswith("UNKNOWN")
    assert opened.seen["console"] == []


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("speedup", "9-3"),
        ("speedup", "0"),
        ("speedup", "1-2-3"),
        ("price_hour", "-1"),
        ("price_hour", "0,5"),
        ("jobs_a_week", "0"),
        ("start_seconds", "-1"),
        ("jobs_a_week", "1e9"),
        ("place", "nowhere"),
    ],
)
def test_a_url_that_is_wrong_is_told_at_its_field(opened, field, text):
    page = opened(f"index.html#{urlencode({'epoch_seconds': 12, 'epochs': 200, field: text})}")

    assert page.locator(f"#{field}-error").inner_text().startswith("Expected: ")
    assert page.locator("#answer").inner_text().startswith("UNKNOWN")
    assert opened.seen["console"] == []


@pytest.mark.parametrize("text", ["__proto__", "constructor", "<img src=x onerror=alert(1)>"])
@pytest.mark.parametrize("field", ["kind", "task", "place"])
def test_a_hostile_url_throws_nothing(opened, field, text):
    page = opened(f"index.html#{urlencode({'epoch_seconds': 12, 'epochs': 200, field: text})}")

    assert page.locator("#answer").inner_text().split()[0] in ("STAY", "RENT", "EITHER", "UNKNOWN:")
    assert opened.seen["console"] == []
    assert opened.seen["dialogs"] == []


def test_without_scripts_the_answer_and_the_chart_stand(browser, page_folder):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((page_folder / "index.html").as_uri())

    assert page.locator("#answer").inner_text().split()[0] in ("STAY", "RENT", "EITHER", "BUY")
    assert page.locator("#chart-answer img").count() == 1
    assert not page.locator("#calculator").is_visible()
    context.close()


def test_the_chart_moves_with_the_job(opened):
    page = opened("index.html#epoch_seconds=1&epochs=10")
    dot = page.locator("#drawn circle")
    short = [float(dot.get_attribute(name)) for name in ("cx", "cy")]

    page.locator("#epochs").fill("100000")
    long = [float(dot.get_attribute(name)) for name in ("cx", "cy")]

    assert page.locator("#drawn").is_visible()
    assert short != long
    assert all(58 <= x <= 408 and 10 <= y <= 280 for x, y in (short, long))


def test_the_calculator_can_be_used_from_the_keyboard(opened):
    page = opened("index.html#epoch_seconds=12&epochs=200")
    page.locator("#epochs").focus()

    page.keyboard.press("End")
    page.keyboard.type("0")
    page.keyboard.press("Tab")

    assert "2,000 epochs" in page.locator("#answer").inner_text()
    assert page.evaluate("document.activeElement.id") == "jobs_a_week"
