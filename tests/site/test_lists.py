"""The lists of the site are complete: no erratum, no formula and no public name is missing."""

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest

from companion.claims import equations, inventory

pytestmark = pytest.mark.book

Read = dict[Path, Any]  # pages by their path, see conftest.py


def rows(page: Any) -> dict[str, str]:
    return {row.words().split()[0]: row.words() for row in page.all("tr") if row.words()}


def test_no_erratum_is_missing_and_none_is_untreated(read: Read, site: Path) -> None:
    found = rows(read[site / "book" / "errata.html"])
    for one in inventory.inconsistencies():
        assert one.id in found
        for words in (one.description, one.proposed_handling):
            assert " ".join(words.split()) in found[one.id].replace("’", "'"), one.id
    untreated = {id_ for id_, words in found.items() if "not treated yet" in words}
    assert not untreated


def test_a_treated_erratum_leads_to_where_it_is_named_and_back(read: Read, site: Path) -> None:
    errata = read[site / "book" / "errata.html"]
    leads = {a.attributes["href"] for a in errata.all("a") if "#on-inc-" in a.attributes.get("href", "")}
    assert "chapters/background.html#on-inc-thesis-01" in leads
    chapter = read[site / "book" / "chapters" / "background.html"]
    assert "on-inc-thesis-01" in chapter.ids
    assert "../errata.html#inc-thesis-01" in {a.attributes.get("href") for a in chapter.all("a")}


def test_no_formula_is_missing_and_each_is_shown(read: Read, site: Path) -> None:
    page = read[site / "book" / "notation.html"]
    for one in inventory.equations():
        entry = next(e for e in page.elements if e.attributes.get("id") == f"formula-{one.id.replace('.', '-')}")
        name = equations.IMPLEMENTATIONS[one.id].replace(":", ".")
        assert one.id in entry.words()
        assert name in entry.words()
    links = {a.words() for a in page.all("a") if a.attributes.get("href", "").startswith("../source/")}
    assert {path.replace(":", ".") for path in equations.IMPLEMENTATIONS.values()} <= links
    formulas = len(inventory.equations()) + sum(bool(one.corrected_latex) for one in inventory.equations())
    assert page.html.count('class="formula"') >= formulas


@pytest.mark.parametrize("package", ["datasets", "detectors", "scorers", "generators", "auditing"])
def test_every_public_name_is_documented(read: Read, site: Path, package: str) -> None:
    page = read[site / "book" / "api" / f"{package}.html"]
    module = importlib.import_module(f"anogen.{package}")
    for name in module.__all__:
        if inspect.isclass(item := getattr(module, name)) or inspect.isfunction(item):
            assert f"anogen.{package}.{name}" in page.ids, name
