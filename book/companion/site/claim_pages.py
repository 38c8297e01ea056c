"""A page for each claim: its source, criterion, verdict, all numbers with their intervals, figures, records, code."""

from collections.abc import Iterable, Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from companion.claims import inventory
from companion.claims.base import CAUSES, Verdict
from companion.claims.decision import Condition
from companion.site.data_page import record_link
from companion.site.html_nodes import Content, element, facts, joined, rendered, table, tag
from companion.site.pages import CLAIMS, SCORECARD, Page, is_site
from companion.site.provenance import plain_badge
from companion.site.record_info import verdict
from companion.site.sources import link
from companion.site.verdicts import estimate, key_number, reasons, threshold
from companion.site.where import locate

RULE = "book/verdicts"  # the page that defines the verdicts and the causes
HEADS = ("setting", "quantity", "measured [95 % interval]", "criterion", "trainings that meet it", "outcome")
WITHOUT_LINK = "A record without a link is in the folder book/records of the project, under its name."
OUTCOMES = {True: "met", False: "not met", None: "undetermined"}


def collect(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the pages, each with its neighbours, for Sphinx's event `html-collect-pages`."""
    if not is_site(app):
        return
    page = Page(app, "")
    claims = inventory.all_claims()
    for before, claim, after in zip((None, *claims), claims, (*claims[1:], None), strict=False):
        page.docname = f"{CLAIMS}/{claim.id}"
        found = verdict(claim.id)
        context: dict[str, Any] = {
            "title": title(claim),
            "body": rendered(app, claim_page(page, claim, found)),
            "description": summary(found),
            "prev": before and {"link": f"{before.id}.html", "title": before.id},
            "next": after and {"link": f"{after.id}.html", "title": after.id},
            "sidebars": [],
        }
        yield page.docname, context, "page.html"


def summary(found: Verdict) -> str:
    """Return the claim, its verdict and the key number in one line."""
    key = key_number(found)
    return f"{inventory.claim(found.claim).statement} Verdict: {found.verdict or 'open'}{f'; {key}' if key else ''}."


def claim_page(page: Page, claim: inventory.Claim, found: Verdict) -> element:
    """Return the content of a claim's page."""
    chapter = f"book/chapters/{found.page}"
    shown = [id_ for id_ in claim.experiment if id_ in page.standing]
    figures = [
        page.link(page.standing[id_].page, id_, inventory.number(id_) or page.number(id_) or id_) for id_ in shown
    ]
    badge = plain_badge(found.verdict or "open")
    rows: list[tuple[str, Iterable[Content]]] = [
        ("verdict", [page.link(RULE, "", badge) if page.has(RULE) else badge, f" {key_number(found)}"]),
        ("source", [stated_in(claim)]),
        ("chapter", [page.link(chapter, f"on-{claim.id}", page.title(chapter))] if page.has(chapter) else []),
        ("figures and tables", joined(figures)),
        *((name, _linked(page, content)) for name, content in reasons(found)),
        *_more(found),
    ]
    records = [record_link(page, id_) for id_ in found.records]
    code = [link(page, location, claim.id, "") for location in locate(claim.id)] if found.verdict else []
    return tag(
        "div",
        tag("p", tag("code", claim.id), " · ", page.link(SCORECARD, claim.id, "All statements"), class_="byline"),
        tag("h1", claim.statement),
        facts(rows),
        *_numbers(found),
        *([tag("h2", "Records"), tag("ul", *records), tag("p", WITHOUT_LINK, class_="cause")] if records else []),
        *([tag("h2", "Code"), tag("p", *joined(code))] if code else []),
        class_="claim-page",
    )


def title(claim: inventory.Claim) -> str:
    """Return the title of a claim's page."""
    if claim.source == inventory.OWN:
        return f"This book, claim {claim.id.rpartition('-')[2]}"
    return f"{inventory.TITLES[claim.source]}, {inventory.number(claim.id)}"


def stated_in(claim: inventory.Claim) -> str:
    """Return where a claim is stated; for one of this book, when its criterion was fixed."""
    if claim.source == inventory.OWN:
        return f"{inventory.source(claim.source)['title']}; its criterion was fixed on {claim.extra['fixed']}"
    return f"{inventory.source(claim.source)['title']}, Sec. {claim.section}"


def _linked(page: Page, content: list[Content]) -> list[Content]:
    """Return the content, the name of a cause as a link to what it means."""
    known = page.has(RULE) and len(content) == 1 and content[0] in CAUSES
    return [page.link(RULE, "the-causes", *content)] if known else content


def _more(found: Verdict) -> Iterator[tuple[str, list[Content]]]:
    finding = found.finding
    yield "replaced criterion", [found.replaced] if found.replaced else []
    yield "true by definition", [found.identity] if found.identity else []
    yield "trainings", [finding.cost] if finding and finding.cost else []
    stated = [finding.flip] if finding and finding.flip else []
    varied = [f"{word} if all thresholds move by {change}" for change, word in found.flips.items()]
    yield "what would change it", ["; ".join([*stated, *varied])] if stated or varied else []


def _numbers(found: Verdict) -> Iterator[nodes.Node]:
    rows = [row for condition in found.conditions for row in _rows(condition)]
    if rows:
        yield tag("h2", "Numbers")
        yield table(HEADS, rows)
    if found.measured:
        texts = {
            name: f"{value:.4g}" if isinstance(value, float) else str(value) for name, value in found.measured.items()
        }
        yield tag("h2", "Also measured")
        yield tag("ul", *(tag("li", f"{name}: ", tag("strong", text)) for name, text in texts.items()))


def _rows(condition: Condition) -> Iterator[list[Content]]:
    """Yield a row for each number of a setting; the outcome is that of the setting."""
    name = (condition.setting or "as stated") + ("" if condition.admissible else " (shown only)")
    trainings = f"{condition.met} of {condition.trainings}" if condition.trainings > 1 else ""
    for number in condition.numbers:
        if number.scaled or condition.setting:
            yield [
                name, number.quantity, estimate(number), threshold(number), trainings, OUTCOMES[condition.holds],
            ]  # fmt: skip
