"""Reading the site: on a phone, with a figure at full size, with assistive technology, and without waiting."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.book, pytest.mark.slow]

PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
SMALL_TARGETS = """
const small = [], controls = ".actions > a, .actions summary, a:has(> .badge), button.sort, details.claim > summary";
for (const target of document.querySelectorAll(controls)) {
  const box = target.getBoundingClientRect();
  if (box.width && (box.height < 24 || box.width < 24)) small.push([target.textContent, box.width, box.height]);
}
return small;
"""
VIOLATIONS = """
const done = arguments[0];
const has = (node, inside) => document.querySelector(node.target[0]).querySelector(inside);
const formula = (rule, node) => rule === "empty-table-header" && has(node, "math");
axe.run(document, { resultTypes: ["violations"], preload: false }).then(({ violations }) => done(violations.flatMap(
  ({ id, nodes }) => nodes.filter((node) => !formula(id, node)).map((node) => `${id}: ${node.html.slice(0, 200)}`)
)));
"""
MAX_FIRST = 1_500_000  # bytes of a page, its styles, its scripts and the images that do not wait to be scrolled to
MAX_THUMBNAIL = 30_000


@pytest.fixture
def phone(browser: Any) -> Any:
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.browser
def test_no_page_is_wider_than_a_phone_and_targets_fit_a_finger(phone: Any, pages: list[Path]) -> None:
    for page in pages:
        phone.get(page.as_uri())
        assert phone.execute_script("return document.documentElement.scrollWidth") <= PHONE["width"], page
        assert phone.execute_script(SMALL_TARGETS) == [], page


@pytest.mark.browser
def test_a_wide_grid_of_images_wraps_on_a_phone(phone: Any, site: Path) -> None:
    phone.get((site / "book" / "chapters" / "other-detectors.html").as_uri())
    link = phone.find_element("css selector", "#thesis-fig-6-17 a:has(> .slice)")
    assert link.get_property("scrollWidth") <= link.get_property("clientWidth")
    shown = [image for image in link.find_elements("css selector", "img") if image.is_displayed()]
    left, right = link.rect["x"], link.rect["x"] + link.rect["width"]
    assert len(shown) > 2
    assert all(left - 1 <= one.rect["x"] and one.rect["x"] + one.rect["width"] <= right + 1 for one in shown)


@pytest.mark.browser
def test_a_figure_opens_at_full_size_with_the_keyboard(phone: Any, site: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    phone.get((site / "book" / "chapters" / "background.html").as_uri())
    link = phone.find_element("css selector", "figure a:has(> img)")
    dialog = phone.find_element("css selector", "dialog.zoom")
    shown = link.find_element("css selector", "img").get_attribute("src")
    assert not dialog.is_displayed()
    link.send_keys(Keys.ENTER)
    full = dialog.find_element("css selector", "img")
    assert dialog.is_displayed() and full.get_attribute("src") == shown
    assert full.size["width"] > PHONE["width"]
    phone.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not dialog.is_displayed()
    assert phone.switch_to.active_element == link


@pytest.mark.browser
def test_axe_finds_nothing(browser: Any, pages: list[Path]) -> None:
    if "ANOGEN_AXE" not in os.environ:
        pytest.skip("ANOGEN_AXE does not name the file axe.min.js of axe-core")
    axe = Path(os.environ["ANOGEN_AXE"]).read_text(encoding="utf8")
    for page in pages:
        if 'http-equiv="refresh"' in page.read_text(encoding="utf8"):  # leads on at once
            continue
        for mode in ("light", "dark"):
            browser.get(page.as_uri())
            browser.execute_script("localStorage.mode = localStorage.theme = arguments[0]", mode)
            browser.refresh()
            browser.execute_script(axe)
            assert browser.execute_async_script(VIOLATIONS) == [], (page, mode)


def test_pages_are_light_at_first_read(read: dict[Path, Any]) -> None:
    for path, page in read.items():
        loaded = [one.attributes["src"] for one in page.all("script") if "src" in one.attributes]
        loaded += [one.attributes["href"] for one in page.all("link") if one.attributes.get("rel") == "stylesheet"]
        images = page.all("img")
        assert [one.attributes.get("loading") for one in images[1:]] == ["lazy"] * len(images[1:]), path
        assert all({"width", "height"} <= one.attributes.keys() for one in images), path
        loaded += [one.attributes["src"] for one in images[:1]]
        files = {(path.parent / address.partition("?")[0]).resolve() for address in loaded}
        assert len(page.html.encode()) + sum(file.stat().st_size for file in files) < MAX_FIRST, path


def test_thumbnails_are_light_and_the_theme_draws_no_icons(site: Path, read: dict[Path, Any]) -> None:
    thumbnails = [one.attributes["src"] for one in read[site / "book" / "figures.html"].all("img")]
    assert len(thumbnails) > 50
    for address in thumbnails:
        assert (site / "book" / address).stat().st_size < MAX_THUMBNAIL, address
    for path, page in read.items():
        assert not re.search(r'<i class="fa|fontawesome\.js', page.html), path


def test_captions_begin_with_both_numbers(read: dict[Path, Any]) -> None:
    numbers = [
        one.words()
        for page in read.values()
        for one in page.all("span")
        if one.attributes.get("class") == "caption-number"
    ]
    both = [
        number for number in numbers if re.fullmatch(r"\D+ (Fig\.|Table) [A\d.]+ · here (Fig\.|Table) \d+\.\d+", number)
    ]
    assert len(both) >= 75
    assert [
        number for number in numbers if number not in both and not re.fullmatch(r"(Fig\.|Table) \d+\.\d+", number)
    ] == []
