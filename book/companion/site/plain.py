"""Build the site with Sphinx itself instead of jupyter-book, from the same `_config.yml` and `_toc.yml`.

`PYTHON -m companion.site.plain OUTPUT`, where PYTHON belongs to an environment with a current Sphinx, such as that of
`make book SPHINX=latest`. jupyter-book 1 needs Sphinx 7. It translates keys of `_config.yml`, as `settings` does here.
"""

import sys
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from anogen.paths import require_checkout

# jupyter-book loads the same ones, and others that this book does not use: comments, Thebe, LaTeX.
EXTENSIONS = [
    "sphinx_togglebutton", "sphinx_copybutton", "myst_nb", "sphinx_external_toc", "sphinx_design", "sphinx_book_theme",
    "sphinxcontrib.bibtex", "sphinx_multitoc_numbering",
]  # fmt: skip


def settings(root: Path) -> dict[str, Any]:
    """Return Sphinx's settings for the book below `root`."""
    stated = yaml.safe_load((root / "_config.yml").read_text(encoding="utf8"))
    repository, html, sphinx = stated["repository"], stated["html"], stated["sphinx"]
    own = sphinx["config"]
    theme = {
        "extra_footer": html["extra_footer"],
        "home_page_in_toc": True,
        "repository_branch": repository["branch"],
        "repository_url": repository["url"],
        "search_bar_text": "Search this book...",
        **own["html_theme_options"],
    }
    return {
        "author": stated["author"],
        "bibtex_bibfiles": stated["bibtex_bibfiles"],
        "copyright": stated["copyright"],
        "exclude_patterns": ["_build", *stated["exclude_patterns"]],
        "extensions": [*EXTENSIONS, *sphinx["extra_extensions"]],
        "external_toc_exclude_missing": stated["only_build_toc_files"],
        "external_toc_path": str(root / "_toc.yml"),
        "html_baseurl": html["baseurl"],
        "html_favicon": html["favicon"],
        "html_sourcelink_suffix": "",
        "html_theme": "sphinx_book_theme",
        "html_title": stated["title"],
        "myst_enable_extensions": stated["parse"]["myst_enable_extensions"],
        "myst_url_schemes": ["mailto", "http", "https"],
        "nb_execution_mode": stated["execute"]["execute_notebooks"],
        "nitpicky": True,
        "numfig": True,
        "pygments_style": "sphinx",
        "suppress_warnings": ["myst.domains"],
        **own,
        "html_theme_options": theme,
    }


def build(root: Path, output: Path, *, fresh: bool) -> int:
    """Build the site in the folder `output`, and return Sphinx's exit status: 1 if there are warnings."""
    with patch_docutils(), docutils_namespace():
        folders = (root, None, output, output.parent / ".doctrees")
        app = Sphinx(*folders, "html", settings(root), warningiserror=True, keep_going=True, freshenv=fresh)
        app.build()
        return app.statuscode


if __name__ == "__main__":
    sys.exit(build(require_checkout(), Path(sys.argv[1]).absolute(), fresh="--all" in sys.argv))
