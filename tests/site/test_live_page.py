"""The player below a figure and the laboratory in a browser, from files: a record's run, controls, keys, files."""

import base64
import hashlib
import html
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from companion.live import data
from companion.records import Record
from companion.site import live
from notebooks.thesis.common.guided import Guided

in_browser = pytest.mark.browser
EXPERIMENT = Guided(dataset="mnist-5k", detector="cblof", normal=4, generations=60, starts=2, pairs=1, ks=(0.5,))
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>live</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="_static/anogen.css">
<script defer src="_static/anogen.js"></script><script defer src="_static/live/loader.js"></script></head>
<body><main><h1>Live</h1><h2>Figure</h2><aside class="provenance"><div class="actions"><a href="#x">code</a></div>
{place}</aside><p id="x" style="margin-top: 3000px">below</p></main></body></html>"""


@pytest.fixture(scope="module")
def record() -> Record:
    """Return a small record, as if it were one of the book."""
    meta = {"parameters": json.loads(json.dumps(EXPERIMENT.parameters))}
    return Record(EXPERIMENT.id, EXPERIMENT.run(), meta, Path())


@pytest.fixture(scope="module")
def site_folder(root: Path, record: Record, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the site's scripts, and one exported detector, under the name of the laboratory's, too."""
    folder = tmp_path_factory.mktemp("live")
    static = folder / "book" / "_static"
    shutil.copytree(root / "book" / "_static", static, ignore=shutil.ignore_patterns("data"))
    (static / "live" / "data").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "DATASET", "mnist-5k")
        patch.setattr(data, "searches", lambda *_: [EXPERIMENT])
        patch.setattr(data.store, "load", lambda _: record)
        described = json.dumps(data.describe(data.LiveDetector("cblof", 4)))
    for key in ("cblof-mnist-5k-4", "cblof-mnist-4"):
        (static / "live" / "data" / f"{key}.js").write_text(f'anogenLive.add("{key}", {described});\n', encoding="utf8")
    return folder


@pytest.fixture
def write(site_folder: Path, record: Record) -> Callable[..., Path]:
    """Return a function that writes a page with the player of the record, or with the laboratory."""
    env: Any = SimpleNamespace(srcdir=site_folder, note_dependency=lambda _: None)

    def written(*, laboratory: bool = False) -> Path:
        directive: Any = SimpleNamespace(env=env)
        [place] = live.Laboratory.run(directive) if laboratory else live.player(env, "thesis-fig-6.17", [record])
        attributes = " ".join(f'{name}="{html.escape(value)}"' for name, value in place["attrs"].items())
        path = site_folder / "book" / "page.html"
        path.write_text(PAGE.format(place=f"<div {attributes}></div>"), encoding="utf8")
        return path

    return written


@pytest.fixture(params=[1440, 390])
def screen(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Yield the browser as wide as a desktop and as a phone, with motion."""
    size = {"width": request.param, "height": 900, "deviceScaleFactor": 1, "mobile": request.param < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Network.enable", {})
    browser.get_log("browser")
    browser.get_log("performance")
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def requests(browser: Any) -> list[str]:
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]


def errors(browser: Any) -> list[str]:
    return [e["message"] for e in browser.get_log("browser") if e["level"] in ("SEVERE", "WARNING")]


def wait(browser: Any, condition: str) -> Any:
    """Return the first value of a JavaScript expression that is true."""
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, 60).until(lambda b: b.execute_script(f"return {condition}"))


def text(browser: Any, selector: str) -> str:
    return str(browser.execute_script("return document.querySelector(arguments[0])?.textContent ?? ''", selector))


def button(browser: Any, name: str) -> Any:
    return browser.execute_script(
        "return [...document.querySelectorAll('button')].find((one) => one.textContent === arguments[0])", name
    )


def open_run(browser: Any, page: Path, settings: str) -> None:
    """Open a link to a run; from another page, or the browser would not load this one."""
    browser.get("about:blank")
    browser.get(f"{page.as_uri()}#live=thesis-fig-6.17&{settings}")
    wait(browser, f"{COUNTER}?.startsWith('Generation 0 of')")


VERDICT = "document.querySelector('.verdict')?.textContent"
COUNTER = "document.querySelector('.counter')?.textContent"


@in_browser
def test_play_repeats_the_run_of_the_record_without_a_request(screen: Any, write: Callable[..., Path]) -> None:
    screen.get(write().as_uri())
    first = requests(screen)
    assert [one.rpartition("/")[2] for one in first if "/live/" in one] == ["loader.js"]  # nothing before *play*
    assert screen.execute_script("return getComputedStyle(document.querySelector('.live-figure')).display") == "none"
    screen.find_element("css selector", "button.play").click()
    wait(screen, "document.querySelectorAll('.images canvas').length === 3")  # two starts and the minimum
    verdict = wait(screen, VERDICT)
    assert verdict.startswith(f"Identical to the record {EXPERIMENT.id}, bit for bit: images and scores of 2 runs.")
    assert text(screen, ".counter") == "Generation 60 of 60"
    assert errors(screen) == []
    assert [one for one in requests(screen) if not one.startswith(("file:", "blob:", "data:"))] == []
    screen.execute_script("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    width = screen.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    screen.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert screen.execute_script("return getComputedStyle(document.querySelector('.live-figure')).display") == "none"


@in_browser
def test_a_run_that_differs_from_the_record_is_called_different(screen: Any, write: Callable[..., Path]) -> None:
    screen.get(write().as_uri())
    screen.execute_script(
        """
        const add = (key, detector) => {
          detector.records[0].runs[1].score += 0.5;
          anogenLive.data[key] = detector;
        };
        Object.defineProperty(anogenLive, "add", { get: () => add, set: () => {} });
        """
    )
    screen.find_element("css selector", "button.play").click()
    verdict = wait(screen, VERDICT)
    assert verdict.startswith("1 of 2 runs are identical") and "differ by up to 0.5" in verdict


@in_browser
def test_fixed_pixels_are_drawn_with_keys_and_a_link_restores_the_run(screen: Any, write: Callable[..., Path]) -> None:
    from selenium.webdriver.common.keys import Keys

    page = write()
    screen.get(page.as_uri())
    screen.find_element("css selector", "button.play").send_keys(Keys.ENTER)
    wait(screen, VERDICT)
    for number in (1, 2):
        screen.find_elements("css selector", ".live-figure summary")[number].send_keys(Keys.ENTER)
    screen.find_element("css selector", ".pad").send_keys(Keys.SPACE, Keys.ARROW_LEFT, Keys.SPACE)
    assert text(screen, ".pad + p") == "Row 15, column 14: fixed"
    verdict = wait(screen, f"{VERDICT}.startsWith('Your own') || {COUNTER}.startsWith('Generation 0 ')")
    button(screen, "Go on").send_keys(Keys.ENTER)
    verdict = wait(screen, VERDICT)
    assert "Python computes the same bits" in verdict
    address = screen.find_element("link text", "Link to this run").get_attribute("href")
    screen.get("about:blank")
    screen.get(address)
    wait(screen, f"{COUNTER}?.startsWith('Generation 0 of 60')")  # a link does not start to run
    button(screen, "Go on").click()
    assert wait(screen, VERDICT) == verdict  # with the digest of the images


@in_browser
def test_with_reduced_motion_a_reader_goes_by_steps(screen: Any, write: Callable[..., Path]) -> None:
    from selenium.webdriver.support.ui import Select

    screen.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    )
    screen.get(write().as_uri())
    screen.find_element("css selector", "button.play").click()
    wait(screen, f"{COUNTER}?.startsWith('Generation 0 of 60')")
    assert not button(screen, "Go on").is_displayed()
    button(screen, "Step").click()
    wait(screen, f"{COUNTER} === 'Generation 1 of 60'")
    speed = screen.find_elements("css selector", ".live-figure select")
    Select(next(one for one in speed if "to the end" in one.text)).select_by_visible_text("to the end")
    button(screen, "Step").click()
    assert wait(screen, VERDICT).startswith("Identical")


@in_browser
def test_the_search_pauses_while_it_is_out_of_sight(screen: Any, write: Callable[..., Path]) -> None:
    open_run(screen, write(), "n_generations=1000000")
    button(screen, "Go on").click()
    wait(screen, f"!{COUNTER}.startsWith('Generation 0 of')")
    screen.execute_script("document.querySelector('#x').scrollIntoView()")
    seen = screen.execute_async_script(
        """
        const done = arguments[0], shown = () => document.querySelector(".counter").textContent;
        const pause = (ms) => new Promise((then) => setTimeout(then, ms));
        (async () => {
          let last = "";
          while (last !== shown()) { last = shown(); await pause(700); }  // an advance takes about 60 ms
          return last;
        })().then(done);
        """
    )
    screen.execute_script("document.querySelector('button.play').scrollIntoView()")
    assert wait(screen, f"{COUNTER} !== {json.dumps(seen)}")


@in_browser
def test_arrays_are_saved_for_numpy(screen: Any, write: Callable[..., Path]) -> None:
    open_run(screen, write(), "")
    made = screen.execute_async_script(
        """
        const done = arguments[0], bytes = (blob) => new Promise((then) => {
          const reader = new FileReader();
          reader.onload = () => then(reader.result.split(",")[1]);
          reader.readAsDataURL(blob);
        });
        Promise.all([
          bytes(anogenLive.npy(Float32Array.from({ length: 6 }, (_, i) => i / 4), [2, 3])),
          bytes(anogenLive.npy(Float64Array.of(0.1, -2), [2])),
        ]).then(done);
        """
    )
    images, scores = (np.load(io.BytesIO(base64.b64decode(one))) for one in made)
    np.testing.assert_array_equal(images, np.arange(6, dtype=np.float32).reshape(2, 3) / 4)
    np.testing.assert_array_equal(scores, np.array([0.1, -2.0]))
    assert (images.dtype, scores.dtype) == (np.float32, np.float64)


@in_browser
@pytest.mark.slow
@pytest.mark.parametrize("run", ["runs=1&seed=5&n_generations=3&population_size=20", "runs=1&k=0.5&n_generations=3"])
def test_the_command_computes_the_same_in_python(
    browser: Any, write: Callable[..., Path], run: str, root: Path, tmp_path: Path
) -> None:
    open_run(browser, write(), run)
    begin, *program, end = text(browser, ".copied pre").splitlines()
    assert (begin, end) == ("PYTHONPATH=.:book python - <<'END'", "END")
    path = os.pathsep.join([str(root), str(root / "book")])
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(program)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    button(browser, "Go on").click()
    wait(browser, VERDICT)
    script = "return document.querySelector('.images p').textContent"
    assert float(browser.execute_script(script)) == pytest.approx(float(done.stdout.split()[-1]), rel=1e-3)
    [saved] = tmp_path.glob("live-*.npz")
    digest = hashlib.sha256(np.load(saved)["samples"].astype("<f4").tobytes()).hexdigest()
    assert digest[:16] in text(browser, ".verdict")


@in_browser
def test_the_laboratory_scores_a_drawing_and_searches_from_it(screen: Any, write: Callable[..., Path]) -> None:
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select

    screen.get(write(laboratory=True).as_uri())
    screen.find_element("css selector", "button.play").send_keys(Keys.ENTER)
    score = "document.querySelector('.cards .score')?.textContent"
    empty = wait(screen, score)
    screen.find_element("css selector", ".pad").send_keys(Keys.SPACE, Keys.ARROW_DOWN, Keys.SPACE)
    wait(screen, f"{score} !== {json.dumps(empty)}")
    assert "the median real image" in text(screen, ".cards .score")
    assert screen.find_elements("css selector", ".pair canvas")[1].is_displayed()  # CBLOF's score has a gradient
    Select(screen.find_elements("css selector", ".live-figure select")[1]).select_by_visible_text("the drawing")
    button(screen, "Step").click()
    assert wait(screen, "document.querySelector('.cards .now').textContent.startsWith('Generation 10')")
    assert errors(screen) == []
    width = screen.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]


@in_browser
@pytest.mark.parametrize("laboratory", [False, True])
def test_axe_finds_nothing(screen: Any, write: Callable[..., Path], laboratory: bool) -> None:
    if "ANOGEN_AXE" not in os.environ:
        pytest.skip("ANOGEN_AXE does not name the file axe.min.js of axe-core")
    screen.get(write(laboratory=laboratory).as_uri())
    screen.find_element("css selector", "button.play").click()
    wait(screen, "document.querySelector('.cards .score, .images canvas')")
    screen.execute_script("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    screen.execute_script(Path(os.environ["ANOGEN_AXE"]).read_text(encoding="utf8"))
    found = screen.execute_async_script(
        """
        const done = arguments[0];
        axe.run(document, { resultTypes: ["violations"], preload: false }).then(({ violations }) =>
          done(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`))));
        """
    )
    assert found == []


def test_a_figure_without_an_exported_detector_has_no_player(site_folder: Path, record: Record) -> None:
    env: Any = SimpleNamespace(srcdir=site_folder, note_dependency=lambda _: None)
    other = Record("guided/other", {}, record.meta, Path())  # another training of the same detector
    assert live.player(env, "figure", [other]) == []
    [place] = live.player(env, "figure", [record, other])
    [offer] = json.loads(place["attrs"]["data-live"])
    assert offer["records"] == [record.id] and offer["digit"] == "4"
