"""The search page's own index: figures, tables, claims, pages, sections, detectors and terms, each with a title."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx

from anogen.detectors.catalogue import CATALOGUE
from companion.claims import inventory
from companion.site.metadata import shortened
from companion.site.pages import CLAIMS, Page, is_site, noted, plain
from companion.site.record_info import entry, record, verdict
from companion.site.verdicts import key_number

ENTRIES = "search-entries.js"
SCRIPT = "search.js"
SHORT = {"thesis": "Thesis", "tailored": "Tailored", "review": "Review", "anorand": "AnoRand"}
CHAPTERS = "book/chapters/"
API = "book/api/"
LINE = 160  # characters below a title
WORD = re.compile(r"[^\W\d_][\w-]{2,}")
TYPICAL = 80  # words that find a page: those frequent on it and rare on others
LEAST = 2  # times that such a word is on the page
RARE = 1 / 3  # of the pages may have it


class Entry(NamedTuple):
    """A result of the search; the script weighs its fields differently."""

    kind: str
    number: str  # of the source, or the id
    title: str
    line: str  # of text
    address: str  # below the site's folder
    words: str = ""  # further words that find it


class Heading(NamedTuple):
    """A section of a page."""

    anchor: str  # empty for the page itself
    title: str
    line: str


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Note the sections of a page and the words that it names as its subjects."""
    headings = noted(app.env, app.env.docname, "headings")
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        if title is not None and title.parent is section:
            first = next((one for one in section.children if isinstance(one, nodes.paragraph)), None)
            anchor = str(section["ids"][0]) if headings else ""
            headings.append(Heading(anchor, plain(title), shortened(plain(first) if first else "", LINE)))
    keywords = [meta["content"] for meta in doctree.findall(nodes.meta) if meta.get("name") == "keywords"]
    noted(app.env, app.env.docname, "keywords").extend(keywords)
    texts = [one.astext() for kind in (nodes.title, nodes.paragraph, nodes.caption) for one in doctree.findall(kind)]
    texts += [inventory.claim(claim).statement for claim, _ in noted(app.env, app.env.docname, "verdicts")]
    texts += [_shows(entry(standing.figure)) for standing in noted(app.env, app.env.docname, "figures")]
    counted = Counter(word for text in texts for word in WORD.findall(text.lower()))
    noted(app.env, app.env.docname, "words").extend(counted.items())


def write_entries(app: Sphinx) -> list[Any]:
    """Write the script with all entries for Sphinx's event `html-collect-pages`; it adds no page."""
    if is_site(app):
        rows = [list(entry) for entry in entries(Page(app, ""))]
        lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
        text = f"const ENTRIES = [\n{lines}\n];\n"
        (Path(app.outdir) / "_static" / ENTRIES).write_text(text, encoding="utf8")
    return []


def add_scripts(app: Sphinx, pagename: str, *_arguments: object) -> None:
    """Load the search on the page that shows its results, and nowhere else."""
    if pagename == "search" and is_site(app):
        for name in (ENTRIES, SCRIPT):
            app.add_js_file(name, loading_method="defer")


def entries(page: Page) -> Iterator[Entry]:
    """Yield all entries, in the order in which equal ones are listed."""
    yield from _figures(page)
    yield from _claims(page)
    yield from _detectors(page)
    typical = typical_words({docname: dict(noted(page.env, docname, "words")) for docname in page.ordered()})
    for docname in page.ordered():
        yield from _sections(page, docname, typical[docname])
    for _, shown, kind, docname, anchor, _ in page.env.get_domain("std").get_objects():
        if kind == "term":
            yield Entry("term", "", str(shown), page.title(docname), f"{docname}.html#{anchor}")


def _figures(page: Page) -> Iterator[Entry]:
    listed: list[inventory.Figure | inventory.Table] = [*inventory.figures(), *inventory.tables()]
    known = {one.id: one for one in listed}
    for id_, standing in page.standing.items():
        anchor, item = nodes.make_id(id_), known.get(id_)
        kind = "table" if "-table-" in id_ else "figure"
        ours = page.number(id_)
        address, title = f"{standing.page}.html#{anchor}", page.title(standing.page)
        if item is None:
            yield Entry(kind, ours, shortened(page.picture(standing)[1], LINE), title, address, id_)
            continue
        number = f"{SHORT[item.source]} {inventory.number(id_)}"
        line = f"{title} · here {ours}" if ours else title
        yield Entry(kind, number, shortened(_shows(item), LINE), line, address, id_)


def _shows(item: object) -> str:
    """Return what a figure or table of a source shows; nothing for one of this book."""
    return str(getattr(item, "shows", "") or getattr(item, "what", ""))


def _claims(page: Page) -> Iterator[Entry]:
    for claim in inventory.all_claims():
        found = verdict(claim.id)
        line = " · ".join(filter(None, (found.verdict or "open", key_number(found))))
        yield Entry("statement", claim.id, claim.statement, shortened(line, LINE), f"{CLAIMS}/{claim.id}.html")


def _detectors(page: Page) -> Iterator[Entry]:
    """Yield the detectors of the catalogue, each with the chapter that has most of its records."""
    users: dict[str, Counter[str]] = {name: Counter() for name in CATALOGUE}
    for standing in page.standing.values():
        for id_ in standing.records:
            for name in record(id_).meta["detectors"]:
                users.get(name.partition(":")[0], Counter())[standing.page] += 1  # without the options
    for name, item in CATALOGUE.items():
        chapters = [docname for docname, _ in users[name].most_common(1)]
        if chapters:
            yield Entry("detector", "", item.title, f"Its score: {item.score}", f"{chapters[0]}.html", name)


def typical_words(counted: Mapping[str, Mapping[str, int]]) -> dict[str, list[str]]:
    """Return the words that are frequent on a page and rare on the others, by page, from the words of each."""
    pages = Counter(word for words in counted.values() for word in words)
    typical = {}
    for page, words in counted.items():
        rare = [word for word, n in words.items() if n >= LEAST and pages[word] <= max(1, RARE * len(counted))]
        value = {word: words[word] * math.log(len(counted) / pages[word]) for word in rare}
        typical[page] = sorted(rare, key=lambda word: (-value[word], word))
    return {page: words[:TYPICAL] for page, words in typical.items()}


def _sections(page: Page, docname: str, typical: list[str]) -> Iterator[Entry]:
    numbers = page.env.toc_secnumbers.get(docname, {})
    words = " ".join([*noted(page.env, docname, "keywords"), *typical])
    described = " ".join(noted(page.env, docname, "description")[:1])
    part = "chapter" if docname.startswith(CHAPTERS) else "reference" if docname.startswith(API) else "page"
    for heading in map(Heading._make, noted(page.env, docname, "headings")):
        number = ".".join(map(str, numbers.get(f"#{heading.anchor}" if heading.anchor else "", ())))
        if not heading.anchor:
            yield Entry(part, number, heading.title, shortened(described, LINE), f"{docname}.html", words)
        else:
            line = heading.line or page.title(docname)
            yield Entry("section", number, heading.title, line, f"{docname}.html#{heading.anchor}", page.title(docname))
