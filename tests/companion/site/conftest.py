"""A small checkout of its own, so that these tests need neither the book's chapters nor its records."""

from collections.abc import Callable
from pathlib import Path

import pytest

from anogen import paths

HEADER = """# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---
"""
TOC = """format: jb-book
root: book/index
parts:
- chapters:
  - file: book/chapters/toy
- chapters:
  - file: book/cite
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the root of an empty book."""
    root = tmp_path / "clone"
    for folder in ("notebooks", "book/chapters", "book/_static"):
        (root / folder).mkdir(parents=True)
    (root / "_toc.yml").write_text(TOC)
    monkeypatch.setattr(paths, "checkout", lambda: root)
    return root


@pytest.fixture
def notebook(checkout: Path) -> Callable[..., Path]:
    """Return a function that writes the text notebook of a chapter from its cells."""

    def write(*cells: str, name: str = "toy") -> Path:
        path = checkout / "notebooks" / "own" / name / "notebook.py"
        path.parent.mkdir(parents=True)
        path.write_text(HEADER + "".join(f"\n# %%{cell}\n" for cell in cells))
        return path

    return write
