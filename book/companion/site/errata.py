"""The list of what is wrong or unclear in the sources, and where this book deals with each of it.

Nothing about the treatment is typed: a page or a module that deals with an inconsistency names its id, and is found.
"""

import re
from collections.abc import Iterator
from functools import cache

from docutils import nodes
from sphinx.application import Sphinx

from companion.claims import equations, inventory
from companion.site import record_info as facts
from companion.site.html_nodes import counts, element, table, tag
from companion.site.pages import Page, each, fills, mentions, placeholder, section
from companion.site.provenance import overview
from companion.site.sources import link
from companion.site.where import Location
from companion.site.where import mentions as mentions_in_code

ERRATA = "book/errata"
NOTATION = "book/notation"
HEADS = ("id", "where", "what is wrong or unclear", "what this book does", "dealt with in", "weight")
PLACE = re.compile(r"(Fig|Table|Eq)s?\.?\s+(\d+(?:\.\d+)?)(?:(-| and |, )(\d+(?:\.\d+)?))?")
KINDS = {"Fig": "fig", "Table": "table", "Eq": "eq"}
ID = re.compile(r"inc-[a-z]+-\d\d")

Errata = placeholder("errata", "Write ``{errata}`` for the table of all known inconsistencies of the sources.")


def concerned(one: inventory.Inconsistency) -> list[str]:
    """Return the ids of the figures, tables and formulas that the stated location names."""
    known = {entry.id for read in (inventory.figures, inventory.tables, inventory.equations) for entry in read()}
    found: list[str] = []
    for word, first, joint, last in PLACE.findall(one.location):
        numbers = [first, last] if last else [first]
        if joint == "-" and first.isdigit() and last.isdigit():
            numbers = [str(number) for number in range(int(first), int(last) + 1)]
        found += [f"{one.source}-{KINDS[word]}-{number}" for number in numbers]
    return [id_ for id_ in dict.fromkeys(found) if id_ in known]


@cache
def in_code() -> dict[str, list[Location]]:
    """Return where modules name each inconsistency, by its id."""
    return mentions_in_code(ID)


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Note which inconsistencies a page names; each name becomes a link to the list, the first one a place to link to.

    The name is code in a text: ``inc-thesis-07`` in backticks. A page that stands alone has no list to link to.
    """
    if not app.config.anogen_downloads:
        return
    named = mentions(app.env).setdefault(app.env.docname, [])
    for literal in list(doctree.findall(nodes.literal)):
        id_ = literal.astext()
        if ID.fullmatch(id_) and not isinstance(literal.parent, nodes.title):  # a heading is copied to the contents
            inventory.by_id(id_)  # a name that does not exist is an error
            place = f"on-{id_}" if id_ not in named else None
            named.append(id_)
            literal.replace_self(overview("", tag("code", id_, id=place), kind="erratum", erratum=id_))


@fills("erratum")
def linked(page: Page, place: overview) -> Iterator[nodes.Node]:
    """Yield the name of an inconsistency as a link to the list."""
    yield page.link(ERRATA, place["erratum"], *place.children) if page.has(ERRATA) else place.children[0]


@fills("errata")
def errata(page: Page, _place: overview) -> Iterator[nodes.Node]:
    """Yield the counts and a table for each source."""
    every = inventory.inconsistencies()
    treated = sum(bool(_treatment(page, one)) for one in every)
    yield counts(
        ("known", len(every), None),
        ("dealt with", treated, "reproduced"),
        ("not treated yet", len(every) - treated, None),
    )
    for source in facts.NAMES:
        rows = [_row(page, one) for one in every if one.source == source]
        listed = table(HEADS, rows, class_="sortable scorecard errata")
        yield section(f"errata-{source}", inventory.source(source)["title"], listed)


def _row(page: Page, one: inventory.Inconsistency) -> Iterator[nodes.Node | str]:
    yield tag("span", one.id, id=nodes.make_id(one.id))
    yield tag("span", one.location, *_concerns(page, one))
    yield one.description
    yield one.proposed_handling
    places = _treatment(page, one)
    yield tag("span", *each(places)) if places else tag("span", tag("b", "not treated yet"), class_="badge open")
    yield one.severity


def _treatment(page: Page, one: inventory.Inconsistency) -> list[element]:
    """Return links to the pages and modules that name the inconsistency."""
    pages = [name for name, ids in mentions(page.env).items() if one.id in ids and name != ERRATA]
    links = [page.link(name, f"on-{one.id}", page.title(name)) for name in sorted(pages)]
    return links + [link(page, location, one.id, one.id) for location in in_code().get(one.id, ())]


def _concerns(page: Page, one: inventory.Inconsistency) -> Iterator[nodes.Node | str]:
    """Yield links to the figures that stand on this site and to the formulas, in brackets."""
    links = []
    for id_ in concerned(one):
        if id_ in page.standing:
            links.append(page.link(page.standing[id_].page, id_, id_))
        elif id_ in equations.IMPLEMENTATIONS and page.has(NOTATION):
            links.append(page.link(NOTATION, f"formula-{id_}", id_))
    if links:
        yield from (" (", *each(links), ")")
