"""The few HTML elements that docutils has no node for, and shorthands to build pages with."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

Content = nodes.Node | str


class element(nodes.General, nodes.TextElement):
    """An HTML element with its attributes."""


def tag(name: str, *content: Content, **attributes: Any) -> element:
    """Return the element ``<name>``; `class_` and `data_x` stand for ``class`` and ``data-x``."""
    attrs = {key.rstrip("_").replace("_", "-"): str(value) for key, value in attributes.items() if value is not None}
    made = element("", tag=name, attrs=attrs)
    made += [nodes.Text(child) if isinstance(child, str) else child for child in content]
    return made


def facts(rows: Iterable[tuple[str, Iterable[Content]]]) -> element:
    """Return a description list of named facts; a row without content is left out."""
    described = tag("dl", class_="facts")
    for name, content in rows:
        if parts := list(content):
            described += [tag("dt", name), tag("dd", *parts)]
    return described


def counts(*rows: tuple[str, int, str | None]) -> element:
    """Return a list of numbers: what is counted, how many, and the class that colours it."""
    return tag("ul", *(tag("li", tag("b", str(n)), f" {word}", class_=look) for word, n, look in rows), class_="counts")


def table(heads: Iterable[str], rows: Iterable[Iterable[Content]], **attributes: Any) -> element:
    """Return a table; the cells of the first column head their rows.

    On a phone each row of a table of class `prose` becomes a list, a cell's head in front of it.
    """
    names, prose = list(heads), attributes.get("class_") == "prose"
    head, body = tag("tr", *(tag("th", name, scope="col") for name in names)), tag("tbody")
    for first, *rest in rows:
        cells = (
            tag("td", cell, data_head=name if prose and cell else None)
            for name, cell in zip(names[1:], rest, strict=True)
        )
        body += tag("tr", tag("th", first, scope="row"), *cells)
    return tag("div", tag("table", tag("thead", head), body, **attributes), class_="wide", tabindex="0")


def section(id_: str, title: str, *content: nodes.Node) -> nodes.section:
    """Return a section with a heading."""
    made = nodes.section(ids=[id_], names=[])
    made += [nodes.title("", title), *content]
    return made


def joined(parts: Iterable[Content], separator: str = ", ") -> list[Content]:
    """Return the parts with the separator between them."""
    return [piece for part in parts for piece in (separator, part)][1:]


def download(env: BuildEnvironment, path: Path, text: str) -> nodes.Node:
    """Return a link to a copy of a file."""
    link = addnodes.download_reference("", "", tag("span", text), refdomain="", reftype="download", refwarn=True)
    link.attributes |= {"refdoc": env.docname, "reftarget": "/" + os.path.relpath(path, env.srcdir)}
    return link


def rendered(app: Sphinx, node: nodes.Node) -> str:
    """Return the HTML of a node that belongs to no document."""
    builder: Any = app.builder
    return str(builder.render_partial(node)["fragment"])


def _visit(writer: Any, node: element) -> None:
    ids = {"id": node["ids"][0]} if node["ids"] else {}
    pairs = (f' {name}="{writer.attval(value)}"' for name, value in {**ids, **node["attrs"]}.items())
    writer.body.append(f"<{node['tag']}{''.join(pairs)}>")


def _depart(writer: Any, node: element) -> None:
    writer.body.append(f"</{node['tag']}>")


def setup(app: Sphinx) -> None:
    """Register the node."""
    app.add_node(element, override=True, html=(_visit, _depart))
