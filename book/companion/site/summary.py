"""Two-page summaries of a reproduction in the form that ReScience C uses, for print: `_static/summary-thesis.html`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

import yaml
from sphinx.application import Sphinx

from anogen.paths import require_checkout
from companion.claims import inventory
from companion.claims.base import VERDICTS, Verdict
from companion.figures.tables import join_names
from companion.site import metadata
from companion.site.record_info import verdict
from companion.site.verdicts import key_number

PAGE = "book/cite"
LINE = 150  # letters of a statement and of its number
STYLE = """
@page { size: A4; margin: 18mm 20mm }
body { font: 10pt/1.38 Georgia, "Liberation Serif", serif; max-width: 170mm; margin: auto; color: #111; padding: 0 4mm }
h1 { font-size: 17pt; line-height: 1.2; margin: 0 0 2mm } h2 { font-size: 11.5pt; margin: 4mm 0 1mm }
p { margin: 0 0 2mm; text-align: justify } .by { text-align: left }
table { border-collapse: collapse; width: 100%; font-size: 8.2pt; line-height: 1.25; margin: 2mm 0 }
th, td { text-align: left; vertical-align: top; padding: .7mm 2mm .7mm 0; border-bottom: .2mm solid #bbb }
tr { break-inside: avoid }
"""


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Return what each summary says in words, by source, and what all say."""
    path = require_checkout() / "book" / "summaries.yaml"
    return dict(yaml.safe_load(path.read_text(encoding="utf8")))


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the summaries, to which the page *How to cite* links."""
    if error is None and PAGE in app.env.all_docs and app.builder.format == "html":
        for source in texts().keys() - {"all"}:
            verdicts = [verdict(claim.id) for claim in inventory.claims() if claim.source == source]
            path = Path(app.outdir) / "_static" / f"summary-{source}.html"
            path.write_text(summary(source, verdicts), encoding="utf8")


def summary(source: str, verdicts: Sequence[Verdict]) -> str:
    """Return the summary of a source as an HTML document, with the numbers of its verdicts."""
    original, own = inventory.source(source), metadata.book()
    authors = join_names(original.get("authors_printed") or original["authors"])
    words = Counter(found.verdict or "open" for found in verdicts)
    counted = join_names([f"{words[word]} {word}" for word in (*VERDICTS, "open") if words[word]])
    causes = Counter(found.cause for found in verdicts if found.verdict == "not reproduced" and found.cause)
    records = {record for found in verdicts for record in found.records}
    title = f"[Re] {original['title']}"
    names = join_names([one.get("name") or f"{one['given-names']} {one['family-names']}" for one in own["authors"]])
    said, common = texts()[source], texts()["all"]
    parts = {
        "Abstract": f"We reproduce {original['title']} ({authors}, {original['year']}) independently, from its text "
        f"and public libraries. The verdicts on {len(verdicts)} testable statements: {counted}. "
        f"Every number comes from one of {len(records)} records that can be recomputed.",
        "Introduction": said["introduction"],
        "Methods": f"{said['methods']} {common['methods']}",
        "Results": f"The verdicts on {len(verdicts)} statements: {counted}. "
        "The table has the first statement of each section that a number decides.",
    }
    conclusion = f"{words['reproduced']} of {len(verdicts)} statements hold in an independent implementation. "
    if causes:
        listed = join_names([f"{cause} ({count})" for cause, count in causes.most_common()])
        conclusion += f"Where a statement does not hold, the cause is: {listed}. "
    conclusion += common["conclusion"]
    body = "".join(f"<h2>{name}</h2><p>{escape(text)}</p>" for name, text in parts.items())
    licence = f"{own['title']}, version {own['version']}, {own['date-released']}. Licence: {own['license']}."
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f'<h1>{escape(title)}</h1><p class="by">{escape(names)}</p><p class="by">A reproduction of: {escape(authors)} '
        f"({escape(str(original['year']))}). <i>{escape(original['title'])}</i>. {escape(licence)}</p>{body}"
        f"{_table(verdicts)}<h2>Conclusion</h2><p>{escape(conclusion)}</p></body></html>\n"
    )


def _table(verdicts: Sequence[Verdict]) -> str:
    """Return the first statement of each section that has a key number."""
    first: dict[str, Verdict] = {}
    for found in verdicts:
        if key_number(found):
            first.setdefault(inventory.claim(found.claim).section, found)
    rows = [
        (section, _short(inventory.claim(found.claim).statement), _short(key_number(found)), str(found.verdict))
        for section, found in first.items()
    ]
    cells = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr><th>Sec.</th><th>statement</th><th>here</th><th>verdict</th></tr>{cells}</table>"


def _short(text: str) -> str:
    return text if len(text) <= LINE else f"{text[:LINE].rsplit(' ', 1)[0]} …"
