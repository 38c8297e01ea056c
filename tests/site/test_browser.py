"""The site in a real browser, from files: no error on the console, every formula and picture shown, search works."""

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest

pytestmark = [pytest.mark.book, pytest.mark.browser, pytest.mark.slow]

MISSING_IMAGES = """
document.querySelectorAll("img[loading=lazy]").forEach((image) => image.loading = "eager");
const images = [...document.images].filter((image) => image.hasAttribute("src"));  // not that of the closed dialog
await Promise.all(images.map((image) => image.decode().catch(() => null)));
return images.filter((image) => !(image.complete && image.naturalWidth > 0)).map((image) => image.src.slice(0, 200));
"""
BAD_FORMULAS = r"""
for (const fold of document.querySelectorAll("details")) fold.open = true;
const bad = [];
for (const math of document.querySelectorAll("math")) {
  const box = math.getBoundingClientRect();
  const shown = math instanceof MathMLElement && box.width >= 2 && box.height >= 2;
  const raw = /\\[a-zA-Z]+|\$/.test(math.textContent) || math.querySelector("merror");
  if (!shown || raw) bad.push(math.textContent.slice(0, 80));
}
for (const place of document.querySelectorAll(".math")) {
  if (!place.querySelector("math")) bad.push("no formula: " + place.textContent);
}
return bad;
"""


@pytest.fixture
def console(browser: Any) -> Any:
    """Return a function that gives what was written to the console since the last call."""
    browser.get_log("browser")
    return lambda: [e["message"] for e in browser.get_log("browser") if e["level"] in ("SEVERE", "WARNING")]


def requests(browser: Any) -> list[str]:
    """Return the addresses that the browser has asked for since the last call."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]


def test_every_page_opens_without_an_error(browser: Any, console: Any, pages: list[Path]) -> None:
    browser.execute_cdp_cmd("Network.enable", {})
    for page in pages:
        browser.get(page.as_uri())
        assert console() == [], page
        missing = browser.execute_async_script(
            f"const done = arguments[0]; (async () => {{ {MISSING_IMAGES} }})().then(done);"
        )
        assert missing == [], page
        assert browser.execute_script(BAD_FORMULAS) == [], page
        width = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], (page, "the page is wider than the window")
    asked = requests(browser)
    assert len(asked) >= len(pages)
    assert [
        one for one in asked if not one.startswith(("file:", "data:", "blob:", "chrome:", "chrome-untrusted:"))
    ] == []


def chapter_with_figures(site: Path) -> Path:
    return site / "book" / "chapters" / "background.html"


def pixels(browser: Any) -> np.ndarray:
    """Return the first figure's picture as the screen shows it, without its frame."""
    box = browser.execute_script(
        """
        document.documentElement.style.scrollBehavior = "auto";
        const image = document.querySelector("figure img");
        image.scrollIntoView({block: "center"});
        image.style.padding = image.style.margin = image.style.borderWidth = "0";
        const box = image.getBoundingClientRect();
        const rounded = 8;  // the corners belong to the page
        return {x: box.x + scrollX + rounded, y: box.y + scrollY + rounded, width: 300, height: 200};
        """
    )
    shot = browser.execute_cdp_cmd(
        "Page.captureScreenshot", {"clip": {**box, "scale": 1}, "captureBeyondViewport": False}
    )
    return matplotlib.image.imread(io.BytesIO(base64.b64decode(shot["data"])))[..., :3]


def test_dark_mode_leaves_the_pixels_of_figures_alone(browser: Any, site: Path) -> None:
    browser.get(chapter_with_figures(site).as_uri())
    shown = {}
    for mode in ("light", "dark"):
        while browser.execute_script("return document.documentElement.dataset.theme") != mode:
            before = browser.execute_script("return document.documentElement.dataset.mode")
            browser.execute_script("document.querySelector('.theme-switch-button').click()")
            assert browser.execute_script("return document.documentElement.dataset.mode") != before
        shown[mode] = pixels(browser)
        shown[mode + " page"] = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert shown["light page"] != shown["dark page"]
    assert shown["light"].std() > 0.05
    np.testing.assert_array_equal(shown["light"], shown["dark"])


def test_search_finds_a_word(browser: Any, console: Any, site: Path) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get((site / "search.html").as_uri() + "?q=recall")
    results = WebDriverWait(browser, 20).until(
        lambda b: b.execute_script("return [...document.querySelectorAll('#search-results li a')].map((a) => a.href)")
    )
    assert any("chapters/background.html" in address for address in results)
    assert console() == []


def test_search_shows_figures_with_number_title_and_a_line(browser: Any, console: Any, site: Path) -> None:
    browser.get((site / "search.html").as_uri() + "?q=thesis+6.14")
    first = browser.find_element("css selector", ".entries li")
    assert "Thesis Fig. 6.14" in first.find_element("css selector", "span").text
    assert first.find_element("css selector", "p").text
    first.find_element("css selector", "a").click()
    assert browser.current_url.endswith("book/chapters/dean.html#thesis-fig-6-14")
    assert console() == []


@pytest.fixture(params=[1440, 390])
def screen(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Yield the browser as wide as a desktop and as a phone."""
    size = {"width": request.param, "height": 900, "deviceScaleFactor": 1, "mobile": request.param < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_reader_finds_a_figure_its_code_and_the_command(screen: Any, console: Any, site: Path) -> None:
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait

    def click(selector: str, inside: Any = screen) -> None:
        shown = inside.find_element("css selector", selector)
        screen.execute_script(
            """
            document.documentElement.style.scrollBehavior = "auto";
            document.querySelectorAll("details").forEach((fold) => fold.open ||= fold.contains(arguments[0]));
            arguments[0].scrollIntoView({block: "center"});
            """,
            shown,
        )
        shown.click()

    screen.get((site / "book" / "index.html").as_uri())
    WebDriverWait(screen, 10).until(lambda b: b.find_elements("css selector", ".finder-filter"))
    screen.find_element("css selector", ".finder-filter").send_keys("thesis 6.14")
    (item,) = [one for one in screen.find_elements("css selector", ".finder li") if one.is_displayed()]
    click("a", item)
    assert screen.current_url.endswith("chapters/dean.html#thesis-fig-6-14")
    chapter = screen.current_url
    click('[data-figure="thesis-fig-6.14"] a[href*="source/"]')
    path, _, line = screen.current_url.partition("#")
    assert path.endswith("source/notebooks/thesis/dean/figures.html")
    assert "def " in screen.find_element("id", line).text
    screen.get(chapter)
    WebDriverWait(screen, 10).until(lambda b: b.find_elements("css selector", ".rerun input"))
    field = screen.find_element("css selector", ".rerun input")
    field.send_keys(Keys.END, Keys.BACK_SPACE, "7")
    screen.execute_script("window.addEventListener('copy', () => window.copied = String(getSelection()))")
    screen.execute_script("navigator.clipboard && (navigator.clipboard.writeText = async (t) => {window.copied = t})")
    click(".rerun button")
    WebDriverWait(screen, 5).until(lambda b: b.find_element("css selector", ".rerun [role=status]").text)
    assert screen.execute_script("return window.copied") == "anogen run dean -p digit=7"
    click("a.right-next")
    assert screen.current_url != chapter
    assert screen.find_element("css selector", "article h1").text
    assert console() == []


def test_a_table_is_sorted_with_the_keyboard(browser: Any, site: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.get((site / "book" / "scorecard.html").as_uri())
    browser.execute_script("for (const fold of document.querySelectorAll('details')) fold.open = true")
    table = browser.find_element("css selector", "table.sortable")

    def first_column() -> list[str]:
        return browser.execute_script(
            "return [...arguments[0].tBodies[0].rows].map((r) => r.cells[0].textContent)", table
        )

    original = first_column()
    button = table.find_element("css selector", "th button")
    button.send_keys(Keys.ENTER)
    button.send_keys(Keys.SPACE)
    assert first_column() == original[::-1]
    assert table.find_element("css selector", "th").get_attribute("aria-sort") == "descending"
    button.send_keys(Keys.ENTER)
    assert first_column() == original


def test_a_bibtex_entry_is_copied_with_the_keyboard(browser: Any, console: Any, site: Path) -> None:
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get((site / "book" / "cite.html").as_uri())
    # on a busy machine the browser may answer before it has read the whole page
    entries = WebDriverWait(browser, 10).until(lambda b: b.find_elements("css selector", ".bibtex"))
    assert len(entries) >= 5
    browser.execute_script("window.addEventListener('copy', () => window.copied = String(getSelection()))")
    browser.execute_script("navigator.clipboard && (navigator.clipboard.writeText = async (t) => {window.copied = t})")
    for entry in entries:
        text = entry.find_element("css selector", "pre").text
        assert text.startswith("@")
        entry.find_element("css selector", "button").send_keys(Keys.ENTER)
        WebDriverWait(browser, 5).until(lambda _b, e=entry: e.find_element("css selector", "[role=status]").text)
        assert browser.execute_script("return window.copied").split() == text.split()
    assert console() == []


STRIP = """<!DOCTYPE html><html><head><title>slider</title><style>{css}</style></head><body><figure><div class="frames"
data-name="k" data-start="1">{frames}</div></figure>{script}</body></html>"""
FRAME = '<div class="frame" data-label="0.{n}"><img alt="picture {n}" src="data:," width="9"><p>k = 0.{n}</p></div>'
SEEN = "return [...document.querySelectorAll('.frame')].map((f) => getComputedStyle(f).display !== 'none')"


@pytest.fixture
def strip(browser: Any, root: Path, tmp_path: Path) -> Any:
    """Return a function that opens a page with a strip of three pictures, with or without the site's script."""
    static = root / "book" / "_static"

    def opened(*, script: bool) -> Any:
        page = tmp_path / f"{script}.html"
        code = f"<script>{(static / 'anogen.js').read_text()}</script>" if script else ""
        frames = "".join(FRAME.format(n=n) for n in range(3))
        page.write_text(STRIP.format(css=(static / "anogen.css").read_text(), frames=frames, script=code))
        browser.get(page.as_uri())
        return browser

    return opened


def test_a_slider_is_moved_with_the_keyboard_and_says_where_it_is(strip: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    page = strip(script=True)
    slider = page.find_element("css selector", "input[type=range]")
    assert page.execute_script(SEEN) == [False, True, False]
    assert slider.get_attribute("aria-valuetext") == "0.1"
    slider.send_keys(Keys.ARROW_RIGHT)
    assert page.execute_script(SEEN) == [False, False, True]
    slider.send_keys(Keys.HOME)
    assert page.execute_script(SEEN) == [True, False, False]
    assert slider.get_attribute("aria-valuetext") == "0.0"
    assert page.find_element("css selector", "label").text.split() == ["k", "0.0"]


def test_without_scripts_and_in_print_all_pictures_stand_side_by_side(strip: Any) -> None:
    page = strip(script=False)
    assert page.execute_script(SEEN) == [True, True, True]
    assert page.find_elements("css selector", "input") == []
    page = strip(script=True)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert page.execute_script(SEEN) == [True, True, True]
        assert not page.find_element("css selector", ".slider").is_displayed()
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
