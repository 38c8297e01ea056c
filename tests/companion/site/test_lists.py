"""The reference of the package survives any docstring; the errata know what they are about."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.claims import inventory
from companion.site.api import escaped, modules, offered
from companion.site.errata import concerned, in_code


def rendered(text: str) -> tuple[str, list[str]]:
    """Return the plain text of reStructuredText, and the parts of it that are code; warnings are errors."""
    from docutils import nodes
    from docutils.core import publish_doctree

    settings: dict[str, Any] = {"halt_level": 2, "report_level": 2, "warning_stream": False}
    tree = publish_doctree(text, settings_overrides=settings)
    return tree.astext(), [one.astext() for one in tree.findall(nodes.literal)]


@pytest.mark.parametrize(
    ("docstring", "text", "code"),
    [
        ("Return `scores`, (n,).", "Return scores, (n,).", ["scores"]),
        ("Yields a `Slice`s, and ``x_``.", "Yields a Slices, and x_.", ["Slice", "x_"]),
        ("Takes *args and **options; |x| and network_.", "Takes *args and **options; |x| and network_.", []),
        ("One ` alone.", "One ` alone.", []),
        ('``{"a": [1,\n2]}``', '{"a": [1,\n2]}', ['{"a": [1,\n2]}']),
    ],
)
def test_only_names_in_backticks_are_markup(docstring: str, text: str, code: list[str]) -> None:
    found, literals = rendered(escaped(docstring))
    assert found.replace(" \n", "\n") == text or found.split() == text.split()
    assert [one.split() for one in literals] == [one.split() for one in code]


@given(st.lists(st.sampled_from(["a", " ", "*", "|", "_", "`b`", "``c``", "(", ")", ".", "x_", "`"])).map("".join))
def test_no_docstring_breaks_the_site(line: str) -> None:
    rendered("Text: " + escaped("z" + line.strip() + "z"))


def test_an_untyped_result_is_not_read_as_a_type() -> None:
    untyped = "Find.\n\nReturns\n-------\nThe state, and\nthe scores.\n\nRaises\n------\nInputError\n    Always.\n"
    assert "Gives\n-----\nThe state, and\nthe scores.\n\nRaises" in escaped(untyped)
    typed = "Find.\n\nReturns\n-------\nfloat\n    The score.\n"
    assert escaped(typed) == typed


def test_a_package_lists_its_public_modules_and_what_it_offers() -> None:
    assert {"companion.records", "companion.records.store", "companion.records.compute"} <= set(
        modules("companion.records")
    )
    assert "companion.records.store.Record" in set(offered("companion.records"))
    assert list(modules("anogen.errors")) == ["anogen.errors"]


@pytest.mark.parametrize(
    ("id_", "about"),
    [
        ("inc-thesis-01", ["thesis-eq-2.2"]),
        ("inc-thesis-09", ["thesis-fig-6.17"]),
        ("inc-anorand-08", ["anorand-eq-6", "anorand-eq-7", "anorand-eq-8"]),
        ("inc-tailored-04", ["tailored-eq-5", "tailored-eq-9"]),
        ("inc-tailored-10", ["tailored-table-11", "tailored-table-5"]),
        ("inc-tailored-01", ["tailored-eq-1"]),
        ("inc-thesis-02", []),
    ],
)
def test_an_inconsistency_leads_to_what_it_is_about(id_: str, about: list[str]) -> None:
    one = inventory.by_id(id_)
    assert isinstance(one, inventory.Inconsistency)
    assert concerned(one) == about


def test_modules_name_only_inconsistencies_that_exist() -> None:
    assert in_code().keys() <= {one.id for one in inventory.inconsistencies()}
