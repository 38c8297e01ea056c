"""The home page: version and licence, the finder of figures and tables by source, the state of the reproduction."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from companion.claims import inventory
from companion.claims.amendments import missing_parts
from companion.claims.base import VERDICTS
from companion.site import record_info
from companion.site.html_nodes import Content, element, joined, section, tag
from companion.site.pages import Page, placeholder
from companion.site.provenance import look
from companion.site.record_info import verdict


class Byline(SphinxDirective):
    """Write ``{byline}`` for version, date and licence of the book, from ``CITATION.cff``."""

    def run(self) -> list[nodes.Node]:
        """Return one line."""
        path = Path(self.env.srcdir) / "CITATION.cff"
        self.env.note_dependency(str(path))
        stated = yaml.safe_load(path.read_text(encoding="utf8"))
        doi = [f"DOI {stated['doi']}"] if "doi" in stated else []
        parts = [f"Version {stated['version']}", str(stated["date-released"]), f"{stated['license']} licence", *doi]
        return [tag("p", " · ".join(parts), class_="byline")]


def finder(page: Page, _place: placeholder) -> Iterator[nodes.Node]:
    """Yield the numbers of all figures and tables by source, each a link to its place in this book."""
    titles = inventory.TITLES.items()
    columns = [tag("div", tag("p", tag("strong", name)), tag("ul", *_chips(page, source))) for source, name in titles]
    yield tag("div", *columns, class_="finder")


def _chips(page: Page, source: str) -> Iterator[element]:
    entries: list[inventory.Figure | inventory.Table] = [*inventory.figures(), *inventory.tables()]
    for entry in (entry for entry in entries if entry.source == source):
        shows = entry.shows if isinstance(entry, inventory.Figure) else entry.what
        standing, missing = page.standing.get(entry.id), missing_parts().get(entry.id)
        words: list[Content] = [inventory.number(entry.id)]
        if standing:
            state = "partial" if missing else "done"
            hint = f"{shows} Missing here: {missing}" if missing else shows
            words = [page.link(standing.page, entry.id, *words, title=hint, class_=f"chip {state}")]
        yield tag("li", *words, data_text=f"{inventory.TITLES[source]} {inventory.number(entry.id)} {shows}".lower())


def state_of_sources(page: Page, _place: placeholder) -> Iterator[nodes.Node]:
    """Yield a bar for each source: how many of its statements have which verdict."""
    for source, name in inventory.TITLES.items():
        words = Counter(verdict(claim.id).verdict or "open" for claim in inventory.claims() if claim.source == source)
        counted = [(word, words[word]) for word in (*VERDICTS, "open") if words[word]]
        bar = tag("div", *(tag("span", class_=look(word), style=f"flex: {n}") for word, n in counted), class_="bar")
        bar["attrs"] |= {"aria-hidden": "true"}
        text = joined([f"{n} {word}" for word, n in counted])
        total = sum(words.values())
        yield tag("div", tag("p", tag("strong", name), f": {total} statements; ", *text), bar, class_="state")
    if page.has("book/scorecard"):
        yield tag("p", page.link("book/scorecard", "", "All statements and verdicts"))


def gallery(page: Page, _place: placeholder) -> Iterator[nodes.Node]:
    """Yield a section for each source, and one for the book's own figures, with a card for every figure and table."""
    entries = [*inventory.figures(), *inventory.tables()]
    for source, name in inventory.TITLES.items():
        shown = [entry.id for entry in entries if entry.source == source and entry.id in page.standing]
        yield section(f"figures-{source}", name, tag("ul", *(_card(page, id_) for id_ in shown), class_="gallery"))
    known = {entry.id for entry in entries}
    own = [_card(page, id_) for id_ in page.standing if id_ not in known]
    yield section("figures-own", "Figures of this book", tag("ul", *own, class_="gallery"))


def _card(page: Page, id_: str) -> element:
    standing = page.standing[id_]
    caption = page.picture(standing)[1]
    name = inventory.number(id_) or id_.removeprefix("anogen-fig-").replace("-", " ")
    words = tag("span", tag("strong", name), tag("span", caption or _what(id_), class_="caption"), class_="words")
    return tag("li", page.link(standing.page, id_, *page.thumbnail(standing), words))


def _what(id_: str) -> str:
    """Return what a table of a source shows, which has no picture."""
    entry = record_info.entry(id_)
    return entry.what if isinstance(entry, inventory.Table) else ""
