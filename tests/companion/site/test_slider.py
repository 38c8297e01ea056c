"""Several pictures in one figure: one numbered figure, each picture with its words, a strip without scripts."""

import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from anogen.errors import InputError
from companion.notebook import slider
from companion.site.standalone import page

PNGS = [
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
]
KINDS: dict[str, Any] = {"id": "x", "caption": "Lines.", "alt": "a line"}


@pytest.fixture
def built(tmp_path: Path) -> str:
    """Return the page of a notebook with a figure of two pictures, as `execute` leaves it."""
    image = {"alt": "a line", "classes": "dark-light", "width": "50px"}
    figure = {"figure": {"name": "x-k", "caption": "Lines.\n\nDrawn."}, "image": image}
    outputs = [[new_output("display_data", {"image/png": one})] for one in PNGS]
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# Toy\n\nSee {numref}`x-k`."),
            new_code_cell("a", outputs=outputs[0], metadata={"mystnb": figure, "tags": ["remove-input"]}),
            new_code_cell("b", outputs=outputs[1], metadata={"mystnb": {"image": image}, "tags": ["remove-input"]}),
            new_markdown_cell('```{frames} x-k\n:labels: ["0", "0.5"]\n:name: k\n:start: 1\n```'),
            new_markdown_cell("```{provenance} x-k\n:records: none\n:command: anogen run toy\n```"),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    path = tmp_path / "toy.ipynb"
    nbformat.write(notebook, path)
    return page(path).read_text(encoding="utf8")


def test_all_pictures_stand_in_one_numbered_figure(built: str) -> None:
    (figure,) = re.findall(r"<figure\b.*?</figure>", built, re.DOTALL)
    assert 'id="x-k"' in figure
    assert re.search(r"<figcaption>.*Fig\. 1.*Lines\.", figure, re.DOTALL)
    assert len(re.findall(r'<div class="frames" data-name="k" data-start="1">', figure)) == 1
    parts = re.findall(r'<div class="frame" data-label="([^"]*)">(.*?)</div>', figure, re.DOTALL)
    assert [label for label, _ in parts] == ["0", "0.5"]
    for (label, content), png in zip(parts, PNGS, strict=True):
        assert f'alt="a line (k = {label})"' in content
        assert f"<p>k = {label}</p>" in content  # what the strip says where there is no slider
        assert png in content
        assert "dark-light" in content
    assert built.count("<img") == len(PNGS)


def test_the_page_needs_no_script_for_it(built: str) -> None:
    assert "<script" not in built
    assert "hidden" not in re.sub(r"<style>.*?</style>", "", built, flags=re.DOTALL)
    assert "{frames}" not in built


@pytest.mark.parametrize(
    ("pictures", "labels", "changed", "words"),
    [
        ([Figure()], ["a"], {}, "two or more"),
        ([Figure(), Figure()], ["a"], {}, "2 pictures and 1 labels"),
        ([Figure(), Figure()], ["a", "b"], {"start": 2}, "cannot start with picture 2"),
        ([Figure(), Figure()], ["a", "b"], {"start": -1}, "cannot start with picture -1"),
        ([Figure(), Figure()], ["a", "b"], {"alt": " "}, "say what it shows"),
        ([Figure(), Figure()], ["a", "b"], {"caption": ""}, "say what it shows"),
    ],
)
def test_wrong_input_is_answered_in_one_line(pictures: Any, labels: Any, changed: Any, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        slider(pictures, labels, **{**KINDS, **changed})
    assert "\n" not in str(error.value)


def test_pictures_of_equal_size_stay_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from companion import notebook

    shown: list[tuple[Any, Any]] = []
    monkeypatch.setattr(notebook, "display", lambda data, raw, metadata: shown.append((data["image/png"], metadata)))
    crowded = Figure(figsize=(2, 2))
    crowded.text(0.5, 0.5, "a long text that a tight crop would follow")
    slider([Figure(figsize=(2, 2)), crowded], [1, 2], **KINDS, name="generation")
    assert len({image[16:24] for image, _ in shown}) == 1
    assert shown[0][1]["anogen"]["frames"] == {"labels": ["1", "2"], "name": "generation", "start": 0}
    slider([np.zeros((4, 8)), np.ones((4, 8, 3))], [1, 2], **KINDS)
    width, height = (int.from_bytes(shown[2][0][at : at + 4]) for at in (16, 20))
    assert width == 2 * height
