"""After a change Sphinx reads the pages that are affected and writes all of them; without one it does nothing."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from anogen.errors import InputError
from companion.claims.base import Verdict
from companion.records import store
from companion.site import build, incremental, record_info, sources
from companion.site import verdicts as blocks

META = {
    "code": "c0de", "created": "2025-01-01", "detectors": {}, "parameters": {}, "platform": "a machine",
    "scale": "laptop", "seed": 5,
    "seconds": 1.0,
}  # fmt: skip
PAGES = {
    "index": "# Book\n\n```{toctree}\njudged\nplain\nshown\n```\n",
    "judged": "# Judged\n\n```{verdicts} thesis-c-01\n```\n",
    "plain": "# Plain\n\nText.\n",
    "shown": "# Shown\n\n```{provenance} anogen-fig-toy\n:records: toy/a\n:command: anogen run toy\n```\n",
}
SETTINGS = {
    "extensions": ["myst_parser", "companion.site.sphinx_ext"],
    "source_suffix": {".md": "markdown"},  # jupyter-book changes the default of the process
    "html_math_renderer": "mathml",
    "html_theme": "basic",
    "exclude_patterns": ["_build", "records"],
}


class Book(NamedTuple):
    """A small book, and the verdict on the claim that one of its pages shows."""

    root: Path
    verdicts: dict[str, Verdict]

    def build(self) -> tuple[set[str], set[str]]:
        """Return the pages that Sphinx read and those that it wrote."""
        read: list[str] = []
        written: list[str] = []
        source = self.root / "book"
        folders = (source, None, self.root / "_build/html", self.root / "_build/trees")
        with patch_docutils(), docutils_namespace():
            app = Sphinx(*folders, "html", SETTINGS, status=None, warning=None)
            app.connect("env-before-read-docs", lambda _app, _env, pages: read.extend(pages))
            app.connect("doctree-resolved", lambda _app, _tree, page: written.append(page))
            app.build()
        return set(read), set(written)

    def html(self, page: str) -> str:
        return (self.root / f"_build/html/{page}.html").read_text()


@pytest.fixture
def book(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    records = checkout / "book/records"
    (records / "toy").mkdir(parents=True)
    (records / "toy/a.json").write_text(json.dumps(META))
    (records / "toy/a.npz").write_text("")
    shutil.copy(Path(__file__).parents[3] / "CITATION.cff", checkout)
    for name, text in PAGES.items():
        (checkout / f"book/{name}.md").write_text(text)
    monkeypatch.setattr(store, "committed_folder", lambda: records)
    verdicts = {"thesis-c-01": Verdict("thesis-c-01", "reproduced", {"rate": 0.5}, "", "", (), None)}
    for module in (incremental, record_info, blocks):
        monkeypatch.setattr(module, "verdict", verdicts.get)
    for module in (incremental, build):
        monkeypatch.setattr(module, "require_checkout", lambda: checkout)
    monkeypatch.setattr(sources, "locate", lambda *_arguments: [])
    made = Book(checkout, verdicts)
    assert made.build() == (set(PAGES), set(PAGES))
    return made


def test_nothing_is_read_or_written_without_a_change(book: Book) -> None:
    assert book.build() == (set(), set())


def test_a_changed_text_is_read(book: Book) -> None:
    (book.root / "book/plain.md").write_text("# Plain\n\nAnother text, which is longer.\n")
    assert book.build() == ({"plain"}, set(PAGES))
    assert "Another text" in book.html("plain")
    assert book.build() == (set(), set())


def test_a_changed_verdict_is_read_where_it_is_shown(book: Book) -> None:
    assert "not reproduced" not in book.html("judged")
    (book.root / "notebooks/claims.py").write_text("# another criterion")
    book.verdicts["thesis-c-01"] = replace(book.verdicts["thesis-c-01"], verdict="not reproduced")
    assert book.build() == ({"judged"}, set(PAGES))
    assert "not reproduced" in book.html("judged")


def test_a_changed_record_is_read_where_it_is_shown(book: Book) -> None:
    (book.root / "book/records/toy/a.json").write_text(json.dumps(META | {"seed": 77}))
    assert book.build() == ({"shown"}, set(PAGES))
    assert "seed 77" in book.html("shown")


def test_changed_code_is_not_read_but_all_pages_are_written(book: Book) -> None:
    (book.root / "notebooks/figures.py").write_text("def fig_1(): ...")
    assert book.build() == (set(), set(PAGES))


@pytest.fixture
def calls(book: Book, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Return the options of each call of jupyter-book, which does nothing."""
    made: list[tuple[str, ...]] = []

    def jupyter_book(_root: Path, *options: str, report: Callable[[str], None]) -> None:
        made.append(options)
        (book.root / "_build/.doctrees").mkdir(parents=True, exist_ok=True)
        (book.root / "_build/html/old.html").parent.mkdir(exist_ok=True)
        (book.root / "_build/html/old.html").touch()

    monkeypatch.setattr(build, "jupyter_book", jupyter_book)
    return made


def silent(_line: str) -> None:
    """Report nothing."""


def test_all_pages_are_read_after_a_failure_and_after_a_change_of_the_machinery(
    book: Book, calls: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    works = build.jupyter_book

    def fails(*_arguments: object, **_options: object) -> None:
        raise InputError("a warning")

    build.build_site(book.root, book.root / "_build/html", silent)
    build.build_site(book.root, book.root / "_build/html", silent)
    assert calls == [("--all",), ()]
    assert (book.root / "_build/html/old.html").exists()
    monkeypatch.setattr(build, "jupyter_book", fails)
    with pytest.raises(InputError):
        build.build_site(book.root, book.root / "_build/html", silent)
    monkeypatch.setattr(build, "jupyter_book", works)
    build.build_site(book.root, book.root / "_build/html", silent)
    monkeypatch.setattr(build, "installed_packages", lambda: ["sphinx 1.0"])
    build.build_site(book.root, book.root / "_build/html", silent)
    (book.root / "_toc.yml").write_text((book.root / "_toc.yml").read_text() + "# another page\n")
    build.build_site(book.root, book.root / "_build/html", silent)
    assert calls[2:] == [("--all",)] * 3


def test_the_machinery_is_the_code_of_the_site_and_not_that_of_the_library(book: Book) -> None:
    read = build.digest.canonical_texts("companion.site.sphinx_ext")
    assert {"companion.site.provenance", "companion.claims.base", "companion.records.store"} <= set(read)
    assert build.machinery_digest(book.root) == build.machinery_digest(book.root)


def test_the_progress_of_sphinx_is_reported_in_fifths() -> None:
    steps = [f"reading sources... [{percent:3}%] book/page" for percent in (2, 4, 21, 39, 40, 100)]
    shown = list(build.progress(["Running", *steps, "writing output... [100%] book/page"]))
    assert shown == [
        "Sphinx: reading sources, 2 %",
        "Sphinx: reading sources, 21 %",
        "Sphinx: reading sources, 40 %",
        "Sphinx: reading sources, 100 %",
        "Sphinx: writing output, 100 %",
    ]


def test_only_the_asked_chapters_and_those_that_were_never_executed_are_executed(
    book: Book, calls: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("toy", "other"):
        folder = book.root / "notebooks/own" / name
        folder.mkdir(parents=True)
        (folder / "notebook.py").write_text("# %%\n")
    toc = (book.root / "_toc.yml").read_text()
    (book.root / "_toc.yml").write_text(
        toc.replace("book/chapters/toy", "book/chapters/other\n  - file: book/chapters/toy")
    )
    (book.root / "_build/html/book/api").mkdir(parents=True)
    build.chapters()
    executed: list[str] = []
    lines: list[str] = []

    def update(name: str, _values: object, target: Path, _stop: object) -> bool:
        executed.append(name)
        target.touch()
        return name == "toy"

    monkeypatch.setattr(build, "update", update)
    monkeypatch.setattr(build, "redirect", lambda _site: None)
    assert build.build(report=lines.append) == book.root / "_build/html/index.html"
    assert sorted(executed) == ["other", "toy"]
    assert lines == ["[1/2] unchanged other", "[2/2] executed toy"]
    executed.clear()
    assert build.build(only=["toy"]) == book.root / "_build/html/book/chapters/toy.html"
    assert executed == ["toy"]
    (book.root / "book/chapters/other.ipynb").unlink()
    build.build(only=["toy"])
    assert sorted(executed) == ["other", "toy", "toy"]
    with pytest.raises(InputError, match="did you mean 'toy'"):
        build.build(only=["toys"])
    assert len(calls) == 3
