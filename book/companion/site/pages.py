"""Content that depends on other pages: a placeholder until all pages have been read, then its nodes."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from companion.site.html_nodes import element, tag
from companion.site.provenance import Standing, overview, standings

Fill = Callable[["Page", overview], Iterable[nodes.Node]]
_fills: dict[str, Fill] = {}  # what stands in place of each kind of placeholder


def fills(kind: str) -> Callable[[Fill], Fill]:
    """Register the function that makes the content of a kind of placeholder."""

    def register(function: Fill) -> Fill:
        _fills[kind] = function
        return function

    return register


def placeholder(kind: str, doc: str) -> type[SphinxDirective]:
    """Return a directive without arguments whose content is made when all pages are known."""

    def run(_self: SphinxDirective) -> list[nodes.Node]:
        return [overview(kind=kind)]

    return type(f"{kind.title()}Directive", (SphinxDirective,), {"run": run, "__doc__": doc})


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the content in the place of each placeholder, now that all pages have been read."""
    page = Page(app, docname)
    for place in list(doctree.findall(overview)):
        place.replace_self(list(_fills[place["kind"]](page, place)))


class Page:
    """A page that speaks of things on other pages."""

    def __init__(self, app: Sphinx, docname: str) -> None:
        self.app = app
        self.env: BuildEnvironment = app.env
        self.docname = docname
        order = [page for pages in self.env.toctree_includes.values() for page in pages]
        noted = sorted(standings(self.env).items(), key=lambda one: order.index(one[0]) if one[0] in order else -1)
        self.standing = {standing.figure: standing for _, figures in noted for standing in figures}

    def has(self, page: str | None) -> bool:
        """Tell whether the site has a page of this name."""
        return page in self.env.all_docs

    def title(self, page: str) -> str:
        """Return the title of a page."""
        return self.env.titles[page].astext()

    def link(self, page: str, anchor: str, *content: nodes.Node | str, **attributes: Any) -> element:
        """Return a link to a place on a page of this site; all pages are one in a book to print."""
        alone = self.app.builder.name == "singlehtml"
        uri = "" if alone or page == self.docname else self.app.builder.get_relative_uri(self.docname, page)
        fragment = f"#{nodes.make_id(anchor)}" if anchor else f"#document-{page}" if alone else ""
        return tag("a", *content, href=uri + fragment, **attributes)

    def picture(self, standing: Standing) -> tuple[list[nodes.Node], str]:
        """Return the picture, of several the first, and the caption of a figure on another page."""
        for figure in self.env.get_doctree(standing.page).findall(nodes.figure):
            if standing.figure.lower() in figure["names"]:
                caption = next((one.astext() for one in figure.findall(nodes.caption)), "")
                kept = ("uri", "candidates", "alt", "classes")
                images = list(figure.findall(nodes.image))[:1]
                return [nodes.image(**{k: one[k] for k in kept if k in one}) for one in images], caption
        return [], ""


def section(id_: str, title: str, *content: nodes.Node) -> nodes.section:
    """Return a section with a heading."""
    made = nodes.section(ids=[id_], names=[])
    made += [nodes.title("", title), *content]
    return made


def outdated(_app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages that speak of others: they are written anew in every build."""
    return [page for page in env.all_docs if any(env.get_doctree(page).findall(overview))]


def purge(_app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget what stands on a page that is read again."""
    standings(env).pop(docname, None)
    mentions(env).pop(docname, None)


def merge(_app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take over what another process has read."""
    standings(env).update({page: figures for page, figures in standings(other).items() if page in docnames})
    mentions(env).update({page: ids for page, ids in mentions(other).items() if page in docnames})


def mentions(env: Any) -> dict[str, list[str]]:
    """Return the ids of inconsistencies that each page names, as noted in the environment of the build."""
    if not hasattr(env, "anogen_mentions"):
        env.anogen_mentions = {}
    noted: dict[str, list[str]] = env.anogen_mentions
    return noted


def each(items: Iterable[nodes.Node | str]) -> Iterator[nodes.Node | str]:
    """Yield the items with a comma between them."""
    for number, item in enumerate(items):
        if number:
            yield ", "
        yield item
