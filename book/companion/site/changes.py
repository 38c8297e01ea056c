"""What has changed since the first version: the verdicts with reasons, the readings that count, all of it as JSON."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from companion.claims import amendments, inventory
from companion.claims.amendments import Amendment
from companion.claims.base import Verdict
from companion.site import record_info
from companion.site.html_nodes import Content, counts, joined, section, table, tag
from companion.site.pages import Page, placeholder
from companion.site.provenance import plain_badge
from companion.site.record_info import NAMES, verdict
from companion.site.verdicts import as_json

# The words of the first version for the same outcome.
RENAMED = {"contradicted": "not reproduced", "undecided": "inconclusive", "untested": "not tested"}
PAGE = "book/changes"
HEADS = ("claim", "statement", "before", "now", "why")
CRITERIA = ("claim", "criterion before", "criterion now", "why")


def changed(found: Verdict) -> bool:
    """Return whether a verdict says something else than in the first version, not only in other words."""
    before = amendments.first_verdicts()[found.claim]
    return RENAMED.get(before, before) != found.verdict


def changes(page: Page, _place: placeholder) -> Iterator[nodes.Node]:
    """Yield the counts, the changed verdicts of each source, the replaced criteria, and what 10 % would turn."""
    verdicts = {claim.id: verdict(claim.id) for claim in inventory.claims()}
    known = amendments.amendments()
    turned = [found for found in verdicts.values() if changed(found)]
    compared = [v for v in verdicts.values() if any(number.movable for c in v.conditions for number in c.numbers)]
    flipping = [found for found in compared if found.flips]
    yield counts(
        ("verdicts that changed", len(turned), None),
        ("criteria replaced", sum(bool(known[id_].criterion) for id_ in verdicts.keys() & known.keys()), None),
        (f"of {len(compared)} verdicts with thresholds other than 0 change if all move by 10 %", len(flipping), None),
    )
    moves = Counter((amendments.first_verdicts()[one.claim], str(one.verdict)) for one in turned)
    listed = [[before, now, str(n)] for (before, now), n in sorted(moves.items())]
    yield section("changes-counted", "How the verdicts moved", table(("before", "now", "claims"), listed))
    for source in NAMES:
        ids = [claim.id for claim in inventory.claims() if claim.source == source]
        rows = [_row(page, verdicts[id_]) for id_ in ids if changed(verdicts[id_])]
        criteria = [_criterion(page, verdicts[id_], known[id_]) for id_ in ids if id_ in known and known[id_].criterion]
        content = [table(HEADS, rows, class_="prose")] if rows else []
        if criteria:
            content += [tag("p", tag("strong", "Replaced criteria")), table(CRITERIA, criteria, class_="prose")]
        yield section(f"changes-{source}", inventory.source(source)["title"], *content)
    rows = [
        [page.claim(one.claim, one.claim), str(one.verdict), "; ".join(f"{k}: {v}" for k, v in one.flips.items())]
        for one in flipping
    ]
    heads = ("claim", "verdict", "with all thresholds lower or higher")
    yield section(
        "changes-thresholds", "Verdicts that depend on a threshold's exact value", table(heads, rows, class_="prose")
    )


def _row(page: Page, found: Verdict) -> list[Content]:
    before = amendments.first_verdicts()[found.claim]
    why = amendments.amendments().get(found.claim, Amendment()).change or found.identity
    statement = inventory.claim(found.claim).statement
    return [page.claim(found.claim, found.claim), statement, plain_badge(before), plain_badge(str(found.verdict)), why]


def _criterion(page: Page, found: Verdict, one: Amendment) -> list[Content]:
    return [page.claim(found.claim, found.claim), found.replaced, one.criterion, one.why]


class Readings(SphinxDirective):
    """Write ``{readings} thesis`` for the list of admissible readings of a source."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        source = self.arguments[0]
        self.env.note_dependency(str(amendments.FOLDER / f"{source}.yaml"))
        rows: list[list[Content]] = [
            [one.choice, "; ".join(one.admissible), "; ".join(one.excluded), one.why, tag("span", *joined(one.claims))]
            for one in amendments.readings(source)
        ]
        heads = ("choice", "readings that count", "shown only", "why", "claims")
        return [table(heads, rows, class_="prose")] if rows else []


def write_json(app: Sphinx, error: Exception | None) -> None:
    """Write `verdicts.json`, to which the page of changes links: every verdict with its numbers and records."""
    if error is None and PAGE in app.env.all_docs and app.builder.format == "html":
        rows = [_with_records(verdict(claim.id)) for claim in inventory.all_claims()]
        text = json.dumps({"verdicts": rows}, indent=1, ensure_ascii=False, sort_keys=True)
        (Path(app.outdir) / "verdicts.json").write_text(text + "\n", encoding="utf8")


def _with_records(found: Verdict) -> dict[str, object]:
    records = [record_info.record(id_) for id_ in found.records]
    digests = {
        one.id: hashlib.sha256(json.dumps(one.meta["arrays"], sort_keys=True).encode()).hexdigest() for one in records
    }
    return as_json(found) | {"records": digests, "scale": record_info.unique(one.meta["scale"] for one in records)}
