"""The book as a PDF, without TeX: all pages in one, printed by a browser (`python -m companion.site.pdf`)."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from anogen.errors import InputError
from anogen.paths import require_checkout
from companion.site.build import jupyter_book

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PRINT = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-sync", "--no-pdf-header-footer", "--generate-pdf-document-outline",
    "--virtual-time-budget=30000", "--timeout=120000",
)  # fmt: skip


def pdf(root: Path) -> Path:
    """Print the executed chapters and the other pages, and return the file."""
    if not list((root / "book" / "chapters").glob("*.ipynb")):
        raise InputError("there are no executed chapters to print: run `anogen build` first")
    chromium = browser()
    target = root / "_build" / "anogen.pdf"
    page = one_page(root)
    with tempfile.TemporaryDirectory(prefix="anogen-pdf-", ignore_cleanup_errors=True) as profile:
        command = [chromium, *PRINT, f"--user-data-dir={profile}", f"--print-to-pdf={target}", page.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode or not target.is_file():
        raise RuntimeError(f"the browser could not print the book:\n{done.stderr.strip()[-2000:]}")
    return target


def browser() -> str:
    """Return the path of the browser that prints."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    raise InputError("no browser to print the book with: install Chromium or Chrome")


def one_page(root: Path) -> Path:
    """Let jupyter-book write all pages into one, and move it to the folder that its pictures are relative to."""
    folder = root / "_build" / "singlehtml"
    shutil.rmtree(folder, ignore_errors=True)
    jupyter_book(root, "--builder", "singlehtml")
    return Path(shutil.move(folder / "book" / "index.html", folder / "anogen.html"))


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{pdf(require_checkout())}\n")
    except InputError as error:
        sys.exit(f"anogen: {error}")
