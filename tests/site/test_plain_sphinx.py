"""Plain Sphinx writes the text that jupyter-book writes; runs where `make book SPHINX=latest` built its site, too."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.book

# Pages on which Sphinx itself writes text: signatures, and the lists and forms of the theme.
WRITTEN_BY_SPHINX = ("book/api", "genindex.html", "py-modindex.html", "search.html")


def test_both_sites_have_the_same_pages_and_the_same_text(site: Path, read: dict[Path, Any], root: Path) -> None:
    other = root / "_build" / "sphinx" / "html"
    if not (other / "index.html").is_file():
        pytest.skip("there is no site of `make book SPHINX=latest`")
    differing = []
    for path, page in read.items():
        name = path.relative_to(site).as_posix()
        if not name.startswith(WRITTEN_BY_SPHINX):
            same = (other / name).is_file() and article(type(page)(other / name)) == article(page)
            differing += [] if same else [name]
    assert differing == []


def article(page: Any) -> str:
    """Return the text of a page's article, or of the whole page that has none."""
    texts = [element.words() for element in page.elements if element.tag == "article"]
    return " ".join(texts or [page.prose])
