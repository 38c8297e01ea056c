"""Pages for a reader's own parameters: no figure number, verdict or conclusion of the book's own page."""

import re

import pytest
from small_pages import SMALL, page

from companion.chapters import chapters

# Figures and tables of a source that show no digit or class, or all of them, whatever the reader's parameters are.
INDEPENDENT = {
    "background": ["thesis-fig-2.1", "thesis-fig-2.2"],
    "methods": ["thesis-fig-5.1", "thesis-fig-5.2", "thesis-fig-5.3"],
    "tailored-gan": [
        f"tailored-{name}" for name in ("fig-1", "fig-2", "fig-4", "fig-5", "fig-6", "table-1", "table-2")
    ],
    "tailored-mnist": [
        *(f"tailored-fig-{number}" for number in (7, 8, 9, 10, 11, 12, 13, 15, 16)),
        *(f"tailored-table-{number}" for number in (3, 5, 7, 9, 11)),
    ],
    "tailored-cifar": ["tailored-fig-17", *(f"tailored-table-{number}" for number in (4, 6, 8, 10))],
    "gan-review": ["review-fig-1", "review-fig-2", "review-fig-3", "review-fig-4", "review-table-1"],
    "anorand": [f"anorand-fig-{number}" for number in (1, 2, 3, 4, 6, 7)],
}
# Words of conclusions that hold on the book's own page, and not of a search of a few generations.
CONCLUSIONS = {
    "cblof": ["So CBLOF finds", "agreement is good", "thesis-fig-6.18"],
    "deep-svdd": ["The second is not a fault", "In colour there is no", "The thesis very likely shows", "**Here:**"],
    "other-detectors": ["agree on", "is there: the outermost", "The thesis attributes"],
    "autoencoder": ["not to draw better", "threes slightly more so", "hardly move an image"],
    "tailored-gan": ["In the paper the five end", "the digits fall apart"],
    "passing": ["KDE passes by memory"],
    "certificates": ["There are four families"],
}
SOURCES = ("thesis-", "tailored-", "review-", "anorand-")


def ids_and_text(chapter: str, **values) -> tuple[list[str], str]:
    """Return the ids of the figures and tables on a page for a reader's own parameters, and its text."""
    cells = page(chapter, **SMALL.get(chapter, {}) | values)
    ids = [match[1] for cell in cells if (match := re.match(r"```\{provenance\} (\S+)", cell.source))]
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    for cell in cells:
        if cell.cell_type == "code":
            texts += [output.data.get("text/markdown", "") for output in cell.outputs]
            texts += [str(cell.metadata.get("mystnb", {}))]
    return ids, "\n".join(texts)


# The page of `anorand-benchmark` needs more methods than its smallest experiments have.
@pytest.mark.parametrize("chapter", [name for name in chapters() if name != "anorand-benchmark"])
def test_a_readers_page_has_no_number_or_verdict_of_a_source(chapter, capsys):
    """And it executes, prints nothing, and its figures can be drawn."""
    ids, text = ids_and_text(chapter)
    if chapter != "playground":  # without a kernel, IPython prints its HTML
        assert capsys.readouterr() == ("", "")
    assert ids or chapter in ("correlation", "which-detector")  # figures of three and more detectors; tables only
    assert {id_ for id_ in ids if id_.startswith(SOURCES)} - set(INDEPENDENT.get(chapter, [])) == set()
    assert [words for words in CONCLUSIONS.get(chapter, []) if words in text] == []


@pytest.mark.parametrize(
    ("values", "numbers"), [({}, {"6.17", "6.18", "6.19"}), ({"k": 0.5}, {"6.17"}), ({"dataset": "mnist-5k"}, set())]
)
def test_the_comparison_has_the_thesiss_numbers_for_its_own_digit_and_data_only(values, numbers):
    ids, _ = ids_and_text("other-detectors", digit=4, **values)
    assert {id_ for id_ in ids if id_.startswith(SOURCES)} == {f"thesis-fig-{number}" for number in numbers}


def test_the_comparison_takes_a_class_of_the_readers_own():
    own = "pyod.models.hbos:HBOS"
    ids, text = ids_and_text("other-detectors", detectors=[own], detector=own)
    assert ids
    assert "| HBOS |" in text
