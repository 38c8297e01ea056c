"""Build the site: execute every chapter, then let jupyter-book write the pages."""

import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from anogen.errors import InputError
from anogen.paths import require_checkout
from companion.chapters import chapters
from companion.site.execute import check, execute
from companion.site.standalone import page

__all__ = ["build", "page", "pages"]

JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
FLAGS = ("-n", "-W", "--keep-going")  # every dead reference and every warning is an error; all are listed
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


def build(scale: str = "laptop", *, jobs: int = 2, report: Callable[[str], None] = lambda _line: None) -> Path:
    """Execute all chapters at `scale` and build the site from them.

    Parameters
    ----------
    scale
        ``quick``, ``laptop`` or ``paper``; ``laptop`` is what the committed records hold.
    jobs
        Number of chapters that are executed at the same time.
    report
        Called with a line whenever a step is done.

    Returns
    -------
    Path
        The page to open.

    Raises
    ------
    InputError
        If the scale is unknown or there is no checkout.
    RuntimeError
        If a chapter fails or a page has a warning.
    """
    root = require_checkout()
    names = chapters()
    given = {name: check(name, {}, scale) for name in names}
    stop = Event()
    with ThreadPoolExecutor(jobs) as pool:
        started = {n: pool.submit(execute, n, given[n], root / "book/chapters" / f"{n}.ipynb", stop) for n in names}
        try:
            for name, done in started.items():
                done.result()
                report(f"executed {name}")
        except BaseException as error:
            stop.set()
            pool.shutdown(cancel_futures=True)
            if isinstance(error, InputError | RuntimeError):
                raise type(error)(f"chapter {name}: {error}") from None
            raise
    return pages(root)


def pages(root: Path) -> Path:
    """Let jupyter-book write the pages of the executed chapters, and return the page to open.

    Raises
    ------
    RuntimeError
        If there was a warning; the message is what jupyter-book said.
    """
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(root), *FLAGS, "--all", "-q"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the site could not be built:\n{complaints(done.stderr)}")
    site = root / "_build" / "html"
    redirect(site)
    return site / "index.html"


def redirect(site: Path) -> None:
    """Write a page for each address of `REDIRECTS`, which leads to the new one."""
    for old, new in REDIRECTS.items():
        (site / old).write_text(REDIRECT.format(target="../" * old.count("/") + new), encoding="utf8")


def complaints(stderr: str) -> str:
    """Return the warnings and errors in what jupyter-book said; of a crash, what went wrong at first."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", stderr)
    lines = [
        line
        for line in plain.splitlines()
        if re.search(r"WARNING|ERROR|^(?!RuntimeError: $)[\w.]*(Error|Exception)\b", line)
    ]
    return "\n".join(lines[:40]) or plain.strip()[-2000:]
