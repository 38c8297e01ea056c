"""The time of the page's own engine in Chromium, and of Python's on the same run, for the benchmark page."""

import html
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numba import njit

from anogen.bench.benchmark import machine_name, timed
from anogen.errors import InputError, require
from anogen.generators import evolve, noise
from anogen.paths import require_checkout
from companion.live.runs import runs, searches
from companion.records import store
from companion.site import live

DETECTOR, NORMAL = "cblof", 4
KEY = f"{DETECTOR}-mnist-{NORMAL}"
WATCHED = 10  # seconds of a figure that plays
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>speed</title>
<script>
globalThis.longest = 0;  // of the tasks above 50 ms, in which the page cannot answer
new PerformanceObserver((list) => {{
  for (const {{ duration }} of list.getEntries()) longest = Math.max(longest, duration);
}}).observe({{ type: "longtask" }});
</script>
<script defer src="{static}/anogen.js"></script><script defer src="{static}/live/loader.js"></script></head>
<body><aside><div class="actions"></div><div {place}></div></aside></body></html>"""
FIRST_PICTURE = """
const done = arguments[0], begun = performance.now();
const shown = () => document.querySelector(".images canvas");
const look = () => (shown() ? done(performance.now() - begun) : requestAnimationFrame(look));
document.querySelector("button.play").click();
look();
"""
# The first run of the record, by the engine alone, without a picture in between: seconds to a generation, and the end.
RUN = """
const [marks, done] = arguments, worker = anogenLive.worker(), seconds = [];
let begun;
worker.onmessage = ({ data }) => {
  const { type, message, generation, published } = data;
  if (type === "error" || type === "result") done({ seconds, error: message, published });
  else if (type === "state" && generation) seconds.push((performance.now() - begun) / 1000);
  else if (type === "state") begun = performance.now();
};
anogenLive.detector(KEY).then((detector) => {
  worker.postMessage({ type: "load", detector });
  worker.postMessage({ type: "start", settings: { run: 0 } });
  marks.forEach((mark, i) => worker.postMessage({ type: "advance", generations: mark - (marks[i - 1] ?? 0) }));
  worker.postMessage({ type: "result" });
});
""".replace("KEY", json.dumps(KEY))


def measure(generations: int | None = None) -> dict[str, Any]:
    """Return the times of the published run, or of its first generations; nothing else should run meanwhile."""
    experiment = searches(DETECTOR, "mnist", NORMAL)[0]
    last = generations or experiment.generations
    marks = sorted({min(1000, last), last})
    with _chromium() as browser, tempfile.TemporaryDirectory() as place:
        browser.get(_page(Path(place), experiment).as_uri())
        first_picture = browser.execute_async_script(FIRST_PICTURE)
        time.sleep(WATCHED)
        longest = browser.execute_script("return longest")
        browser.execute_script("document.querySelector('button.play').click()")  # closes the player
        run = browser.execute_async_script(RUN, marks)
        require(not run["error"], f"the engine failed: {run['error']}")
        version = browser.capabilities["browserVersion"]
    end = run["published"]
    return {
        "machine": machine_name(), "date": datetime.now(UTC).date().isoformat(), "browser": f"Chromium {version}",
        "record": experiment.id, "generations": marks, "page_seconds": run["seconds"],
        "identical": bool(end) and end["same_image"] and end["difference"] == 0,
        "python_seconds": _python(experiment, marks), "first_picture_ms": first_picture,
        "longest_task_ms": longest or None, "watched_seconds": WATCHED, **_sums(experiment),
    }  # fmt: skip


@contextmanager
def _chromium() -> Iterator[Any]:
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
    except ModuleNotFoundError:
        raise InputError("selenium, which drives the browser, is not installed: pip install selenium") from None
    browser, driver = (next(filter(None, map(shutil.which, names)), None) for names in (
        ("chromium", "chromium-browser", "google-chrome"), ("chromedriver",)
    ))  # fmt: skip
    if not browser or not driver:
        raise InputError("Chromium or its driver is not installed: install chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in ("headless", "no-sandbox", "disable-gpu", "window-size=1280,1000"):
        options.add_argument(f"--{flag}")
    opened = webdriver.Chrome(options=options, service=Service(driver))
    opened.set_script_timeout(900)
    try:
        yield opened
    finally:
        opened.quit()


def _page(place: Path, experiment: Any) -> Path:
    """Write a page with the player of the record."""
    root = require_checkout()
    env: Any = SimpleNamespace(srcdir=root, note_dependency=lambda _: None)
    [player] = live.player(env, "speed", [store.load(experiment)])
    attributes = " ".join(f'{name}="{html.escape(value)}"' for name, value in player["attrs"].items())
    static = (root / "book" / "_static").as_uri()
    path = place / "page.html"
    path.write_text(PAGE.format(static=static, place=attributes), encoding="utf8")
    return path


def _python(experiment: Any, marks: list[int]) -> list[float]:
    """Return the seconds of the same run in Python, on one thread, to each of the generations."""
    seed = runs(experiment, store.load(experiment), NORMAL)["runs"][0]["settings"]["seeds"][0]
    scorer = experiment.scorer()
    torch.set_num_threads(1)
    with torch.inference_mode():
        for _ in evolve(scorer, [seed], n_generations=2, config=experiment.config):
            pass  # compiles what is not compiled yet
        seconds, begun = [], time.perf_counter()
        for state, _ in evolve(scorer, [seed], n_generations=marks[-1], config=experiment.config):
            if state.generation in marks:
                seconds.append(time.perf_counter() - begun)
    return seconds


def _sums(experiment: Any) -> dict[str, float]:
    """Return the milliseconds of the score of a population: in the fixed order of its sums, and in any order."""
    scorer = experiment.scorer()
    rows = noise((experiment.population, scorer.n_features_in_), torch.Generator().manual_seed(0))
    array, centres = rows.numpy(), scorer.centres.numpy()
    fixed, free = timed(lambda: scorer.score(rows), 1.0), timed(lambda: _nearest_in_any_order(array, centres), 1.0)
    return {"fixed_order_ms": fixed.ms, "any_order_ms": free.ms}


@njit(fastmath=True)
def _nearest_in_any_order(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return CBLOF's score of rows (n, d), whose sums the compiler may reorder: fast, but without fixed bits."""
    out = np.empty(len(rows))
    for r in range(len(rows)):
        lowest = np.inf
        for j in range(len(centres)):
            total = 0.0
            for i in range(rows.shape[1]):
                difference = rows[r, i] - centres[j, i]
                total += difference * difference
            lowest = min(lowest, total)
        out[r] = np.sqrt(lowest)
    return out
