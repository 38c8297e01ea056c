"""Tables and galleries over the whole book: the scorecard, the verdicts of a chapter, the index of figures."""

from collections.abc import Iterator

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from companion.claims import inventory
from companion.claims.base import VERDICTS, Verdict
from companion.site.html_nodes import Content, counts, element, section, table, tag
from companion.site.incremental import note_verdicts
from companion.site.pages import Page, Standing, fills, placeholder
from companion.site.provenance import badge
from companion.site.record_info import NAMES, verdict

OWN = "These verdicts rest on the book's own records, whatever the parameters of this page are."
SCORECARD = "book/scorecard"
CLAIM_HEADS = ("claim", "section", "statement", "verdict", "cause", "where")
ENTRY_HEADS = ("figure or table", "section", "shows", "state", "scale", "where")
FEW = 4  # records of a claim that are listed openly
STATES = (*VERDICTS, "open")


class Verdicts(SphinxDirective):
    """Write ``{verdicts} thesis-c-01 thesis-c-02`` for the table of these claims."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return a table with statement, criterion, measured values, verdict, cause and records."""
        claims = self.arguments[0].replace(",", " ").split()
        self.env.note_dependency(str(inventory.PATH))
        note_verdicts(self.env, claims)
        rows = [self._row(inventory.claim(claim)) for claim in claims]
        judged = table(("claim", "the source states", "criterion and measured", "verdict"), rows, class_="verdicts")
        return [judged] if self.config.anogen_downloads else [judged, tag("p", OWN, class_="cause")]

    def _row(self, claim: inventory.Claim) -> list[Content]:
        found = verdict(claim.id)
        texts = {k: f"{value:.4g}" if isinstance(value, float) else str(value) for k, value in found.measured.items()}
        values = tag("ul", *(tag("li", f"{name}: ", tag("strong", text)) for name, text in texts.items()))
        records = tag("p", *(tag("code", name) for name in found.records), class_="records")
        if len(found.records) > FEW:  # a sweep has dozens, which would push the verdict off the page
            records = tag("details", tag("summary", f"{len(found.records)} records"), records)
        id_ = nodes.make_id(f"on-{claim.id}")
        basis = [tag("p", claim.criterion), values if found.measured else "", records if found.records else ""]
        cause = tag("div", badge(claim.id, found.verdict), tag("p", found.cause, class_="cause"))
        return [tag("a", claim.id, href=f"#{id_}", id=id_), claim.statement, tag("div", *basis), cause]


class Teaser(SphinxDirective):
    """Write ``{teaser} thesis-fig-6.18`` to show a figure of another page; nothing if the site lacks it."""

    required_arguments = 1
    option_spec = {"alt": directives.unchanged}  # noqa: RUF012
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return a placeholder with the words that go below."""
        shown = placeholder(kind="teaser", figure=self.arguments[0])
        shown += self.parse_content_to_nodes()
        return [shown]


def scorecard(page: Page, _place: placeholder) -> Iterator[nodes.Node]:
    """Yield the counts and, for each source, its figures, tables and claims."""
    verdicts = {claim.id: verdict(claim.id) for claim in inventory.claims()}
    words = [found.verdict or "open" for found in verdicts.values()]
    yield counts(*((word, words.count(word), word) for word in STATES))
    entries: list[inventory.Figure | inventory.Table] = [*inventory.figures(), *inventory.tables()]
    for source in NAMES:
        judged = [_claim(page, one, verdicts[one.id]) for one in inventory.claims() if one.source == source]
        shown = [_entry(page, one) for one in entries if one.source == source]
        yield section(
            f"scorecard-{source}",
            inventory.source(source)["title"],
            table(CLAIM_HEADS, judged, class_="sortable scorecard"),
            table(ENTRY_HEADS, shown, class_="sortable scorecard"),
        )
    known = {entry.id for entry in entries}
    own = [
        (standing.figure, page.picture(standing)[1], standing.scale or "drawn", _where(page, standing))
        for standing in page.standing.values()
        if standing.figure not in known
    ]
    if own:
        rows = table(("figure", "shows", "scale", "where"), own, class_="sortable scorecard")
        yield section("scorecard-own", "Figures that no source has", rows)


def _claim(page: Page, claim: inventory.Claim, found: Verdict) -> list[Content]:
    word = found.verdict or "open"
    id_ = tag("span", claim.id, id=nodes.make_id(claim.id))
    chapter = f"book/chapters/{found.page}"
    where = page.link(chapter, f"on-{claim.id}", str(found.page)) if found.verdict and page.has(chapter) else ""
    return [id_, claim.section, claim.statement, _state(word), found.cause, where]


def _entry(page: Page, entry: inventory.Figure | inventory.Table) -> list[Content]:
    shows = entry.shows if isinstance(entry, inventory.Figure) else entry.what
    standing = page.standing.get(entry.id)
    state = _state("done" if standing else "missing")
    where: list[Content] = [standing.scale or "drawn", _where(page, standing)] if standing else ["", ""]
    return [entry.id, entry.section, shows, state, *where]


def _state(word: str) -> element:
    return tag("span", tag("b", word), class_=f"badge {word}")


def _where(page: Page, standing: Standing) -> element:
    return page.link(standing.page, standing.figure, standing.page.rsplit("/", 1)[-1])


@fills("badge")
def linked(page: Page, place: placeholder) -> Iterator[nodes.Node]:
    """Yield the badge, as a link where there is a scorecard."""
    yield page.link(SCORECARD, place["claim"], *place.children) if page.has(SCORECARD) else place.children[0]


def gallery(page: Page, _place: placeholder) -> Iterator[nodes.Node]:
    """Yield a card with a small picture for every figure of the site."""
    cards = []
    for standing in page.standing.values():
        picture, caption = page.picture(standing)
        words = tag("span", tag("strong", standing.figure), tag("span", caption, class_="caption"), class_="words")
        cards.append(tag("li", page.link(standing.page, standing.figure, *picture, words)))
    yield tag("ul", *cards, class_="gallery")


@fills("teaser")
def teaser(page: Page, place: placeholder) -> Iterator[nodes.Node]:
    """Yield the figure as a picture that leads to its place, with the words below it."""
    standing = page.standing.get(place["figure"])
    if standing:
        picture = page.link(standing.page, standing.figure, *page.picture(standing)[0])
        yield tag("div", picture, *place.children, class_="teaser")
