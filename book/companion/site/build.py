"""Build the site: execute the chapters that have changed, then let jupyter-book write the pages."""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from anogen.errors import InputError
from anogen.paths import require_checkout
from companion import digest
from companion.chapters import chapter, chapters
from companion.live import build as live
from companion.site.parameters import check
from companion.site.stamps import installed_packages, update

JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
FLAGS = ("-n", "-W", "--keep-going")  # every dead reference and every warning is an error; all are listed
STEP = re.compile(r"(reading sources|writing output|copying images)\.\.\. \[ *(\d+)%\]")
# The site's entrance, and pages that have moved: old address -> new address, below the site's folder.
REDIRECTS = {
    "index.html": "book/index.html",
    "book/api/scoring.html": "book/api/scorers.html",
    "book/api/generation.html": "book/api/generators.html",
    "book/api/evaluation.html": "book/api/metrics.html",
    **{f"book/api/{page}.html": "book/api/index.html" for page in ("experiments", "records", "claims", "figures")},
}
REDIRECT = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>anogen</title>
<meta http-equiv="refresh" content="0; url={target}"><link rel="canonical" href="{target}"></head>
<body><p><a href="{target}">anogen</a></p></body></html>
"""
Report = Callable[[str], None]


def build(
    scale: str = "laptop",
    only: Collection[str] = (),
    *,
    jobs: int = 2,
    sphinx: Path | None = None,
    report: Report = lambda _line: None,
) -> Path:
    """Execute the chapters that have changed at `scale`, `jobs` at a time, build the site and return the page to open.

    With `only`, other chapters stay as they are if they have been executed before; the page is that of the first. With
    `sphinx`, the Python of an environment with a current Sphinx, that one builds the site instead of jupyter-book.
    """
    root = require_checkout()
    names = [chapter(name).name for name in only]
    targets = {name: root / "book/chapters" / f"{name}.ipynb" for name in chapters()}
    asked = {name: path for name, path in targets.items() if name in (names or targets) or not path.exists()}
    execute_changed(asked, scale, jobs, report)
    if done := live.update(root):
        report(done)
    site = root / "_build" / ("sphinx/html" if sphinx else "html")
    build_site(root, site, report, sphinx)
    redirect(site)
    return site / (f"book/chapters/{names[0]}.html" if names else "index.html")


def execute_changed(targets: dict[str, Path], scale: str, jobs: int, report: Report) -> None:
    """Execute the chapters that have changed, and report each in the order of the book."""
    parameters = {name: check(name, {}, scale) for name in targets}
    stop = Event()
    with ThreadPoolExecutor(jobs) as pool:
        running = {name: pool.submit(update, name, parameters[name], path, stop) for name, path in targets.items()}
        try:
            for number, (name, done) in enumerate(running.items(), start=1):
                report(f"[{number}/{len(running)}] {'executed' if done.result() else 'unchanged'} {name}")
        except BaseException as error:
            stop.set()
            pool.shutdown(cancel_futures=True)
            if isinstance(error, InputError | RuntimeError):
                raise type(error)(f"chapter {name}: {error}") from None
            raise


def build_site(root: Path, site: Path, report: Report, sphinx: Path | None = None) -> None:
    """Let Sphinx read the changed pages, or all of them after a failure or a change of the site's own code."""
    complete = site.parent / ".doctrees" / "complete"
    machinery = machinery_digest(root)
    fresh = not complete.is_file() or complete.read_text(encoding="utf8") != machinery
    complete.unlink(missing_ok=True)
    if fresh:
        shutil.rmtree(site, ignore_errors=True)  # it may have pages that no longer exist
    options = ["--all"] if fresh else []
    if sphinx:
        run_sphinx([str(sphinx), "-m", "companion.site.plain", str(site), *options], root, report)
    else:
        jupyter_book(root, *options, report=report)
    complete.write_text(machinery, encoding="utf8")


def machinery_digest(root: Path) -> str:
    """Return the digest of what determines how every page is read: the site's code, its contents, the packages."""
    code = digest.canonical_texts("companion.site.sphinx_ext")
    own = [f"{name}={text}" for name, text in sorted(code.items()) if name.startswith("companion.")]
    parts = [*own, *installed_packages(), (root / "_toc.yml").read_text(encoding="utf8")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def jupyter_book(root: Path, *options: str, report: Report = lambda _line: None) -> None:
    """Let jupyter-book build the pages of the executed chapters; raises RuntimeError with its warnings, if any."""
    run_sphinx([sys.executable, "-c", JUPYTER_BOOK, "build", str(root), *FLAGS, *options], root, report)


def run_sphinx(command: list[str], root: Path, report: Report) -> None:
    """Run a command that prints Sphinx's progress; raises RuntimeError with its warnings if it fails."""
    with tempfile.TemporaryFile("w+", encoding="utf8") as errors:
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=errors, text=True) as process:
            for line in progress(process.stdout or ()):
                report(line)
        if not process.returncode:
            return
        errors.seek(0)
        plain = re.sub(r"\x1b\[[0-9;]*m", "", errors.read())
    complaint = re.compile(r"WARNING|ERROR|^(?!RuntimeError: $)[\w.]*(Error|Exception)\b")
    lines = [line for line in plain.splitlines() if complaint.search(line)]
    raise RuntimeError("the book could not be built:\n" + ("\n".join(lines[:40]) or plain.strip()[-2000:]))


def progress(output: Iterable[str]) -> Iterator[str]:
    """Yield a line for every fifth of each of Sphinx's steps, from what Sphinx prints."""
    shown = ("", -1)
    for line in output:
        if found := STEP.search(line):
            fifth = (found[1], int(found[2]) // 20)
            if fifth != shown:
                shown = fifth
                yield f"Sphinx: {found[1]}, {found[2]} %"


def redirect(site: Path) -> None:
    """Write a page for each address of `REDIRECTS`, which leads to the new one."""
    for old, new in REDIRECTS.items():
        (site / old).write_text(REDIRECT.format(target="../" * old.count("/") + new), encoding="utf8")
