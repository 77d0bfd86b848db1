"""The page in a real browser, opened from its file as a reader opens it."""

import json
import os
from pathlib import Path

import pytest

from bench.evidence.derive import steady_epoch_seconds
from publish_builders import many

pytestmark = pytest.mark.browser
PAGES = ["index.html", "runs.html", "prices.html", "method.html", "data.html", "runs/hostile.html"]
SCHEMES = ["light", "dark"]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}


def rows(page):
    return page.locator("#runs tbody tr")


def column(page, name: str) -> list[str]:
    heads = page.locator("#runs thead th").all_inner_texts()
    place = next(i for i, head in enumerate(heads) if head.startswith(name))
    return page.locator(f"#runs tbody tr > :nth-child({place + 1})").all_inner_texts()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_without_errors_or_requests_elsewhere(opened, page_folder, name):
    opened(name)

    assert opened.seen["console"] == []
    assert opened.seen["dialogs"] == []
    assert all(url.startswith(page_folder.as_uri()) for url in opened.seen["requests"])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_chart_is_shown_in_its_paper(opened, scheme):
    page = opened("index.html", color_scheme=scheme)
    images = page.locator("picture img")

    for i in range(images.count()):
        images.nth(i).scroll_into_view_if_needed()
        page.wait_for_function("i => document.images[i].complete", arg=i)
        width, source = images.nth(i).evaluate("e => [e.naturalWidth, e.currentSrc]")
        assert width > 0
        assert source.endswith("-dark.svg") == (scheme == "dark")


def test_the_table_sorts_by_numbers(opened):
    page = opened("runs.html")
    head = page.get_by_role("button", name="epoch s")

    head.click()
    rising = [float(text) for text in column(page, "epoch s")]
    head.click()
    falling = [float(text) for text in column(page, "epoch s") if text != "–"]

    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("epoch s")


def test_the_table_filters_by_words_and_by_choice(opened):
    page = opened("runs.html")

    page.get_by_label("Filter").fill("solids emulated")
    words = rows(page).count()
    page.get_by_label("Filter").fill("")
    page.get_by_label("Status").select_option("failed")

    assert words == 20
    assert rows(page).count() == 1
    assert "out of 161" in page.locator("#shown").inner_text()


def test_the_table_is_paged(opened):
    page = opened("runs.html")

    assert rows(page).count() == 50
    page.get_by_role("button", name="Further").click()
    assert page.locator("#place").inner_text() == "page 2 of 4"
    assert "51 to 100 of 161" in page.locator("#shown").inner_text()


def test_paging_keeps_the_focus_of_the_keyboard_at_the_last_page(opened):
    page = opened("runs.html")
    page.get_by_role("button", name="Further").focus()

    for _ in range(5):
        page.keyboard.press("Enter")

    assert page.locator("#place").inner_text() == "page 4 of 4"
    assert page.evaluate("document.activeElement.id") == "after"
    assert page.locator("#after").get_attribute("aria-disabled") == "true"
    assert page.locator("#before").get_attribute("aria-disabled") == "false"


def test_the_filter_knows_the_gpu(opened):
    page = opened("runs.html")

    page.get_by_label("Filter").fill("onerror=alert")

    assert rows(page).count() == 1


def test_numbers_on_the_page_are_those_of_the_records(opened):
    page = opened("runs.html")
    page.get_by_label("Filter").fill("line cpu ok")
    page.get_by_label("Environment").select_option("cpu")

    shown = sorted(float(text) for text in column(page, "epoch s"))
    expected = sorted(
        steady_epoch_seconds(r)
        for r in many()
        if (r.task.name, r.environment.name) == ("line", "cpu")
    )

    assert shown == pytest.approx(expected, rel=1e-3)


def test_the_table_can_be_used_from_the_keyboard(opened):
    page = opened("runs.html")
    page.get_by_role("button", name="round").focus()

    page.keyboard.press("Enter")

    assert column(page, "round")[:3] == ["1", "1", "1"]


def test_hostile_records_run_no_script_and_leave_the_title_alone(opened):
    page = opened("runs/hostile.html")

    assert page.title() != "owned"
    assert page.locator("main script, main img").count() == 0
    assert opened.seen["dialogs"] == []


def test_without_scripts_the_newest_runs_are_there(browser, page_folder):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((page_folder / "runs.html").as_uri())

    assert rows(page).count() == 50
    assert not page.locator("#filters").is_visible()
    context.close()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_no_serious_fault(opened, axe, name, scheme):
    page = opened(name, color_scheme=scheme)

    # through the debugger, which a page's security policy does not bind
    page.evaluate(axe)
    found = page.evaluate("axe.run()")

    faults = [
        (fault["id"], [node["target"] for node in fault["nodes"]][:3])
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert faults == []


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_scrolls_tables_and_not_the_page(opened, name):
    page = opened(name)
    page.set_viewport_size(PHONE)

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("name", ["index.html", "runs.html", "runs/cpu-solids-1.html"])
@pytest.mark.parametrize(("look", "size"), [("light", DESK), ("dark", DESK), ("phone", PHONE)])
def test_screenshots_are_made_for_looking_at(opened, tmp_path, name, look, size):
    folder = Path(os.environ.get("CERTBENCH_SCREENSHOTS", tmp_path))
    page = opened(name, color_scheme="dark" if look == "dark" else "light")
    page.set_viewport_size(size)
    target = folder / f"{name.replace('/', '-').removesuffix('.html')}-{look}.png"

    page.screenshot(path=target, full_page=True)

    assert target.stat().st_size > 10_000


def test_the_rows_in_the_page_are_json(page_folder):
    text = (page_folder / "runs.html").read_text()
    data = text.split('id="rows">')[1].split("</script>")[0]

    assert len(json.loads(data)["rows"]) == len(many())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_paper_is_white_whatever_the_system_likes(opened, scheme):
    page = opened("index.html", color_scheme=scheme, media="print")
    image = page.locator("picture img").first
    image.scroll_into_view_if_needed()

    source = image.evaluate("async e => { await e.decode(); return e.currentSrc; }")
    panel = page.locator(".verdict").evaluate("e => getComputedStyle(e).backgroundColor")

    assert source.endswith("answer.svg")
    assert panel == "rgb(244, 245, 247)"


@pytest.mark.parametrize("name", ["index.html", "runs.html", "prices.html"])
def test_print_loses_no_table_and_no_command(opened, name):
    page = opened(name, media="print")
    page.set_viewport_size({"width": 720, "height": 1000})

    wide = page.evaluate(
        "[...document.querySelectorAll('table, pre')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > 721)"
        ".length"
    )
    hidden = page.evaluate(
        "[...document.querySelectorAll('details table')].filter(e => !e.checkVisibility()).length"
    )

    assert (wide, hidden) == (0, 0)


def test_a_phone_shows_titles_and_captions_as_text(opened):
    page = opened("index.html")
    page.set_viewport_size(PHONE)
    phone = page.locator("figcaption").first.bounding_box()
    page.set_viewport_size(DESK)
    desk = page.locator("figcaption").first.bounding_box()

    assert phone["height"] > 40
    assert desk["height"] <= 1


def test_a_command_is_broken_and_not_cut(opened):
    page = opened("index.html")
    page.set_viewport_size(PHONE)

    assert page.evaluate(
        "[...document.querySelectorAll('pre')].every(e => e.scrollWidth <= e.clientWidth)"
    )
