"""The scorecard of all statements, figures and tables; figures of other pages as teasers."""

from collections.abc import Iterator

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from companion.claims import inventory
from companion.claims.amendments import missing_parts
from companion.claims.base import OWN_VERDICTS, VERDICTS, Verdict
from companion.site import live, record_info
from companion.site.html_nodes import Content, counts, element, section, table, tag
from companion.site.pages import Page, Standing, fills, placeholder
from companion.site.provenance import look, plain_badge
from companion.site.record_info import NAMES, verdict

CLAIM_HEADS = ("claim", "section", "statement", "verdict", "cause", "where")
ENTRY_HEADS = ("figure or table", "section", "shows", "state", "scale", "where")
STATES = (*VERDICTS, "open")
OWN_STATES = (*OWN_VERDICTS, "open")


class Teaser(SphinxDirective):
    """Write ``{teaser} thesis-fig-6.18`` to show a figure of another page; nothing if the site lacks it.

    ``:play: cblof`` adds the player of the figure, with this detector first.
    """

    required_arguments = 1
    option_spec = {"alt": directives.unchanged, "play": directives.unchanged}  # noqa: RUF012
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return a placeholder with the words that go below."""
        shown = placeholder(kind="teaser", figure=self.arguments[0], play=self.options.get("play"))
        shown += self.parse_content_to_nodes()
        return [shown]


def scorecard(page: Page, _place: placeholder) -> Iterator[nodes.Node]:
    """Yield the counts and, for each source, its figures, tables and claims; then what only this book has."""
    verdicts = {claim.id: verdict(claim.id) for claim in inventory.claims()}
    words = [found.verdict or "open" for found in verdicts.values()]
    yield counts(*((word, words.count(word), look(word)) for word in STATES))
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
    if ours := [(one, verdict(one.id)) for one in inventory.own_claims()]:
        counted = [found.verdict or "open" for _, found in ours]
        yield section(
            "scorecard-own-statements",
            "Statements of this book",
            counts(*((word, counted.count(word), look(word)) for word in OWN_STATES)),
            table(CLAIM_HEADS, [_claim(page, one, found) for one, found in ours], class_="sortable scorecard"),
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
    id_ = tag("span", page.claim(claim.id, claim.id), id=nodes.make_id(claim.id))
    chapter = f"book/chapters/{found.page}"
    where = page.link(chapter, f"on-{claim.id}", str(found.page)) if found.verdict and page.has(chapter) else ""
    return [id_, claim.section, claim.statement, plain_badge(word), found.cause, where]


def _entry(page: Page, entry: inventory.Figure | inventory.Table) -> list[Content]:
    shows = entry.shows if isinstance(entry, inventory.Figure) else entry.what
    standing = page.standing.get(entry.id)
    missing = missing_parts().get(entry.id, "")
    state = plain_badge(("partial" if missing else "done") if standing else "missing")
    shows = f"{shows} Missing here: {missing}" if missing and standing else shows
    where: list[Content] = [standing.scale or "drawn", _where(page, standing)] if standing else ["", ""]
    return [entry.id, entry.section, shows, state, *where]


def _where(page: Page, standing: Standing) -> element:
    return page.link(standing.page, standing.figure, standing.page.rsplit("/", 1)[-1])


@fills("badge")
def linked(page: Page, place: placeholder) -> Iterator[nodes.Node]:
    """Yield a badge or words as a link to the claim's page."""
    yield tag("span", page.claim(place["claim"], *place.children))


@fills("teaser")
def teaser(page: Page, place: placeholder) -> Iterator[nodes.Node]:
    """Yield the figure as a picture that leads to its place, with the words below it."""
    standing = page.standing.get(place["figure"])
    if standing:
        picture = page.link(standing.page, standing.figure, *page.picture(standing)[0])
        records = map(record_info.record, () if place["play"] is None else standing.records)
        player = live.player(page.env, standing.figure, records, place["play"])
        yield tag("div", picture, *place.children, *player, class_="teaser")
