"""Numbers in the sentences of a page come from records: those that are typed are listed here, with the reason."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

import jupytext
import pytest

from companion.chapters import chapter, chapters

# Numbers of two and more characters that a notebook's prose, captions and alternative texts state themselves: values
# of the source, releases and constants of libraries, thresholds that were fixed beforehand, levels of a scale.
STATED = {
    "background": "0.5 0.95 99% 99%",
    "methods": "0.01 0.5 150 150 2024 2026 606",
    "autoencoder": "0.01 16 25 32 500 60%",
    "search-settings": "0.01 0.01 0.5 0.5 1,000 100 100 100 150 4,000 5,000 500 6.1.2",
    "deep-svdd": "0.2 1,000 10 100,000 2.0.0 2.0.1 2.0.3 2.0.3 2024 2024 2025 2026 2026 250,000 3.6.2 3.6.3 3.6.7 "
    "3.6.7 3.6.7 30% 606 90% 95% 95% 95% 95% 95%",
    "dean": "0.2 1,000 1,000 1,000 1,000 1,500 1,500 1,750 100 100 100 100% 15,000 2022 2024 2025 2025 30 "
    "30,000 5,000 50% 50% 60% 85%",
    "other-detectors": "0.5 1,000 3.6.7 30,000 5,000 50 50 50 85% 85% 85%",
    "audit-bench": "300 95% 95% 0.2",
    "tailored-gan": "0.5 1,500 15 15 15 15 15 15 15 3.5 52.5% 60,000 98.27%",
    "tailored-mnist": "0.5 0.5 1,000 1,000 1,000 1,000 10 11 12 14 15 15 15 15 15 15 20 20 32 601 64 "
    "64% 95% 95% 95% 95% 95% 95% 95% 98% 99% 99%",
    "tailored-cifar": "0.02 1,728 10% 128 16 160 192 50% 64 89.75% 90.50% 94.77% 95% 95% 95% 98.52%",
    "trainings": "50 85% 90% 90%",
    "sample-quality": "0.4 0.5 0.9 99.9%",
    "passing": "0.01 0.9",
    "correlation": "5% 95% 95% 95%",
    "theory": "64 784 95%",
    "typical-set": "1,000 1,000 50 784",
    "campaign": "999 5%",
    "thyroid": "5%",
    "cardio": "5%",
}
NUMBER = re.compile(r"(?<![\w.])\d(?:[\d.,]*\d)?%?")
# Formulas, code, references, headings, and names with a number.
NO_PROSE = re.compile(
    r"\$\$[^$]*\$\$|\$[^$]*\$|`[^`]*`|^#+ [^\n]*$|CIFAR-\d+|\(\S+\)$"
    r"|Figs?\.? [\d.A]+(?: (?:and|to) [\d.]+)?|Tables? [\d, ]+(?:and \d+)?",
    re.MULTILINE,
)


def texts(name: str) -> Iterator[str]:
    """Yield the Markdown of a notebook, and the texts in its code without what is inserted into them."""
    for cell in jupytext.read(chapter(name).notebook).cells:
        if cell.cell_type == "markdown":
            yield cell.source
        elif "parameters" not in cell.metadata.get("tags", []):
            nodes = list(ast.walk(ast.parse(cell.source)))
            joined = [node for node in nodes if isinstance(node, ast.JoinedStr)]
            inside = {id(part) for node in joined for part in ast.walk(node)}
            for node in joined:
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
            for node in nodes:
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
                    yield node.value if " " in node.value else ""


def stated_numbers(name: str) -> Counter[str]:
    numbers = (number for text in texts(name) for number in NUMBER.findall(NO_PROSE.sub(" ", text)))
    return Counter(number for number in numbers if len(number) > 1)


CHECKED = [name for name, one in chapters().items() if one.source in ("thesis", "tailored", "beyond")]


@pytest.mark.parametrize("name", CHECKED)
def test_every_typed_number_is_listed(name):
    assert stated_numbers(name) == Counter(STATED.get(name, "").split())
