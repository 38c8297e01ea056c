"""The few HTML elements that docutils has no node for, and shorthands to build pages with."""

from collections.abc import Iterable
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


class element(nodes.General, nodes.TextElement):
    """An HTML element with its attributes; other formats show its content alone."""


def tag(name: str, *content: nodes.Node | str, **attributes: Any) -> element:
    """Return the element ``<name>``; `class_` and `data_x` stand for ``class`` and ``data-x``."""
    attrs = {key.rstrip("_").replace("_", "-"): str(value) for key, value in attributes.items() if value is not None}
    made = element("", tag=name, attrs=attrs)
    made += [nodes.Text(child) if isinstance(child, str) else child for child in content]
    return made


def facts(rows: Iterable[tuple[str, Iterable[nodes.Node | str]]]) -> element:
    """Return a description list of named facts; a row without content is left out."""
    described = tag("dl", class_="facts")
    for name, content in rows:
        if parts := list(content):
            described += [tag("dt", name), tag("dd", *parts)]
    return described


def counts(*rows: tuple[str, int, str | None]) -> element:
    """Return a list of numbers: what is counted, how many, and the class that colours it."""
    return tag("ul", *(tag("li", tag("b", str(n)), f" {word}", class_=look) for word, n, look in rows), class_="counts")


def table(heads: Iterable[str], rows: Iterable[Iterable[nodes.Node | str]], **attributes: Any) -> element:
    """Return a table; the cells of the first column head their rows."""
    head = tag("tr", *(tag("th", name, scope="col") for name in heads))
    body = tag("tbody")
    for row in rows:
        first, *rest = row
        body += tag("tr", tag("th", first, scope="row"), *(tag("td", cell) for cell in rest))
    return tag("div", tag("table", tag("thead", head), body, **attributes), class_="wide", tabindex="0")


def joined(parts: Iterable[nodes.Node | str], separator: str = " ") -> list[nodes.Node | str]:
    """Return the parts with the separator between them."""
    spaced = [piece for part in parts for piece in (separator, part)]
    return spaced[1:]


def _visit(writer: Any, node: element) -> None:
    ids = {"id": node["ids"][0]} if node["ids"] else {}
    attributes = {**ids, **node["attrs"]}
    pairs = "".join(f' {name}="{writer.attval(value)}"' for name, value in attributes.items())
    writer.body.append(f"<{node['tag']}{pairs}>")


def _depart(writer: Any, node: element) -> None:
    writer.body.append(f"</{node['tag']}>")


def _skip(writer: Any, node: element) -> None:
    """Do nothing: the content is written without the element."""


def setup(app: Sphinx) -> None:
    """Register the node with all writers."""
    app.add_node(element, override=True, html=(_visit, _depart), latex=(_skip, _skip), text=(_skip, _skip))
