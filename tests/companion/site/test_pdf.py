"""The book is printed by a browser, or what is missing is told in one line."""

from pathlib import Path

import pytest

from anogen.errors import InputError
from companion.site import pdf as room


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "book" / "chapters").mkdir(parents=True)
    (tmp_path / "_build").mkdir()
    (tmp_path / "book" / "chapters" / "toy.ipynb").write_text("{}")
    return tmp_path


def test_without_executed_chapters_there_is_nothing_to_print(root: Path) -> None:
    (root / "book" / "chapters" / "toy.ipynb").unlink()
    with pytest.raises(InputError, match="run `anogen build` first"):
        room.pdf(root)


def test_without_a_browser_its_name_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="install Chromium or Chrome"):
        room.pdf(root)


@pytest.mark.browser
@pytest.mark.slow
def test_a_page_is_printed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        room.browser()
    except InputError as error:
        pytest.skip(str(error))
    page = root / "page.html"
    page.write_text("<!DOCTYPE html><html><body><h1>One</h1><p style='break-before: page'>Two</p></body></html>")
    monkeypatch.setattr(room, "one_page", lambda _root: page)
    printed = room.pdf(root)
    assert printed == root / "_build" / "anogen.pdf"
    content = printed.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") == 2 or b"/Count 2" in content


def test_a_browser_that_prints_nothing_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "one_page", lambda _root: root / "page.html")
    monkeypatch.setattr(room, "browser", lambda: "true")
    with pytest.raises(RuntimeError, match="could not print"):
        room.pdf(root)
