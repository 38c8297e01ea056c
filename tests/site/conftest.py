"""The built site, built once for all tests that look at it; its pages as the tests read them; a browser."""

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for `firefox`

SOURCES = (
    "_config.yml",
    "_toc.yml",
    "anogen/**/*.py",
    "book/companion/**/*.py",
    "notebooks/**/*.py",
    "book/*.*",
    "book/api/*.md",
    "book/_static/**/*.*",
    "book/records/**/*.json",
)


VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
HIDDEN = {"script", "style", "template"}


class Element(NamedTuple):
    """An element: its tag, its attributes, the tags and classes around it, and the text inside as it is completed."""

    tag: str
    attributes: dict[str, str]
    around: tuple[str, ...]
    text: list[str]

    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


class Page(HTMLParser):
    """All elements of a page in order; `prose` is the text that is neither code nor formula nor script."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.html = path.read_text(encoding="utf8")
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self._prose: list[str] = []
        self.feed(self.html)
        self.close()

    @property
    def prose(self) -> str:
        return "".join(self._prose)

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    @property
    def ids(self) -> set[str]:
        return {element.attributes["id"] for element in self.elements if "id" in element.attributes}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        around = tuple(one.tag for one in self._open)
        element = Element(tag, {name: value or "" for name, value in attrs}, around, [])
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        for position in range(len(self._open) - 1, -1, -1):
            if self._open[position].tag == tag:
                del self._open[position:]
                return

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text.append(data)
        if not {one.tag for one in self._open} & (HIDDEN | {"code", "pre", "math", "title", "textarea"}):
            self._prose.append(data)


def _is_current(root: Path) -> bool:
    """Tell whether the site was built after everything it is made from."""
    entrance = root / "_build" / "html" / "index.html"
    if not entrance.is_file():
        return False
    built = entrance.stat().st_mtime
    return all(path.stat().st_mtime <= built for pattern in SOURCES for path in root.glob(pattern))


@pytest.fixture(scope="session")
def site(root: Path) -> Path:
    """Return the folder of the site; it is built if that was not done since the last change of its sources."""
    (root / "_build").mkdir(exist_ok=True)
    with (root / "_build" / ".lock").open("w") as lock:  # other test processes wait here instead of building, too
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current(root):
            command = [sys.executable, "-m", "anogen", "build"]
            done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.fail(f"`anogen build` failed:\n{done.stdout}{done.stderr}", pytrace=False)
    return root / "_build" / "html"


@pytest.fixture(scope="session")
def pages(site: Path) -> list[Path]:
    """Return all pages that a reader can open, the entrance and the theme's own pages included."""
    found = sorted(path for path in site.rglob("*.html") if not path.is_relative_to(site / "_static"))
    assert len(found) >= 10
    return found


@pytest.fixture(scope="session")
def read(pages: list[Path]) -> dict[Path, Page]:
    """Return all pages, parsed."""
    return {path: Page(path) for path in pages}


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser, or skip if none is installed."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium is installed")


@pytest.fixture(scope="session")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Return a headless browser with a profile of its own that reports what is written to its console."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    driver = shutil.which("chromedriver")
    if driver is None:
        pytest.skip("Chromium is installed, but not its driver: install chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (
        "headless",
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "window-size=1280,1000",
        f"user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    opened.set_page_load_timeout(60)
    yield opened
    opened.quit()
