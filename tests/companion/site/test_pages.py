"""Formulas, the page that stands alone, and what the built site is said to hold."""

import json
from pathlib import Path

import nbformat
import pytest
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from anogen.errors import InputError
from companion.notebook import figure
from companion.site.sphinx_ext import mathml
from companion.site.standalone import page
from companion.site.status import built_figures

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.mark.parametrize(
    ("latex", "part"),
    [
        (r"\frac{1}{n}", "<mfrac>"),
        (r"\begin{align} a &= b \\ c &= d \end{align}", "<mtable"),
        (r"a &= b \\ c &= d", "<mtable"),
        (r"\nabla_x s(x) \in \R", "ℝ"),
    ],
)
def test_a_formula_becomes_mathml(latex: str, part: str) -> None:
    made = mathml(latex, display=True)
    assert made.startswith('<math display="block">')
    assert part in made
    assert "\\" not in made


def test_numbers_of_equations_are_left_to_the_page() -> None:
    assert "(1)" not in mathml(r"\begin{align} a &= b \end{align}", display=True)


@pytest.mark.parametrize(("caption", "alt"), [("", "a line"), ("A line.", "  ")])
def test_a_figure_needs_a_caption_and_an_alternative_text(caption: str, alt: str) -> None:
    with pytest.raises(InputError, match="say what it shows"):
        figure(Figure(), id="x", caption=caption, alt=alt)


def site(folder: Path, image: str, provenance: str) -> Path:
    (folder / "book").mkdir(parents=True)
    (folder / "book" / "a b.png").write_bytes(b"")
    (folder / "book" / "page.html").write_text(f"<html><body>{image}{provenance}</body></html>")
    return folder


FIGURE = '<figure id="thesis-fig-6-1"><img alt="a line" src="a%20b.png"/><figcaption>Fig. 1</figcaption></figure>'
PROVENANCE = '<aside data-figure="thesis-fig-6.1" data-records="toy/a toy/b" data-scale="laptop"></aside>'


def test_a_figure_with_image_and_provenance_counts(tmp_path: Path) -> None:
    found = built_figures(site(tmp_path, FIGURE, PROVENANCE))
    assert found == {"thesis-fig-6.1": ("book/page.html", ("toy/a", "toy/b"), "laptop")}


def test_a_drawing_counts_without_a_record(tmp_path: Path) -> None:
    drawn = '<aside data-figure="thesis-fig-6.1" data-records="" data-scale=""></aside>'
    assert built_figures(site(tmp_path, FIGURE, drawn))["thesis-fig-6.1"] == ("book/page.html", (), None)


TABLE = '<table id="review-table-1"><tr><td>1</td></tr></table>'


def test_a_table_counts_with_its_provenance_alone(tmp_path: Path) -> None:
    said = '<aside data-figure="review-table-1" data-records="toy/a" data-scale="laptop"></aside>'
    found = built_figures(site(tmp_path / "one", TABLE, said))
    assert found == {"review-table-1": ("book/page.html", ("toy/a",), "laptop")}
    assert built_figures(site(tmp_path / "two", TABLE, "")) == {}
    assert built_figures(site(tmp_path / "three", TABLE.replace("table-1", "table-2"), said)) == {}


@pytest.mark.parametrize(
    ("figure", "provenance"),
    [
        (FIGURE, ""),
        ("", PROVENANCE),
        (FIGURE.replace("a%20b", "missing"), PROVENANCE),
        (FIGURE.replace('alt="a line"', 'alt=""'), PROVENANCE),
        (FIGURE.replace("6-1", "6-2"), PROVENANCE),
        ('<figure id="thesis-fig-6-1"></figure><img alt="a line" src="a%20b.png"/>', PROVENANCE),
    ],
)
def test_anything_less_does_not_count(tmp_path: Path, figure: str, provenance: str) -> None:
    assert built_figures(site(tmp_path, figure, provenance)) == {}


def test_a_site_that_is_not_there_has_no_figures(tmp_path: Path) -> None:
    assert built_figures(tmp_path / "none") == {}


@pytest.fixture
def executed(tmp_path: Path) -> Path:
    """Return an executed notebook as `execute` leaves it."""
    shown = {"figure": {"name": "x-line", "caption": "A line.\n\nDrawn."}, "image": {"alt": "a line", "width": "50px"}}
    output = new_output("display_data", {"image/png": PNG})
    notebook = new_notebook(
        cells=[
            new_markdown_cell(
                "# Toy\n\n{cite:t}`ernst2025evaluating` says $a^2$, see {eq}`toy`, {numref}`x-line`, "
                "{doc}`../figures`, {numref}`thesis-fig-9.9` and {ref}`elsewhere`.\n\n$$ b $$ (toy)"
            ),
            new_code_cell("print(1)", outputs=[output], metadata={"mystnb": shown, "tags": ["hide-input"]}),
            new_markdown_cell("```{provenance} x-line\n:records: none\n:command: anogen run toy\n```"),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    path = tmp_path / "toy.ipynb"
    nbformat.write(notebook, path)
    return path


def test_a_page_stands_alone(executed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = json.loads(executed.read_text())
    made = page(executed)
    assert made == executed.with_suffix(".html")
    text = made.read_text()
    assert f'src="data:image/png;base64,{PNG}"' in text
    assert "<script" not in text
    assert "<link" not in text
    assert "url(" not in text
    assert "<math" in text
    assert "Ernst" in text
    assert "Evaluating anomaly detection algorithms" in text  # the reference itself is on the page
    assert "<title>Toy &#8212; anogen</title>" in text
    assert "the thesis, Fig. 9.9" in text  # it stands on a page that is not here
    assert "Fig. 1" in text
    assert "(1)" in text
    assert 'class="system-message' not in text
    assert json.loads(executed.read_text()) == before
    assert sorted(path.name for path in executed.parent.iterdir()) == ["toy.html", "toy.ipynb"]
    said = capfd.readouterr()
    assert said.out + said.err == ""
