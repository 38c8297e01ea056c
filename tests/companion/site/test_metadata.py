"""Lists of pages for search engines, the footer, the address of a chapter on Binder, the script of the search."""

import json
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docutils import nodes
from sphinx.addnodes import pending_xref

from companion.site import data_page, glance, metadata
from companion.site.pages import plain
from companion.site.search import typical_words


def app(root: Path, site: Path, base: str = "") -> Any:
    config = SimpleNamespace(anogen_downloads=True, html_baseurl=base, html_theme_options={"extra_footer": "Numbers."})
    env = SimpleNamespace(all_docs={"book/scorecard"})
    return SimpleNamespace(builder=SimpleNamespace(name="html"), config=config, env=env, outdir=site, srcdir=root)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for page in ("book/index.html", "book/claims/thesis-c-01.html", "book/api/scoring.html"):
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / page).write_text("")
    return tmp_path


@pytest.mark.parametrize("key", [str, Path])
def test_the_files_of_a_record_are_found_whatever_sphinx_lists_them_by(key: Any, root: Path, site: Path) -> None:
    files = {key(f"book/records/a/b.{kind}"): (set(), f"{kind}/b.{kind}") for kind in ("npz", "json")}
    page: Any = SimpleNamespace(app=app(root, site), env=SimpleNamespace(dlfiles=files))
    record: Any = SimpleNamespace(path=root / "book/records/a/b.npz")
    assert data_page._addresses(page, record) == ["_downloads/npz/b.npz", "_downloads/json/b.json"]


def test_a_site_with_an_address_lists_its_pages(root: Path, site: Path) -> None:
    metadata.write_lists(app(root, site, "https://example.org/anogen/"), None)
    listed = (site / "sitemap.xml").read_text()
    assert "<loc>https://example.org/anogen/book/claims/thesis-c-01.html</loc>" in listed
    assert "book/api/scoring.html" not in listed  # the page has moved
    assert "Sitemap: https://example.org/anogen/sitemap.xml" in (site / "robots.txt").read_text()
    assert 'href="https://example.org/anogen/search.html"' in (site / "404.html").read_text()


def test_a_site_without_an_address_has_no_list_of_pages(root: Path, site: Path) -> None:
    metadata.write_lists(app(root, site), None)
    assert {path.name for path in site.iterdir()} == {"404.html", "book"}
    assert 'href="search.html"' in (site / "404.html").read_text()


@pytest.mark.parametrize(
    ("base", "address"), [("", "../../a.png"), ("https://example.org/", "https://example.org/a.png")]
)
def test_an_address_is_absolute_where_that_of_the_site_is_known(
    root: Path, site: Path, base: str, address: str
) -> None:
    assert metadata.absolute(app(root, site, base), "a.png", "book/chapters/dean") == address


def test_the_footer_offers_feedback_only_with_a_repository(root: Path, site: Path) -> None:
    made = app(root, site)
    metadata.footer(made, made.config)
    assert "MIT licence" in made.config.html_theme_options["extra_footer"]
    assert "Report an error" not in made.config.html_theme_options["extra_footer"]
    made.config.html_theme_options |= {"repository_url": "https://github.com/a/b"}
    metadata.footer(made, made.config)
    assert "https://github.com/a/b/issues/new/choose" in made.config.html_theme_options["extra_footer"]


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("", ""),
        ("https://example.org/a/b", ""),
        ("https://github.com/a/b", "https://mybinder.org/v2/gh/a/b/main?urlpath=lab%2Ftree%2Fnotebooks%2Fthesis%2Fdean%2Fnotebook.py"),
    ],
)  # fmt: skip
def test_a_chapter_opens_on_binder_where_the_repository_is_on_github(repository: str, address: str) -> None:
    options = {"repository_url": repository}
    page: Any = SimpleNamespace(app=SimpleNamespace(config=SimpleNamespace(html_theme_options=options)))
    assert glance.binder(page, "dean") == address


def test_the_command_of_a_chapter_has_its_first_parameter() -> None:
    assert glance.command("dean") == "anogen run dean -p digit=4"
    assert glance.command("methods") == "anogen run methods"


def test_a_reference_to_the_bibliography_becomes_its_author_in_a_sentence() -> None:
    def cited(kind: str) -> pending_xref:
        return pending_xref(
            "", nodes.literal("", "x"), ids=["id1"], refdomain="cite", reftype=kind, reftarget="ernst2025a"
        )

    made = nodes.paragraph("", "", cited("t"), nodes.Text(" asks a question "), cited("p"), nodes.Text("."))
    assert plain(made) == "Ernst asks a question."
    assert len(list(made.findall(pending_xref))) == 2  # the paragraph itself keeps them


def test_a_long_text_ends_at_a_word() -> None:
    assert metadata.shortened("one two three", 9) == "one two…"
    assert metadata.shortened("one two", 9) == "one two"


def test_words_that_are_frequent_on_one_page_are_typical_of_it() -> None:
    found = typical_words({"a": {"search": 9, "image": 9, "once": 1}, "b": {"image": 9}})
    assert found == {"a": ["search"], "b": []}


ENTRIES = [
    ["figure", "Thesis Fig. 6.14", "Seven ensembles", "DEAN", "dean.html#thesis-fig-6-14", "thesis-fig-6.14"],
    ["figure", "Review Fig. 6", "Two autoencoders", "GAN", "gan.html#review-fig-6", "review-fig-6"],
    ["statement", "thesis-c-06", "Autoencoders of figure 6 draw digits.", "reproduced", "claims/thesis-c-06.html", ""],
    ["chapter", "3", "Autoencoder on MNIST", "How it draws.", "autoencoder.html", "latent"],
    ["reference", "", "Autoencoder", "A class.", "api.html", ""],
]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Fig. 6.14", 0), ("6.14", 0), ("thesis 6.14", 0), ("thesis-fig-6.14", 0), ("fig 6", 1), ("review 6", 1),
        ("thesis-c-06", 2),
        ("autoencoder", 3), ("autoencodr", 3), ("autoenocder", 3), ("AUTOENCODERS", 3), ("latent", 3),
    ],
)  # fmt: skip
def test_the_search_ranks(root: Path, query: str, first: int) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    code = "const [s, q, e] = process.argv.slice(1); console.log(require(s).find(q, JSON.parse(e))[0])"
    command = [node, "-e", code, str(root / "book/_static/search.js"), query, json.dumps(ENTRIES)]
    assert int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) == first
