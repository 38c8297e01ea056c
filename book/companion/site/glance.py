"""The box at the head of a chapter: question, what the source says, what was done here, the result, the verdicts."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote_plus

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from anogen.paths import require_checkout
from companion.chapters import chapter
from companion.claims import inventory
from companion.claims.base import OWN_VERDICTS, VERDICTS
from companion.site.html_nodes import Content, element, facts, joined, tag
from companion.site.incremental import note_verdicts
from companion.site.pages import Page, fills, noted, placeholder
from companion.site.parameters import parameters
from companion.site.provenance import look
from companion.site.record_info import verdict

REPRODUCE = "book/reproduce"
GITHUB = "https://github.com/"
BINDER = "https://mybinder.org/v2/gh/"
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
        claims = [claim.id for claim in inventory.all_claims() if verdict(claim.id).page == self.arguments[0]]
        note_verdicts(self.env, claims)
        noted(self.env, self.env.docname, "description").append(_plain(rows))
        title = tag("p", tag("strong", "At a glance"))
        counted = [placeholder(kind="verdict-counts", claims=claims)] if claims else []
        example = placeholder(kind="rerun", chapter=self.arguments[0], command=command(self.arguments[0]))
        return [tag("aside", title, facts(rows), *counted, example, class_="glance", aria_label="At a glance")]

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


def _plain(rows: list[tuple[str, list[Content]]]) -> str:
    """Return question and finding as one text, which describes the page."""
    texts = {name: "".join(one if isinstance(one, str) else one.astext() for one in content) for name, content in rows}
    return " ".join(texts[LINES[key]] for key in ("question", "finding") if LINES[key] in texts)


def command(name: str) -> str:
    """Return the command that executes a chapter again, with the first value of its first parameter as an example."""
    stated = {key: value for key, value in parameters(name).items() if key != "scale" and value not in ([], "")}
    example = [f" -p {key}={value[0] if isinstance(value, list) else value}" for key, value in stated.items()][:1]
    return f"anogen run {name}{''.join(example)}"


@fills("rerun")
def rerun(page: Page, place: placeholder) -> Iterator[element]:
    """Yield the command to copy, which a script lets a reader change, and a link to run the chapter on Binder."""
    parts: list[Content] = [tag("code", place["command"])]
    if page.has(REPRODUCE):
        parts.append(page.link(REPRODUCE, "", "How to run it"))
    if address := binder(page, place["chapter"]):
        parts.append(tag("a", "Run it on Binder", href=address))
    yield tag("p", tag("strong", "Recompute"), " ", *joined(parts, " "), class_="rerun")


def binder(page: Page, name: str) -> str:
    """Return the address that opens a chapter's notebook on Binder; empty unless the repository is on GitHub."""
    options = page.app.config.html_theme_options
    repository = str(options.get("repository_url") or "").rstrip("/")
    if not repository.startswith(GITHUB):
        return ""
    path = chapter(name).notebook.relative_to(require_checkout()).as_posix()
    branch = options.get("repository_branch") or "main"
    return f"{BINDER}{repository.removeprefix(GITHUB)}/{branch}?urlpath={quote_plus(f'lab/tree/{path}')}"


@fills("verdict-counts")
def verdict_counts(page: Page, place: placeholder) -> Iterator[element]:
    """Yield how many of the claims have which verdict, with a link to what the words mean."""
    words = Counter(verdict(claim).verdict or "open" for claim in place["claims"])
    counted = [(word, words[word]) for word in dict.fromkeys((*VERDICTS, *OWN_VERDICTS, "open")) if words[word]]
    parts = joined([tag("span", f"{n} {word}", class_=f"badge {look(word)}") for word, n in counted], " ")
    name: Content = "Verdicts"
    if page.has("book/verdicts"):
        name = page.link("book/verdicts", "", name)
    yield tag("p", name, f" on {len(place['claims'])} statements: ", *parts, class_="verdict-counts")
