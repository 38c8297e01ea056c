"""Numbers that sentences insert by name, and the box at the head of a chapter."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from anogen.errors import InputError
from companion.chapters import chapters
from companion.site.postprocess import BOOK_ONLY, finish


def published(sentence: str, *named: dict[str, str], tags: tuple[str, ...] = (), changed: dict | None = None):
    """Return the cells of a page with one sentence, and the numbers that code names after it."""
    outputs = [new_output("display_data", {"text/plain": ""}, metadata={"anogen": {"numbers": n}}) for n in named]
    cells = [new_markdown_cell(sentence, metadata={"tags": list(tags)}), new_code_cell("glue(...)", outputs=outputs)]
    return finish(new_notebook(cells=cells), "dean", "anogen run dean", changed or {}).cells


def test_a_sentence_inserts_numbers_also_of_cells_below():
    sentence, code = published("AUC {glue}`auc`, of {glue}`n` and {glue}`n`", {"auc": "0.93"}, {"n": "7"})
    assert sentence.source == "AUC 0.93, of 7 and 7"
    assert code.outputs == []


@pytest.mark.parametrize(
    ("sentence", "named", "message"),
    [
        ("{glue}`auc`", [], "only used or only given: auc"),
        ("no number", [{"auc": "0.93"}], "only used or only given: auc"),
        ("{glue}`auc`", [{"auc": "0.93"}, {"auc": "0.94"}], "given twice: auc"),
    ],
)
def test_a_name_is_given_once_and_used(sentence, named, message):
    with pytest.raises(InputError, match=message):
        published(sentence, *named)


def test_a_sentence_of_the_book_alone_may_be_the_only_one_that_uses_a_number():
    (code,) = published("{glue}`auc`", {"auc": "0.93"}, tags=(BOOK_ONLY,), changed={"digit": 3})
    assert code.cell_type == "code"


def test_a_page_whose_records_are_missing_has_a_dash_for_their_numbers():
    note = new_output("display_data", {"text/markdown": "missing"}, metadata={"anogen-missing": True})
    cells = [new_markdown_cell("{glue}`auc`"), new_code_cell("load_records(...)", outputs=[note])]
    assert finish(new_notebook(cells=cells), "dean", "anogen run dean", {}).cells[0].source == "–"


def test_a_number_begins_no_element():
    (sentence, _) = published("{glue}`label`, {glue}`p`", {"label": "<b>4</b>", "p": "p < 0.01"})
    assert sentence.source == "&lt;b>4&lt;/b>, p < 0.01"


@pytest.mark.parametrize("chapter", [c for c in chapters().values() if "{glance}" in c.notebook.read_text("utf8")])
def test_the_box_of_a_chapter_counts_its_own_verdicts(chapter):
    assert re.findall(r"\{glance\} (\S+)", chapter.notebook.read_text("utf8")) == [chapter.name]
