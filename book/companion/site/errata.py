"""Two lists: what is wrong or unclear in the sources, and their formulas, each with where this book deals with it.

Nothing about the treatment is typed: a page or a module that deals with an inconsistency names its id, and is found.
"""

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx

from companion.claims import equations, inventory
from companion.site.html_nodes import Content, counts, element, facts, joined, section, table, tag
from companion.site.pages import Page, fills, noted, placeholder
from companion.site.record_info import NAMES
from companion.site.sources import link
from companion.site.where import locate, mentions

ERRATA = "book/errata"
NOTATION = "book/notation"
HEADS = ("id", "where", "what is wrong or unclear", "what this book does", "dealt with in", "weight")
PLACE = re.compile(r"(Fig|Table|Eq)s?\.?\s+(\d+(?:\.\d+)?)(?:(-| and |, )(\d+(?:\.\d+)?))?")
ID = re.compile(r"inc-[a-z]+-\d\d")


def concerned(one: inventory.Inconsistency) -> list[str]:
    """Return the ids of the figures, tables and formulas that the stated location names."""
    found: list[str] = []
    for word, first, joint, last in PLACE.findall(one.location):
        numbers = [first, last] if last else [first]
        if joint == "-" and first.isdigit() and last.isdigit():
            numbers = [str(number) for number in range(int(first), int(last) + 1)]
        found += [f"{one.source}-{word.lower()}-{number}" for number in numbers]
    known = {entry.id for read in (inventory.figures, inventory.tables, inventory.equations) for entry in read()}
    return [id_ for id_ in dict.fromkeys(found) if id_ in known]


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Note which inconsistencies a page names in code; each name becomes a link to the list, the first one a target."""
    if not app.config.anogen_downloads:  # a standalone page has no list to link to
        return
    named = noted(app.env, app.env.docname, "mentions")
    for literal in list(doctree.findall(nodes.literal)):
        id_ = literal.astext()
        if ID.fullmatch(id_) and not isinstance(literal.parent, nodes.title):  # a heading is copied to the contents
            inventory.by_id(id_)  # a name that does not exist is an error
            place = f"on-{id_}" if id_ not in named else None
            named.append(id_)
            literal.replace_self(placeholder("", tag("code", id_, id=place), kind="erratum", erratum=id_))


@fills("erratum")
def linked(page: Page, place: placeholder) -> Iterator[nodes.Node]:
    """Yield the name of an inconsistency as a link to the list."""
    yield page.link(ERRATA, place["erratum"], *place.children) if page.has(ERRATA) else place.children[0]


def errata(page: Page, _place: placeholder) -> Iterator[nodes.Node]:
    """Yield the counts and a table of inconsistencies for each source."""
    every = inventory.inconsistencies()
    treated = sum(bool(_treatment(page, one)) for one in every)
    open_ = len(every) - treated
    yield counts(("known", len(every), None), ("dealt with", treated, "reproduced"), ("not treated yet", open_, None))
    for source in NAMES:
        rows = (_row(page, one) for one in every if one.source == source)
        listed = table(HEADS, rows, class_="sortable scorecard errata")
        yield section(f"errata-{source}", inventory.source(source)["title"], listed)


def _row(page: Page, one: inventory.Inconsistency) -> list[Content]:
    id_, concerns, places = nodes.make_id(one.id), joined(_concerns(page, one)), _treatment(page, one)
    where = tag("span", one.location, *([" (", *concerns, ")"] if concerns else []))
    treated = tag("span", *joined(places)) if places else tag("span", tag("b", "not treated yet"), class_="badge open")
    return [tag("span", one.id, id=id_), where, one.description, one.proposed_handling, treated, one.severity]


def _treatment(page: Page, one: inventory.Inconsistency) -> list[element]:
    named = (name for name in page.env.metadata if one.id in noted(page.env, name, "mentions"))
    links = [page.link(name, f"on-{one.id}", page.title(name)) for name in sorted(named) if name != ERRATA]
    return links + [link(page, location, one.id, one.id) for location in mentions(ID).get(one.id, ())]


def _concerns(page: Page, one: inventory.Inconsistency) -> Iterator[element]:
    """Yield links to the figures of this site and to the formulas."""
    for id_ in concerned(one):
        if id_ in page.standing:
            yield page.link(page.standing[id_].page, id_, id_)
        elif id_ in equations.IMPLEMENTATIONS and page.has(NOTATION):
            yield page.link(NOTATION, f"formula-{id_}", id_)


def formulas(page: Page, _place: placeholder) -> Iterator[nodes.Node]:
    """Yield the number of formulas and, for each source, its formulas."""
    every = inventory.equations()
    yield counts(("formulas", len(every), None), ("corrected", sum(bool(one.corrected_latex) for one in every), None))
    for source in NAMES:
        shown = [_formula(page, one) for one in every if one.source == source]
        yield section(f"formulas-{source}", inventory.source(source)["title"], *shown)


def _formula(page: Page, one: inventory.Equation) -> element:
    """Return a formula with what is known about it, and a link to the chapter that writes it out with its number."""
    number = f"Eq. {one.number}" if one.number else "unnumbered"
    head = tag("p", tag("strong", one.meaning[:1].upper() + one.meaning[1:]), f" ({number}) ", tag("code", one.id))
    wrong = [other.id for other in inventory.inconsistencies() if one.id in concerned(other)]
    label = page.env.get_domain("math").data["objects"].get(one.id)
    rows: list[tuple[str, list[Content]]] = [
        ("corrected", [_math(one.corrected_latex)] if one.corrected_latex else []),
        ("note", [one.note] if one.note else []),
        ("wrong or unclear", joined(page.link(ERRATA, id_, id_) for id_ in wrong if page.has(ERRATA))),
        ("in the code", [link(page, location, one.id, f"formula-{one.id}") for location in locate(one.id)]),
        ("in the book", [page.link(label[0], f"equation-{one.id}", page.title(label[0]))] if label else []),
    ]
    id_ = f"formula-{nodes.make_id(one.id)}"
    return tag("div", head, _math(one.latex), facts(rows), class_="formula-entry", id=id_)


def _math(latex: str) -> nodes.math_block:
    return nodes.math_block(latex, latex, nowrap=False, number=None, label=None)
