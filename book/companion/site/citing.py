"""BibTeX entries to copy: the book's own, from ``CITATION.cff``, and those of its list of references."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from companion.claims import inventory
from companion.site import metadata
from companion.site.html_nodes import element, tag
from companion.site.pages import Page, fills, placeholder

OWN = "anogen"


class BibTeX(SphinxDirective):
    """Write ``{bibtex} anogen`` or ``{bibtex} kralik2024gan`` for an entry with a button that copies it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the entry; the site's script adds the button."""
        key = self.arguments[0]
        path = Path(self.env.srcdir) / ("CITATION.cff" if key == OWN else "book/references.bib")
        self.env.note_dependency(str(path))
        text = path.read_text(encoding="utf8")
        made = own(text, str(self.config.copyright)) if key == OWN else entry(text, key)
        return [tag("div", tag("pre", made, tabindex="0"), class_="bibtex")]


def own(citation: str, year: str) -> str:
    """Return the entry of this book from the text of ``CITATION.cff``; the release's year, if there is one, wins."""
    said = yaml.safe_load(citation)
    names = [one.get("name") or f"{one['family-names']}, {one['given-names']}" for one in said["authors"]]
    fields = {
        "author": " and ".join(f"{{{name}}}" for name in names),
        "title": said["title"],
        "version": said["version"],
        "year": str(said.get("date-released", year))[:4],
        "license": said["license"],
        "doi": said.get("doi"),
        "url": said.get("url") or said.get("repository-code"),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@software{{{OWN},\n" + ",\n".join(lines) + "\n}"


def entry(bibliography: str, key: str) -> str:
    """Return the entry `key` of a bibliography verbatim."""
    found = re.search(rf"^@\w+\{{{re.escape(key)},\n.*?^\}}", bibliography, re.DOTALL | re.MULTILINE)
    if found is None:
        raise ValueError(f"no entry {key!r} in the bibliography")
    return found[0]


@fills("citation")
def citation(page: Page, place: placeholder) -> Iterator[element]:
    """Yield how to cite a figure or table: its source, if it has one, and this book with its records."""
    said, figure = metadata.book(), place["figure"]
    if where := inventory.number(figure):
        title = inventory.source(figure.split("-", maxsplit=1)[0])["title"]
        source = next(one for one in said["references"] if one["title"] == title)
        yield _cited(f"{_reference(source)} {where}.")
    book = _reference({**said, "year": said["date-released"].year})
    number = page.number(figure) if page.app.config.anogen_downloads else ""  # a standalone page numbers on its own
    number = f" {number}." if number else ""
    records = f" Records {', '.join(place['records'])}." if place["records"] else ""
    yield _cited(f"{book} Version {said['version']}.{number}{records}")
    if page.has("book/cite"):
        yield tag("p", page.link("book/cite", "", "BibTeX entries"))


def _cited(text: str) -> element:
    return tag("div", tag("pre", text, tabindex="0"), class_="copied")


def _reference(stated: Mapping[str, Any]) -> str:
    """Return authors, year, title and address of a work in the form of ``CITATION.cff``."""
    names = [one.get("name") or f"{one['given-names']} {one['family-names']}" for one in stated["authors"]]
    doi = f" https://doi.org/{stated['doi']}" if "doi" in stated else ""
    where = " ".join(str(stated[key]) for key in ("journal", "volume", "notes") if key in stated)
    return f"{', '.join(names)} ({stated['year']}). {stated['title']}.{f' {where}.' if where else ''}{doi}"
