"""A figure's box links to lines of code: in the repository, or on source pages of the site."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion.site import sources
from companion.site.build import REDIRECTS, redirect
from companion.site.where import Location

LOCATION = Location("figure", "figs_6_1_6_2", "tests/conftest.py", 3)
CONF = """
extensions = ["myst_nb", "companion.site.sphinx_ext"]
html_math_renderer = "mathml"
nb_execution_mode = "off"
root_doc = "book/index"
suppress_warnings = ["app.add_directive"]
"""
PAGE = """# Page

```{provenance} x-fig-1
:records: none
:command: anogen run toy
```
"""


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that builds a page with the box of a figure, and returns the folder of the site."""
    monkeypatch.setattr(sources, "locate", lambda _id, _records: [LOCATION])
    (tmp_path / "book").mkdir()
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "book" / "index.md").write_text(PAGE)

    def run(builder: str = "html", **settings: Any) -> Path:
        from sphinx.application import Sphinx
        from sphinx.util.docutils import docutils_namespace, patch_docutils

        folder = tmp_path / "out"
        with patch_docutils(str(tmp_path)), docutils_namespace():
            Sphinx(tmp_path, tmp_path, folder, tmp_path / "trees", builder, settings, status=None).build()
        return folder

    return run


def test_without_a_repository_the_link_leads_to_a_source_page(build: Callable[..., Path], root: Path) -> None:
    site = build()
    page = (site / "book" / "index.html").read_text(encoding="utf8")
    assert 'href="../source/tests/conftest.html#L3" title="tests/conftest.py, line 3"><code>figs_6_1_6_2</code>' in page
    source = (site / "source" / "tests" / "conftest.html").read_text(encoding="utf8")
    assert '<a href="../../book/index.html#x-fig-1">x-fig-1</a>' in source
    lines = len((root / "tests" / "conftest.py").read_text(encoding="utf8").splitlines())
    assert all(source.count(f'id="L{number}"') == 1 for number in range(1, lines + 1))
    assert 'class="highlight"' in source


def test_with_a_repository_the_link_leads_there(build: Callable[..., Path]) -> None:
    options = {"repository_url": "https://github.com/a/b/", "repository_branch": "trunk"}
    site = build(html_theme="sphinx_book_theme", html_theme_options=options)
    page = (site / "book" / "index.html").read_text(encoding="utf8")
    assert 'href="https://github.com/a/b/blob/trunk/tests/conftest.py#L3"' in page
    assert not (site / "source").exists()


@pytest.mark.parametrize(("builder", "downloads"), [("singlehtml", True), ("html", False)])
def test_a_page_without_others_names_the_line(build: Callable[..., Path], builder: str, downloads: bool) -> None:
    site = build(builder, anogen_downloads=downloads)
    assert "<code>figs_6_1_6_2</code> (tests/conftest.py, line 3)" in (site / "book" / "index.html").read_text("utf8")
    assert not (site / "source").exists()


def test_old_addresses_redirect(tmp_path: Path) -> None:
    (tmp_path / "book" / "api").mkdir(parents=True)
    redirect(tmp_path)
    for old, new in REDIRECTS.items():
        text = (tmp_path / old).read_text(encoding="utf8")
        target = text.partition("url=")[2].partition('"')[0]
        assert ((tmp_path / old).parent / target).resolve() == (tmp_path / new).resolve()


def test_redirects_lead_to_pages_of_the_contents(root: Path) -> None:
    contents = (root / "_toc.yml").read_text(encoding="utf8")
    for old, new in REDIRECTS.items():
        assert f" {new.removesuffix('.html')}\n" in contents
        assert f" {old.removesuffix('.html')}\n" not in contents


def test_one_line_of_actions_leads_to_code_commands_citations_and_details(
    build: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "book" / "index.md").write_text(PAGE.replace("x-fig-1", "thesis-fig-5.1"))
    page = (build() / "book" / "index.html").read_text(encoding="utf8")
    actions = page.partition('<div class="actions">')[2].partition("</aside>")[0]
    assert re.match(r'<a href="[^"]*#L3" title="[^"]*">code</a>', actions)
    folds = dict(re.findall(r"<details><summary>(\w+)</summary>(.*?)</details>", actions, re.DOTALL))
    assert list(folds) == ["recompute", "cite", "details"]  # a drawing has no data
    assert "<pre" in folds["recompute"] and "anogen run toy" in folds["recompute"]
    source, book = re.findall(r"<pre[^>]*>(.*?)</pre>", folds["cite"])
    assert source.startswith("Ben Ernst (2025). Evaluating Anomaly Detection Algorithms")
    assert source.endswith("Fig. 5.1.")
    assert "anogen" in book and "Version" in book
    assert "nothing was computed" in folds["details"]
