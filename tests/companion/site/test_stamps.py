"""A chapter is executed again exactly if something that it was made from has changed."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion.site import stamps
from companion.site.parameters import check

CELLS = (
    ' tags=["parameters"]\ndigit = 3',
    """
import os
from pathlib import Path
import toy_figures
from companion.chapters import chapter_experiments
from companion.records import store
for experiment in chapter_experiments("background", "paper", points=401).values():
    store.find_committed(experiment)
print(toy_figures.draw(), Path("book/records/toy.npz").read_text(), os.environ.get("ANOGEN_DATA"))""",
)
FIGURES = '"""Figures."""\n\n\ndef draw():\n    """Draw."""\n    return 1  # one\n'


class Executed(Exception):
    """The chapter would have been executed."""


@pytest.fixture
def made(checkout: Path, notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the root of a book whose chapter has just been executed by a kernel; another execution is an exception."""
    notebook(*CELLS)
    (checkout / "toy_figures.py").write_text(FIGURES)
    (checkout / "book/records").mkdir()
    (checkout / "book/records/toy.npz").write_text("arrays")
    target = checkout / "book/chapters/toy.ipynb"
    assert stamps.update("toy", check("toy", {}), target)
    assert "1 arrays" in target.read_text()

    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise Executed

    monkeypatch.setattr(stamps, "execute", refuse)
    return checkout


def is_current(root: Path, **values: object) -> bool:
    try:
        return not stamps.update("toy", check("toy", values), root / "book/chapters/toy.ipynb")
    except Executed:
        return False


@pytest.mark.slow
def test_a_change_of_what_a_chapter_is_made_from_executes_it(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_current(made)
    text = (made / "notebooks/own/toy/notebook.py").read_text()
    changes = {
        "notebooks/own/toy/notebook.py": text + "# a sentence\n",
        "toy_figures.py": FIGURES.replace("return 1", "return 2"),
        "book/records/toy.npz": "others",
        "book/chapters/toy.ipynb": "edited by hand",
    }
    for name, changed in changes.items():
        before = (made / name).read_text()
        (made / name).write_text(changed)
        assert not is_current(made), name
        (made / name).write_text(before)
        assert is_current(made), name
    (made / "book/records/toy.npz").rename(made / "elsewhere")
    assert not is_current(made)
    (made / "elsewhere").rename(made / "book/records/toy.npz")
    assert not is_current(made, digit=4)
    with monkeypatch.context() as patch:
        patch.setattr(stamps, "installed_packages", lambda: ["numpy 1.0"])
        assert not is_current(made)
    monkeypatch.setenv("ANOGEN_DATA", str(made))
    assert not is_current(made)


@pytest.mark.slow
def test_comments_docstrings_times_and_other_files_execute_nothing(made: Path) -> None:
    (made / "toy_figures.py").write_text('"""Pictures."""\ndef draw():\n    return 1\n')
    (made / "book/records/another.npz").write_text("")
    (made / "notebooks/own/other.py").write_text("")
    os.utime(made / "book/records/toy.npz", (1, 1))
    assert is_current(made)


@pytest.mark.slow
def test_a_record_that_was_looked_up_and_missing_executes_the_chapter_once_it_exists(made: Path) -> None:
    stamp = made / "_build/executed/toy.json"
    written = json.loads(stamp.read_text())
    missing = [name for name, known in written["inputs"].items() if known == "missing"]
    assert missing and all("/book/records/" in name for name in missing)
    assert is_current(made)
    written["inputs"][missing[0]] = "the digest of a record"
    stamp.write_text(json.dumps(written))
    assert not is_current(made)


def test_a_file_that_is_edited_during_the_execution_leaves_no_stamp(
    checkout: Path, notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = checkout / "read.txt"
    read.write_text("now")
    notebook(' tags=["parameters"]\ndigit = 3')
    target = checkout / "book/chapters/toy.ipynb"

    def execute(*_arguments: Any, inputs: Path, **_options: Any) -> None:
        inputs.write_text(f"{stamps.kernel.state(str(read))} {read}\n")
        target.write_text("done")
        read.write_text("edited")

    monkeypatch.setattr(stamps, "execute", execute)
    assert stamps.update("toy", check("toy", {}), target)
    assert stamps.update("toy", check("toy", {}), target)
