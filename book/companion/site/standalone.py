"""One executed notebook as one HTML file with everything inside: for a reader's own case, to keep or to send."""

import base64
import mimetypes
import re
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell

from anogen.outputs import write_output
from anogen.paths import require_checkout

REFERENCES = "## References\n\n```{bibliography}\n:filter: docname in docnames\n```"
FROM_BOOK = ("myst_enable_extensions", "nb_", "bibtex_", "numfig")  # settings taken over from `_config.yml`
SETTINGS: dict[str, Any] = {
    "extensions": [
        "myst_nb", "sphinx_design", "sphinx_togglebutton", "sphinxcontrib.bibtex", "companion.site.sphinx_ext",
    ],
    "root_doc": "page",
    "anogen_downloads": False,
    "html_title": "anogen",
    "html_math_renderer": "mathml",
    "html_theme": "basic",
    "html_theme_options": {"nosidebar": "true"},
    "html_permalinks": False,
    "html_show_sphinx": False,
    "html_copy_source": False,
    "smartquotes": False,  # a command has two hyphens, not a dash
    "nitpicky": False,
    "suppress_warnings": ["ref", "myst", "toc", "bibtex"],
}  # fmt: skip
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="generator" content="anogen"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
{style}
</style></head>
<body class="single"><main class="bd-article">{content}</main></body></html>
"""


def page(notebook: Path) -> Path:
    """Write the page of an executed notebook next to it, and return its path; it needs no other file and no network."""
    root = require_checkout()
    with tempfile.TemporaryDirectory(prefix="anogen-page-") as name:
        folder = Path(name)
        content = nbformat.read(notebook, 4)
        content.cells.append(new_markdown_cell(REFERENCES, id="references"))
        nbformat.write(content, folder / "page.ipynb")
        _sphinx(folder, root)
        text = _inlined(folder / "html", root / "book" / "_static")
    return write_output(notebook.with_suffix(".html"), text.encode())


def _sphinx(folder: Path, root: Path) -> None:
    """Build the page silently, since its warnings are about pages that are not there."""
    from jupyter_book.config import get_final_config
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    book, _ = get_final_config(
        user_yaml=root / "_config.yml", cli_config={"latex_individualpages": False}, use_external_toc=False
    )
    settings = {key: value for key, value in book.items() if key.startswith(FROM_BOOK)} | SETTINGS
    settings["bibtex_bibfiles"] = [str(root / "book" / "references.bib")]
    silence = redirect_stdout(StringIO()), redirect_stderr(StringIO())
    with silence[0], silence[1], patch_docutils(str(folder)), docutils_namespace():
        html, trees = folder / "html", folder / "doctrees"
        Sphinx(folder, None, html, trees, "html", settings, status=None, warning=None).build()


def _inlined(folder: Path, static: Path) -> str:
    """Return the page with its images and styles inside; scripts are not needed."""
    text = (folder / "page.html").read_text(encoding="utf8")
    body = re.search(r'<div class="body" role="main">(.*?)<div class="clearer">', text, re.DOTALL)
    title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
    if body is None or title is None:
        raise RuntimeError("the page has no body: the theme has changed")
    content = re.sub(r"<script\b.*?</script>", "", body[1], flags=re.DOTALL)
    content = re.sub(r'(?<=<img )([^>]*?\bsrc=")([^"]+)', lambda m: m[1] + _data(folder / m[2]), content)
    content = re.sub(r'<a class="[^"]*image-reference"[^>]*>(.*?)</a>', r"\1", content, flags=re.DOTALL)
    style = "\n".join((static / name).read_text(encoding="utf8") for name in ("page.css", "anogen.css"))
    return PAGE.format(title=title[1].strip(), style=style, content=content)


def _data(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
