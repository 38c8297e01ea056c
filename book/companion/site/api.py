"""The reference of the package, from its docstrings.

Our docstrings are plain text in numpy's sections, with names in single backticks; a docstring that was not written with
reStructuredText in mind must not break the site, so what could be taken for markup is escaped first.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

import anogen
from companion.claims import equations

MODULE = """```{{eval-rst}}
.. automodule:: {name}
   :members:
   :ignore-module-all:
   :show-inheritance:
   :member-order: bysource
```"""
CODE = re.compile(r"(``[^`]+``|`[^`\n]+`)")
MARKUP = re.compile(r"([*|`]|(?<=\w)_(?!\w))")
UNTYPED = re.compile(r"^(?:Returns|Yields)\n-+\n((?:\S.*\n)*\S.*)(?=\n[ \t]*\n|\n?\Z)", re.MULTILINE)
GIVES = "Gives"  # a section of free text in the place of Returns or Yields


class Package(SphinxDirective):
    """Write ``{package} anogen.scorers`` for all public modules of a package, or ``{package} companion.records.store``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return a section for each module."""
        parts = []
        for name in modules(self.arguments[0]):
            names = ", ".join(f"{{py:obj}}`~{path}`" for path in offered(name))
            parts += [f"## {name.rpartition('.')[2]}", f"`{name}`", MODULE.format(name=name)]
            parts += [f"Offers {names}."] if names else []
        return self.parse_text_to_nodes("\n\n".join(parts), allow_section_headings=True)


def modules(package: str) -> Iterator[str]:
    """Yield the names of a package, or a module, and of all public modules in it and in the packages in it."""
    yield package
    for one in pkgutil.iter_modules(getattr(importlib.import_module(package), "__path__", ())):
        if not one.name.startswith("_"):
            name = f"{package}.{one.name}"
            yield from modules(name) if one.ispkg else (name,)


def offered(module: str) -> Iterator[str]:
    """Yield the full names of what a package offers from its modules."""
    package = importlib.import_module(module)
    for name in getattr(package, "__all__", ()):
        home = getattr(getattr(package, name), "__module__", module)
        if home.startswith(f"{module}."):
            yield f"{home}.{name}"


def escaped(docstring: str) -> str:
    """Return a docstring in which nothing but names in backticks and numpy's sections is markup.

    A section on what is returned that states no type gets another name, since its first line would be read as a type.
    """
    parts = CODE.split(UNTYPED.sub(rf"{GIVES}\n-----\n\1", docstring))
    for i, part in enumerate(parts):
        if i % 2 == 0:
            lines = [one if one.lstrip().startswith(">>>") else MARKUP.sub(r"\\\1", one) for one in part.split("\n")]
            parts[i] = "\n".join(lines)
            continue
        before, after = parts[i - 1][-1:], parts[i + 1][:1]  # inline markup has to stand apart from words
        left, right = ("\\ " if _joins(one) else "" for one in (before, after))
        parts[i] = f"{left}``{part.strip('`')}``{right}"
    return "".join(parts)


def _joins(character: str) -> bool:
    return character.isalnum() or character == "_"


def setup(app: Sphinx) -> None:
    """Escape docstrings before napoleon reads them, and add what they cannot know."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.config.napoleon_custom_sections = [GIVES]
    app.connect("autodoc-process-docstring", _process, priority=100)
    app.connect("autodoc-skip-member", _skip)
    app.connect("missing-reference", plain)


def _process(_app: Sphinx, _what: str, name: str, _object: object, _options: object, lines: list[str]) -> None:
    """Escape the docstring of `name` in place; add the formulas of the sources that it implements."""
    lines[:] = escaped("\n".join(lines)).split("\n")
    if found := equations.implemented_by().get(name):
        lines += ["", "Implements " + ", ".join(f"{one.meaning} (``{one.id}``)" for one in found) + ".", ""]


def _skip(_app: Sphinx, _what: str, name: str, member: object, skip: bool, _options: object) -> bool | None:
    """Leave out what is private, what other libraries add to our classes, and fields that say nothing."""
    home = str(getattr(member, "__module__", None) or anogen.__name__)
    wordless = str(getattr(member, "__doc__", "")).startswith("Alias for field number")
    return True if wordless or name.startswith("_") or not home.startswith(anogen.__name__) else skip or None


def plain(_app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element) -> nodes.Element | None:
    """Find what a package offers from its modules; leave types of Python and other libraries without a link.

    A public name of ours that leads nowhere stays an error.
    """
    if node.get("refdomain") != "py":
        return None
    target = str(node["reftarget"])
    module, _, name = target.rpartition(".")
    if target.partition(".")[0] != anogen.__name__ or name.startswith("_"):
        return content
    found = _found(module, name)
    if isinstance(found, TypeVar):
        return content
    entry = env.get_domain("py").data["objects"].get(f"{getattr(found, '__module__', '')}.{name}")
    if entry is None:
        return None
    builder = env.app.builder
    return make_refnode(builder, str(node["refdoc"]), entry.docname, entry.node_id, [content], target)


def _found(module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None
