"""Content that depends on other pages: a placeholder until all pages have been read, then its nodes."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from companion.figures.export import write_thumbnail
from companion.site.html_nodes import Content, element, tag

SCORECARD = "book/scorecard"
CLAIMS = "book/claims"  # the folder of the claims' pages


class placeholder(nodes.General, nodes.Element):
    """Content of some `kind` that is made when all pages have been read."""


class Standing(NamedTuple):
    """A figure of a page."""

    figure: str
    page: str
    records: tuple[str, ...]
    scale: str


Fill = Callable[["Page", placeholder], Iterable[nodes.Node]]
_fills: dict[str, Fill] = {}  # makes the content of each kind of placeholder


def fills(kind: str) -> Callable[[Fill], Fill]:
    """Register the function that makes the content of a kind of placeholder."""
    return lambda function: _fills.setdefault(kind, function)


def directive(kind: str, fill: Fill) -> type[SphinxDirective]:
    """Return a directive without arguments whose content a function makes."""
    _fills[kind] = fill
    return type(kind, (SphinxDirective,), {"run": lambda _self: [placeholder(kind=kind)]})


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the content in the place of each placeholder, now that all pages have been read."""
    page = Page(app, docname)
    for place in list(doctree.findall(placeholder)):
        place.replace_self(list(_fills[place["kind"]](page, place)))


class Page:
    """A page that speaks of things on other pages."""

    def __init__(self, app: Sphinx, docname: str) -> None:
        self.app = app
        self.env: BuildEnvironment = app.env
        self.docname = docname
        figures: list[Standing] = [one for page in self.ordered() for one in noted(self.env, page, "figures")]
        self.standing = {standing.figure: standing for standing in figures}

    def ordered(self) -> list[str]:
        """Return all pages that have been read, in the order of the contents."""
        order = [page for pages in self.env.toctree_includes.values() for page in pages]
        return sorted(self.env.metadata, key=lambda page: order.index(page) if page in order else -1)

    def has(self, page: str | None) -> bool:
        """Tell whether the site has a page of this name."""
        return page in self.env.all_docs

    def title(self, page: str) -> str:
        """Return the title of a page."""
        return self.env.titles[page].astext()

    def link(self, page: str, anchor: str, *content: Content, **attributes: Any) -> element:
        """Return a link to a place on a page of this site; all pages are one in a book to print."""
        alone = self.app.builder.name == "singlehtml"
        uri = "" if alone or page == self.docname else self.app.builder.get_relative_uri(self.docname, page)
        fragment = f"#{nodes.make_id(anchor)}" if anchor else f"#document-{page}" if alone else ""
        return tag("a", *content, href=uri + fragment, **attributes)

    def claim(self, id_: str, *content: Content) -> Content:
        """Return a link to a claim's page; a printed book has its line in the scorecard, a standalone page neither."""
        if is_site(self.app):
            return self.link(f"{CLAIMS}/{id_}", "", *content)
        return self.link(SCORECARD, id_, *content) if self.has(SCORECARD) else tag("span", *content)

    def number(self, figure: str) -> str:
        """Return how this book numbers a figure or table, such as "Fig. 7.5"; empty where it has no number."""
        standing = self.standing.get(figure)
        numbers = self.env.toc_fignumbers.get(standing.page, {}) if standing else {}
        for kind, name in (("figure", "Fig."), ("table", "Table")):
            if number := numbers.get(kind, {}).get(nodes.make_id(figure)):
                return f"{name} {'.'.join(map(str, number))}"
        return ""

    def picture(self, standing: Standing) -> tuple[list[nodes.Node], str]:
        """Return the picture, of several the first, and the caption of a figure on another page."""
        for figure in _figures(self.app, standing.page):
            if standing.figure.lower() in figure["names"]:
                caption = next((one.astext() for one in figure.findall(nodes.caption)), "")
                kept = ("uri", "candidates", "alt", "classes")
                images = list(figure.findall(nodes.image))[:1]
                return [nodes.image(**{k: one[k] for k in kept if k in one}) for one in images], caption
        return [], ""

    def thumbnail(self, standing: Standing) -> list[element]:
        """Return a small copy of the picture of a figure, which is written next to the pictures of the site."""
        pictures, _ = self.picture(standing)
        alt = next((picture["alt"] for picture in pictures if isinstance(picture, nodes.image)), None)
        if alt is None:  # a table
            return []
        name = f"{self.app.builder.imagedir}/small/{standing.figure}.webp"
        size = write_thumbnail(_pngs(self.app, standing.page)[standing.figure], Path(self.app.outdir) / name)
        up = "" if self.app.builder.name == "singlehtml" else "../" * self.docname.count("/")
        return [tag("img", src=up + name, alt=alt, width=size[0], height=size[1])]


def _figures(app: Sphinx, page: str) -> list[nodes.figure]:
    """Return the figures of a page, which is loaded once a build; galleries and teasers ask for each of them."""
    loaded: dict[str, list[nodes.figure]] = vars(app).setdefault("anogen_figures", {})
    if page not in loaded:
        loaded[page] = list(app.env.get_doctree(page).findall(nodes.figure))
    return loaded[page]


def is_site(app: Sphinx) -> bool:
    """Tell whether the whole site is built, and neither a book to print nor a standalone page."""
    whole = SCORECARD in app.env.all_docs and bool(app.config.anogen_downloads)
    return app.builder.name == "html" and whole


def plain(node: nodes.Element) -> str:
    """Return the text of a node in one line; of references to the bibliography the author, if part of a sentence."""
    copy = node.deepcopy()
    for reference in list(copy.findall(pending_xref)):
        if reference.get("refdomain") == "cite":
            author = re.match("[a-z]*", str(reference["reftarget"]))
            name = author[0].title() if author and reference.get("reftype") == "t" else ""
            reference.parent.replace(reference, nodes.Text(name))
    return re.sub(r"\s+([,.;:])", r"\1", " ".join(copy.astext().split()))


def _pngs(app: Sphinx, page: str) -> dict[str, str]:
    """Return the first PNG of each figure of a chapter, in base64, by the figure's id, from the executed notebook."""
    loaded: dict[str, dict[str, str]] = vars(app).setdefault("anogen_pngs", {})
    if page not in loaded:
        notebook = json.loads(Path(app.env.doc2path(page)).read_text(encoding="utf8"))
        cells = ((cell.get("metadata", {}).get("mystnb", {}), cell.get("outputs")) for cell in notebook["cells"])
        shown = ((said["figure"]["name"], outputs) for said, outputs in cells if "figure" in said)
        loaded[page] = {name: "".join(outputs[0]["data"]["image/png"]) for name, outputs in shown}
    return loaded[page]


def noted(env: BuildEnvironment, page: str, kind: str) -> list[Any]:
    """Return what a page has noted in its metadata: its `figures` and `verdicts`, or the errata that it `mentions`."""
    found: list[Any] = env.metadata[page].setdefault(f"anogen_{kind}", [])
    return found
