"""Links to lines of code: in the repository if its address is set, else on highlighted source pages of the site."""

import html
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sphinx.application import Sphinx

from anogen.errors import InputError
from anogen.paths import require_checkout
from companion.site.html_nodes import element, joined, tag
from companion.site.pages import Page, fills, placeholder
from companion.site.where import Location, locate


@fills("code")
def code_link(page: Page, place: placeholder) -> Iterator[nodes.Node]:
    """Yield a link to the function that draws a figure or writes a table; nothing for an unregistered one."""
    functions = [one for one in _locations(place) if one.kind in ("figure", "table")]
    yield from (link(page, location, place["figure"], place["figure"], "code") for location in functions[:1])


@fills("all-code")
def code_line(page: Page, place: placeholder) -> Iterator[nodes.Node]:
    """Yield a line with a link to each function and class behind a figure."""
    parts = []
    for kind, found in groupby(_locations(place), key=lambda location: location.kind):
        links = [link(page, location, place["figure"], place["figure"]) for location in found]
        parts.append(tag("span", f"{kind}{'s' * (len(links) > 1)} ", *joined(links)))
    if parts:
        yield tag("p", tag("strong", "Code"), " ", *joined(parts, " · "), class_="code-links")


def _locations(place: placeholder) -> list[Location]:
    try:
        return locate(place["figure"], place["records"])
    except InputError:
        return []


def link(page: Page, location: Location, user: str, anchor: str, text: str = "") -> element:
    """Return a link to the line of a function, class or module, with its name or `text`.

    `user` and `anchor` give the link back.
    """
    name, where = text or tag("code", location.name), f"{location.path}, line {location.line}"
    app = page.app
    options = app.config.html_theme_options
    if repository := str(options.get("repository_url") or "").rstrip("/"):
        uri = f"{repository}/blob/{options.get('repository_branch') or 'main'}/{location.path}#L{location.line}"
    elif app.builder.name == "html" and app.config.anogen_downloads:
        _users(app).setdefault(location.path, set()).add((user, page.docname, nodes.make_id(anchor)))
        uri = f"{app.builder.get_relative_uri(page.docname, _page_name(location.path))}#L{location.line}"
    else:  # a printed book and a standalone page have no source pages
        return tag("span", name, f" ({where})")
    return tag("a", name, href=uri, title=where)


def _users(app: Sphinx) -> dict[str, set[tuple[str, str, str]]]:
    """Return the files that pages of this build link to, each with its users: id, page and anchor."""
    noted: dict[str, set[tuple[str, str, str]]] = vars(app).setdefault("anogen_sources", {})
    return noted


def _page_name(path: str) -> str:
    return f"source/{path.removesuffix('.py')}"


def collect(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the source pages, with links back, for Sphinx's event `html-collect-pages`; all links are known by then."""
    for path, linked in sorted(_users(app).items()):
        name = _page_name(path)
        back = ", ".join(
            f'<a href="{app.builder.get_relative_uri(name, docname)}{anchor and f"#{anchor}"}">{html.escape(user)}</a>'
            for user, docname, anchor in sorted(linked)
        )
        text = (require_checkout() / path).read_text(encoding="utf8")
        formatted = highlight(text, PythonLexer(), HtmlFormatter(linespans="L"))  # in the theme's colours
        numbered = re.sub(r'id="L-(\d+)"', r'id="L\1"', formatted)
        code = f'<div class="source-code" tabindex="0">{numbered}</div>'
        body = f"<h1><code>{path}</code></h1>\n<p>Code behind {back}.</p>\n{code}"
        yield name, {"title": path, "body": body}, "page.html"
