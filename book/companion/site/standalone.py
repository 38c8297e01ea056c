"""One executed notebook as one HTML file with everything inside: for a reader's own case, to keep or to send."""

import base64
import mimetypes
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell

from anogen.paths import require_checkout

NAME = "page"
REFERENCES = """## References

```{bibliography}
:filter: docname in docnames
```"""
EXTENSIONS = ["myst_nb", "sphinx_design", "sphinx_togglebutton", "sphinxcontrib.bibtex", "companion.site.sphinx_ext"]
FROM_BOOK = ("myst_enable_extensions", "nb_", "bibtex_", "numfig")  # settings taken over from `_config.yml`


def page(notebook: Path) -> Path:
    """Write the page of an executed notebook beside it, and return its path.

    The page needs no other file and no network. References to other pages of the book become plain text, since those
    pages are not there.

    Raises
    ------
    InputError
        If there is no checkout, or the page cannot be written.
    """
    target = notebook.with_suffix(".html")
    partial = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    partial.write_text(html(notebook), encoding="utf8")
    return partial.replace(target)


def html(notebook: Path) -> str:
    """Return the page of an executed notebook as one text."""
    root = require_checkout()
    with tempfile.TemporaryDirectory(prefix="anogen-page-") as name:
        folder = Path(name)
        content = nbformat.read(notebook, 4)
        content.cells.append(new_markdown_cell(REFERENCES, id="references"))
        nbformat.write(content, folder / f"{NAME}.ipynb")
        _sphinx(folder, _settings(root))
        made = folder / "html" / f"{NAME}.html"
        style = (root / "book" / "_static" / "page.css", root / "book" / "_static" / "anogen.css")
        return _inlined(made.read_text(encoding="utf8"), made.parent, [one.read_text(encoding="utf8") for one in style])


def _settings(root: Path) -> dict[str, Any]:
    """Return the Sphinx settings: the book's own, as far as they concern the content of a page."""
    from jupyter_book.config import get_final_config

    book, _ = get_final_config(
        user_yaml=root / "_config.yml", cli_config={"latex_individualpages": False}, use_external_toc=False
    )
    return {key: value for key, value in book.items() if key.startswith(FROM_BOOK)} | {
        "extensions": EXTENSIONS,
        "root_doc": NAME,
        "html_title": "anogen",
        "bibtex_bibfiles": [str(root / "book" / "references.bib")],
        "anogen_downloads": False,
        "html_math_renderer": "mathml",
        "html_theme": "basic",
        "html_theme_options": {"nosidebar": "true"},
        "html_permalinks": False,
        "smartquotes": False,  # a command has two hyphens, not a dash
        "html_show_sphinx": False,
        "html_copy_source": False,
        "nitpicky": False,
        "suppress_warnings": ["ref", "myst", "toc", "bibtex"],
    }


def _sphinx(folder: Path, settings: dict[str, Any]) -> None:
    """Build the page; what Sphinx has to say about pages that are not there is of no use to the reader."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    with _silence(), patch_docutils(str(folder)), docutils_namespace():
        Sphinx(
            srcdir=folder,
            confdir=None,
            outdir=folder / "html",
            doctreedir=folder / "doctrees",
            buildername="html",
            confoverrides=settings,
            status=None,
            warning=None,
        ).build()


@contextmanager
def _silence() -> Iterator[None]:
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        yield


def _inlined(text: str, folder: Path, styles: list[str]) -> str:
    """Return the page with its images inside and these styles instead of links to files; scripts are not needed."""
    body = re.search(r'<div class="body" role="main">(.*?)<div class="clearer">', text, re.DOTALL)
    title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
    if body is None or title is None:
        raise RuntimeError("the page has no body: the theme has changed")
    content = re.sub(r"<script\b.*?</script>", "", body[1], flags=re.DOTALL)
    content = re.sub(r'(<img\b[^>]*?\bsrc=")([^"]+)(")', lambda m: m[1] + _data(folder / m[2]) + m[3], content)
    content = re.sub(r'<a class="[^"]*image-reference"[^>]*>(.*?)</a>', r"\1", content, flags=re.DOTALL)
    style = "\n".join(styles)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title[1].strip()}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>\n{style}\n</style></head>\n'
        f'<body class="single"><main class="bd-article">{content}</main></body></html>\n'
    )


def _data(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
