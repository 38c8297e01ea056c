"""The playground's scores in JavaScript are Python's; its searches go down; its record fits the page."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from notebooks.beyond.playground import figures
from notebooks.beyond.playground.experiments import ENTRIES, Playground
from notebooks.beyond.playground.figures import playground_data, show_playground

SCORES = Path(__file__).resolve().parents[2] / "book" / "_static" / "playground-scores.js"
in_browser = pytest.mark.browser  # which is skipped where there is none
SINGLE = {"autoencoder", "deep-svdd", "deep-svdd-untrained"}  # networks, which Python computes in single precision

# Scores of the points, and both ways down from each of four starts, the second twice.
PROGRAM = """
const { data, points } = input;
const { score, descend, evolve } = globalThis.anogenPlayground;
const starts = [[0.1, 0.9], [0.9, 0.1], [0.5, 0.5], [0.31, 0.77]];
const output = Object.keys(data.detectors).map((key) => {
  const of = score(data, key);
  const all = (steps) => [...steps].map(({ shown, score }) => [...shown, score]);
  return {
    scores: points.map(of),
    descents: starts.map((start) => all(descend(of, start))),
    evolutions: starts.map((start) => all(evolve(of, start, { seed: 7, generations: 60 }))),
    again: all(evolve(of, starts[0], { seed: 7, generations: 60 })),
    other: all(evolve(of, starts[0], { seed: 8, generations: 60 })),
  };
});
"""


class Kept:
    """A record without its file."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        self.arrays = arrays


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    experiment = Playground.at("quick", grid=17, generations=5, entries=tuple(ENTRIES))
    return experiment.run()


@pytest.fixture(scope="module")
def given(arrays: dict[str, np.ndarray]) -> str:
    """The page's data, and the points that Python has scored, as the page would have them."""
    x, y = np.meshgrid(arrays["axis"], arrays["axis"])
    points = [*np.stack([x, y], axis=-1).reshape(-1, 2).tolist(), *arrays["points"].tolist()]
    return json.dumps({"data": playground_data(Kept(arrays)), "points": points})


def agree(arrays: dict[str, np.ndarray], output: list[dict[str, Any]]) -> None:
    for place, (key, found) in enumerate(zip(arrays["entries"], output, strict=True)):
        wanted = np.concatenate([arrays["fields"][place].ravel(), arrays["train_scores"][place]])
        scale = np.abs(wanted).max()
        np.testing.assert_allclose(found["scores"], wanted, rtol=0, atol=scale * (1e-5 if key in SINGLE else 1e-9))
        assert wanted.std() > 0.01 * scale, key  # a constant would agree with much
        for way in found["descents"]:
            assert (np.diff(np.array(way)[:, 2]) < 0).all(), key
        if arrays["differentiable"][place]:
            assert all(way[-1][2] < way[0][2] for way in found["descents"]), key
        for way in found["evolutions"]:
            assert len(way) == 61 and np.array(way)[:, :2].min() >= 0 and np.array(way)[:, :2].max() <= 1
        ends = [way[-1][2] for way in found["evolutions"]]
        assert np.mean(ends) < np.percentile(wanted, 40), key  # nothing survives, so one that began well may rise
        assert found["again"] == found["evolutions"][0] != found["other"]


def test_scores_in_javascript_are_pythons(arrays: dict[str, np.ndarray], given: str) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node; the browser's test does the same")
    program = f"const input = JSON.parse(require('fs').readFileSync(0, 'utf8'));\n{SCORES.read_text('utf8')}\n{PROGRAM}"
    done = subprocess.run(
        [node, "-e", program + "console.log(JSON.stringify(output));"],
        input=given,
        capture_output=True,
        text=True,
        check=True,
    )
    agree(arrays, json.loads(done.stdout))


@in_browser
def test_scores_in_a_browser_are_pythons(browser: Any, arrays: dict[str, np.ndarray], given: str) -> None:
    browser.get("data:text/html,<title>scores</title>")
    program = (
        f"const input = JSON.parse(arguments[0]);\n{SCORES.read_text('utf8')}\n{PROGRAM}return JSON.stringify(output);"
    )
    agree(arrays, json.loads(browser.execute_script(program, given)))


def test_the_lowest_point_is_lower_than_all_that_was_scored(arrays: dict[str, np.ndarray]) -> None:
    for place, key in enumerate(arrays["entries"]):
        others = min(
            arrays["train_scores"][place].min(), arrays["fields"][place].min(), arrays["end_scores"][place].min()
        )
        spread = np.ptp(arrays["fields"][place])
        assert arrays["lowest_scores"][place] <= others + 0.02 * spread, key


PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>playground</title><style>{css}</style></head>
<body>{play}<script>{scores}</script><script>{code}</script></body></html>"""
SHOWN = "return getComputedStyle(document.querySelector('.playground')).display"


@pytest.fixture
def page(
    browser: Any, root: Path, tmp_path: Path, arrays: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """Open a page with the playground, and without motion: a way down is then drawn at once."""
    said: list[dict[str, str]] = []
    monkeypatch.setattr(figures, "display", lambda bundle, raw: said.append(bundle))
    show_playground(Kept(arrays))
    static = root / "book" / "_static"
    css, scores, code = ((static / name).read_text("utf8") for name in ("anogen.css", SCORES.name, "playground.js"))
    path = tmp_path / "page.html"
    path.write_text(PAGE.format(css=css, play=said[0]["text/html"], scores=scores, code=code), "utf8")
    still = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": still})
    browser.get_log("browser")
    browser.get(path.as_uri())
    yield browser
    assert [e for e in browser.get_log("browser") if e["level"] == "SEVERE"] == []
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def status(page: Any) -> str:
    return page.find_element("css selector", ".playground [role=status]").text


@in_browser
def test_the_playground_is_played_with_the_keyboard(page: Any) -> None:
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select

    canvas = page.find_element("css selector", ".playground canvas")
    first = page.execute_script("return arguments[0].toDataURL()", canvas)
    canvas.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ENTER)
    assert status(page).startswith("After ") and "from (0.19, 0.83)" in status(page)
    assert page.execute_script("return arguments[0].toDataURL()", canvas) != first
    select, way = (Select(s) for s in page.find_elements("css selector", ".playground select"))
    assert [o.text for o in select.options] == [entry.title for entry in ENTRIES.values()]
    select.select_by_visible_text("COPOD")
    assert "COPOD" in canvas.get_attribute("aria-label")
    assert not way.options[0].is_enabled() and way.first_selected_option.text == "evolution"
    page.find_element("css selector", ".playground button").send_keys(Keys.SPACE)
    assert "150 generations" in status(page)


@in_browser
def test_a_held_key_and_a_double_click_leave_no_error(page: Any) -> None:
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})  # with motion: a search is still running
    page.execute_script(
        """
        const [canvas, start] = ["canvas", "button"].map((name) => document.querySelector(`.playground ${name}`));
        const press = (repeat) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", repeat }));
        [false, true, true, true].forEach(press);
        start.click();
        start.click();
        """
    )
    assert page.find_element("css selector", ".playground .running").text.startswith("After ")
    assert [e for e in page.get_log("browser") if e["level"] == "SEVERE"] == []


@in_browser
def test_no_search_ends_below_the_lowest_score_that_is_stated(page: Any) -> None:
    from selenium.webdriver.support.ui import Select

    select, start = (page.find_element("css selector", f".playground {name}") for name in ("select", "button"))
    for option in Select(select).options:
        Select(select).select_by_visible_text(option.text)
        start.click()
        score, lowest = re.findall(r"(?:score|Minimum|so far):? (-?[\d.e-]+) at", status(page))
        assert float(score) >= float(lowest), option.text


@in_browser
def test_a_click_starts_where_it_was_made(page: Any) -> None:
    from selenium.webdriver import ActionChains

    canvas = page.find_element("css selector", ".playground canvas")
    side = canvas.size["width"]
    ActionChains(page).move_to_element_with_offset(canvas, round(0.25 * side), round(0.25 * side)).click().perform()
    assert "from (0.75, 0.25)" in status(page)


@in_browser
def test_the_playground_is_not_printed(page: Any) -> None:
    assert page.execute_script(SHOWN) == "block"
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert page.execute_script(SHOWN) == "none"


def test_without_scripts_nothing_is_shown(arrays: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[dict[str, str]] = []
    monkeypatch.setattr(figures, "display", lambda bundle, raw: said.append(bundle))
    show_playground(Kept(arrays))
    [bundle] = said
    assert bundle["text/html"].startswith('<div class="playground" hidden><script type="application/json">')
    assert bundle["text/html"].count("<") == 4 and len(bundle["text/html"]) < 400_000
