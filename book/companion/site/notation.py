"""The list of all formulas of the sources, each with the function that implements it."""

from collections.abc import Iterator

from docutils import nodes

from companion.claims import inventory
from companion.site import record_info as facts
from companion.site.errata import ERRATA, concerned
from companion.site.html_nodes import counts, element, tag
from companion.site.html_nodes import facts as described
from companion.site.pages import Page, each, fills, placeholder, section
from companion.site.provenance import overview
from companion.site.sources import link
from companion.site.where import locate

Formulas = placeholder("formulas", "Write ``{formulas}`` for all formulas of the sources.")


@fills("formulas")
def formulas(page: Page, _place: overview) -> Iterator[nodes.Node]:
    """Yield how many there are and, for each source, its formulas."""
    every = inventory.equations()
    yield counts(("formulas", len(every), None), ("corrected", sum(bool(one.corrected_latex) for one in every), None))
    for source in facts.NAMES:
        shown = [_formula(page, one) for one in every if one.source == source]
        yield section(f"formulas-{source}", inventory.source(source)["title"], *shown)


def _formula(page: Page, one: inventory.Equation) -> element:
    """Return a formula with what is known about it."""
    number = f"Eq. {one.number}" if one.number else "unnumbered"
    head = tag("p", tag("strong", one.meaning[:1].upper() + one.meaning[1:]), f" ({number}) ", tag("code", one.id))
    rows: list[tuple[str, list[nodes.Node | str]]] = [
        ("corrected", [_math(one.corrected_latex)] if one.corrected_latex else []),
        ("note", [one.note] if one.note else []),
        ("wrong or unclear", list(_errata(page, one))),
        ("in the code", [link(page, location, one.id, f"formula-{one.id}") for location in locate(one.id)]),
        ("in the book", list(_chapter(page, one))),
    ]
    return tag(
        "div", head, _math(one.latex), described(rows), class_="formula-entry", id=f"formula-{nodes.make_id(one.id)}"
    )


def _math(latex: str) -> nodes.math_block:
    return nodes.math_block(latex, latex, nowrap=False, number=None, label=None)


def _errata(page: Page, one: inventory.Equation) -> Iterator[nodes.Node | str]:
    """Yield links to what is known to be wrong with a formula."""
    found = [other.id for other in inventory.inconsistencies() if one.id in concerned(other)]
    if page.has(ERRATA):
        yield from each(page.link(ERRATA, id_, id_) for id_ in found)


def _chapter(page: Page, one: inventory.Equation) -> Iterator[nodes.Node | str]:
    """Yield a link to the numbered equation where a chapter writes it out."""
    label = page.env.get_domain("math").data["objects"].get(one.id)
    if label:
        yield page.link(label[0], f"equation-{one.id}", page.title(label[0]))
