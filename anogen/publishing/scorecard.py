"""Tables and galleries over the whole book: the scorecard, the verdicts of a chapter, the index of figures.

They need to know which figures stand on which page, so they are placeholders until all pages have been read.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from anogen.claims import inventory
from anogen.publishing import facts
from anogen.publishing.elements import element, table, tag
from anogen.publishing.provenance import Standing, badge, overview, standings

OWN = "These verdicts rest on the book's own records, whatever the parameters of this page are."
SCORECARD = "book/scorecard"
Row = Iterator[nodes.Node | str]
FEW = 4  # records of a claim that are listed openly
STATES = ("reproduced", "contradicted", "undecided", "untested", "open")


class Verdicts(SphinxDirective):
    """Write ``{verdicts} thesis-c-01 thesis-c-02`` for the table of these claims."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return a table with statement, criterion, measured values, verdict, cause and records."""
        rows = [self._row(inventory.claim(claim)) for claim in self.arguments[0].replace(",", " ").split()]
        judged = table(("claim", "the source states", "criterion and measured", "verdict"), rows, class_="verdicts")
        return [judged] if self.config.anogen_downloads else [judged, tag("p", OWN, class_="cause")]

    def _row(self, claim: inventory.Claim) -> Iterator[nodes.Node | str]:
        found = facts.verdict(claim.id)
        values = tag("ul", *(tag("li", f"{name}: ", tag("strong", value)) for name, value in facts.measured(found)))
        records = tag("p", *(tag("code", name) for name in found.records), class_="records")
        if len(found.records) > FEW:  # a sweep has dozens, which would push the verdict off the page
            records = tag("details", tag("summary", f"{len(found.records)} records"), records)
        yield tag("a", claim.id, href="#" + nodes.make_id(f"on-{claim.id}"), id=nodes.make_id(f"on-{claim.id}"))
        yield claim.statement
        yield tag("div", tag("p", claim.criterion), values if found.measured else "", records if found.records else "")
        yield tag("div", badge(claim.id, found.verdict, named=False), tag("p", found.cause, class_="cause"))


class Scorecard(SphinxDirective):
    """Write ``{scorecard}`` for all figures, tables and claims of the inventory with their state."""

    def run(self) -> list[nodes.Node]:
        """Return a placeholder."""
        return [overview(kind="scorecard")]


class FigureIndex(SphinxDirective):
    """Write ``{figure-index}`` for a gallery of all figures of the site."""

    def run(self) -> list[nodes.Node]:
        """Return a placeholder."""
        return [overview(kind="figures")]


class Teaser(SphinxDirective):
    """Write ``{teaser} thesis-fig-6.18`` to show a figure of another page; nothing if the site lacks it."""

    required_arguments = 1
    option_spec = {"alt": directives.unchanged}  # noqa: RUF012
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return a placeholder with the words that go below."""
        shown = overview(kind="teaser", figure=self.arguments[0])
        shown += self.parse_content_to_nodes()
        return [shown]


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the content in the place of each placeholder, now that all pages have been read."""
    page = Page(app, docname)
    makers: dict[str, Callable[[overview], Iterable[nodes.Node]]] = {
        "scorecard": page.scorecard,
        "figures": page.gallery,
        "teaser": page.teaser,
        "badge": page.badge,
    }
    for place in list(doctree.findall(overview)):
        place.replace_self(list(makers[place["kind"]](place)))


class Page:
    """A page that speaks of figures on other pages."""

    def __init__(self, app: Sphinx, docname: str) -> None:
        self.env: BuildEnvironment = app.env
        self.builder = app.builder
        self.docname = docname
        order = [page for pages in self.env.toctree_includes.values() for page in pages]
        noted = sorted(standings(self.env).items(), key=lambda one: order.index(one[0]) if one[0] in order else -1)
        self.standing = {standing.figure: standing for _, figures in noted for standing in figures}

    def link(self, page: str, anchor: str, *content: nodes.Node | str, **attributes: Any) -> element:
        """Return a link to a place on a page of this site."""
        uri = self.builder.get_relative_uri(self.docname, page) if page != self.docname else ""
        return tag("a", *content, href=f"{uri}#{nodes.make_id(anchor)}", **attributes)

    def scorecard(self, _place: overview) -> Iterator[nodes.Node]:
        """Yield the counts and, for each source, its figures, tables and claims."""
        verdicts = {claim.id: facts.verdict(claim.id) for claim in inventory.claims()}
        words = [facts.word(found.verdict) for found in verdicts.values()]
        yield tag(
            "ul",
            *(tag("li", tag("b", str(words.count(word))), f" {word}", class_=word) for word in STATES),
            class_="counts",
        )
        for source in facts.NAMES:
            title = inventory.source(source)["title"]
            section = nodes.section(ids=[f"scorecard-{source}"], names=[])
            section += nodes.title("", title)
            claims = [claim for claim in inventory.claims() if claim.source == source]
            section += self._split(
                "claims not judged yet",
                ("claim", "section", "statement", "verdict", "cause", "where"),
                [(verdicts[claim.id].verdict is not None, self._claim(claim, verdicts[claim.id])) for claim in claims],
            )
            every: list[inventory.Figure | inventory.Table] = [*inventory.figures(), *inventory.tables()]
            section += self._split(
                "figures and tables not made yet",
                ("figure or table", "section", "shows", "state", "scale", "where"),
                [(entry.id in self.standing, self._entry(entry)) for entry in every if entry.source == source],
            )
            yield section
        known = {entry.id for entry in (*inventory.figures(), *inventory.tables())}
        if own := [standing for standing in self.standing.values() if standing.figure not in known]:
            section = nodes.section(ids=["scorecard-own"], names=[])
            section += nodes.title("", "Figures that no source has")
            section += table(("figure", "shows", "scale", "where"), map(self._own, own), class_="sortable scorecard")
            yield section

    def _split(self, rest: str, heads: tuple[str, ...], rows: list[tuple[bool, Row]]) -> Iterator[nodes.Node]:
        """Yield a table of the rows that are done and, folded away, one of those that are not."""
        done, missing = ([row for finished, row in rows if finished is wanted] for wanted in (True, False))
        if done:
            yield table(heads, done, class_="sortable scorecard")
        if missing:
            folded = table(heads, missing, class_="sortable scorecard")
            yield tag("details", tag("summary", f"{len(missing)} {rest}"), folded, class_="missing")

    def badge(self, place: overview) -> Iterator[nodes.Node]:
        """Yield the badge, as a link where there is a scorecard."""
        there = SCORECARD in self.env.all_docs
        yield self.link(SCORECARD, place["claim"], *place.children) if there else place.children[0]

    def _claim(self, claim: inventory.Claim, found: Any) -> Row:
        word = facts.word(found.verdict)
        yield tag("span", claim.id, id=nodes.make_id(claim.id))
        yield claim.section
        yield claim.statement
        yield tag("span", tag("b", word), class_=f"badge {word}")
        yield found.cause
        page = f"book/chapters/{found.page}"
        there = found.verdict and page in self.env.all_docs
        yield self.link(page, f"on-{claim.id}", str(found.page)) if there else ""

    def _entry(self, entry: inventory.Figure | inventory.Table) -> Row:
        standing = self.standing.get(entry.id)
        state = "done" if standing else "missing"
        yield entry.id
        yield entry.section
        yield entry.shows if isinstance(entry, inventory.Figure) else entry.what
        yield tag("span", tag("b", state), class_=f"badge {state}")
        yield standing.scale or "drawn" if standing else ""
        yield self.link(standing.page, entry.id, standing.page.rsplit("/", 1)[-1]) if standing else ""

    def _own(self, standing: Standing) -> Row:
        yield standing.figure
        yield self._picture(standing)[1]
        yield standing.scale or "drawn"
        yield self.link(standing.page, standing.figure, standing.page.rsplit("/", 1)[-1])

    def gallery(self, _place: overview) -> Iterator[nodes.Node]:
        """Yield a card with a small picture for every figure of the site."""
        cards = [self._card(standing) for standing in self.standing.values()]
        yield tag("ul", *cards, class_="gallery") if cards else tag("p", "No figure has been built yet.")

    def _card(self, standing: Standing) -> element:
        picture, caption = self._picture(standing)
        words = tag("span", tag("strong", standing.figure), tag("span", caption, class_="caption"), class_="words")
        return tag("li", self.link(standing.page, standing.figure, *picture, words))

    def teaser(self, place: overview) -> Iterator[nodes.Node]:
        """Yield the figure as a picture that leads to its place, with the words below it."""
        standing = self.standing.get(place["figure"])
        if standing:
            picture, _ = self._picture(standing)
            yield tag("div", self.link(standing.page, standing.figure, *picture), *place.children, class_="teaser")

    def _picture(self, standing: Standing) -> tuple[list[nodes.Node], str]:
        """Return the picture and the caption of a figure on another page."""
        for figure in self.env.get_doctree(standing.page).findall(nodes.figure):
            if standing.figure.lower() in figure["names"]:
                caption = next((one.astext() for one in figure.findall(nodes.caption)), "")
                kept = ("uri", "candidates", "alt", "classes")
                return [nodes.image(**{k: one[k] for k in kept}) for one in figure.findall(nodes.image)], caption
        return [], ""


def outdated(_app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages that speak of others: they are written anew in every build."""
    return [page for page in env.all_docs if any(env.get_doctree(page).findall(overview))]


def purge(_app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget the figures of a page that is read again."""
    standings(env).pop(docname, None)


def merge(_app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take over what another process has read."""
    standings(env).update({page: figures for page, figures in standings(other).items() if page in docnames})
