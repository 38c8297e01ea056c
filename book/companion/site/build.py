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
from companion.site.execute import execute
from companion.site.parameters import check

JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
FLAGS = ("-n", "-W", "--keep-going", "-q")  # every dead reference and every warning is an error; all are listed
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
    """Execute all chapters at `scale`, `jobs` at a time, build the site from them and return the page to open."""
    root = require_checkout()
    parameters = {name: check(name, {}, scale) for name in chapters()}
    stop = Event()
    with ThreadPoolExecutor(jobs) as pool:
        running = {
            name: pool.submit(execute, name, given, root / "book/chapters" / f"{name}.ipynb", stop)
            for name, given in parameters.items()
        }
        try:
            for name, done in running.items():
                done.result()
                report(f"executed {name}")
        except BaseException as error:
            stop.set()
            pool.shutdown(cancel_futures=True)
            if isinstance(error, InputError | RuntimeError):
                raise type(error)(f"chapter {name}: {error}") from None
            raise
    jupyter_book(root, "--all")
    site = root / "_build" / "html"
    redirect(site)
    return site / "index.html"


def jupyter_book(root: Path, *options: str) -> None:
    """Let jupyter-book build the pages of the executed chapters; raises RuntimeError with its warnings, if any."""
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(root), *FLAGS, *options]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr)
        complaint = re.compile(r"WARNING|ERROR|^(?!RuntimeError: $)[\w.]*(Error|Exception)\b")
        lines = [line for line in plain.splitlines() if complaint.search(line)]
        raise RuntimeError("the book could not be built:\n" + ("\n".join(lines[:40]) or plain.strip()[-2000:]))


def redirect(site: Path) -> None:
    """Write a page for each address of `REDIRECTS`, which leads to the new one."""
    for old, new in REDIRECTS.items():
        (site / old).write_text(REDIRECT.format(target="../" * old.count("/") + new), encoding="utf8")
