"""The box at the head of a chapter: question, what the source says, what was done here, the result, the verdicts."""

from collections import Counter
from collections.abc import Iterator

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from companion.claims import inventory
from companion.claims.base import VERDICTS
from companion.site.html_nodes import Content, element, facts, joined, tag
from companion.site.incremental import note_verdicts
from companion.site.pages import Page, fills, placeholder
from companion.site.provenance import look
from companion.site.record_info import verdict

LOG = logging.getLogger(__name__)
LINES = {"question": "Question", "source": "The source says", "here": "We did", "finding": "We find"}


class Glance(SphinxDirective):
    """Write ``{glance} dean`` with lines ``question:``, ``source:``, ``here:``, ``finding:``; a text may go on below.

    A chapter of our own has no ``source:``. The verdicts on the claims of the chapter are counted below.
    """

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the box."""
        rows = [(LINES[key], self._inline(text)) for key, text in self._stated()]
        claims = [claim.id for claim in inventory.claims() if verdict(claim.id).page == self.arguments[0]]
        note_verdicts(self.env, claims)
        title = tag("p", tag("strong", "At a glance"))
        counted = [placeholder(kind="verdict-counts", claims=claims)] if claims else []
        return [tag("aside", title, facts(rows), *counted, class_="glance", aria_label="At a glance")]

    def _stated(self) -> Iterator[tuple[str, str]]:
        lines: dict[str, str] = {}
        for line in self.content:
            key, colon, text = line.partition(":")
            if colon and key in LINES:
                lines[key] = text.strip()
            elif lines:
                lines[[*lines][-1]] += f" {line.strip()}"
        if missing := LINES.keys() - lines.keys() - {"source"}:
            LOG.warning("the box has no line %s", ", ".join(sorted(missing)), location=self.get_location())
        return ((key, lines[key]) for key in LINES if key in lines)

    def _inline(self, text: str) -> list[Content]:
        made, problems = self.state.inline_text(text, self.lineno)
        return [*made, *problems]


@fills("verdict-counts")
def verdict_counts(page: Page, place: placeholder) -> Iterator[element]:
    """Yield how many of the claims have which verdict, with a link to what the words mean."""
    words = Counter(verdict(claim).verdict or "open" for claim in place["claims"])
    counted = [(word, words[word]) for word in (*VERDICTS, "open") if words[word]]
    parts = joined([tag("span", f"{n} {word}", class_=f"badge {look(word)}") for word, n in counted], " ")
    name: Content = "Verdicts"
    if page.has("book/verdicts"):
        name = page.link("book/verdicts", "", name)
    yield tag("p", name, f" on {len(place['claims'])} statements: ", *parts, class_="verdict-counts")
