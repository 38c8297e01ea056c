"""The reference of the public library: Sphinx's autodoc, with links from types to the names that users import."""

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

LIBRARY = "anogen."
REFERENCE = "book/api/"


def setup(app: Sphinx) -> None:
    """Load autodoc and napoleon, and connect the handlers."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.connect("autodoc-skip-member", _skip)
    app.connect("missing-reference", resolve)


def _skip(_app: Sphinx, _what: str, _name: str, member: object, skip: bool, _options: object) -> bool | None:
    """Leave out the fields of named tuples that have no docstring."""
    return str(getattr(member, "__doc__", "")).startswith("Alias for field number") or skip or None


def resolve(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element) -> nodes.Element | None:
    """Link a name's defining module (``anogen.scorers.base.Scorer``) to its public name; other types stay plain text.

    A name of the library outside the reference that leads nowhere stays an error.
    """
    if node.get("refdomain") != "py":
        return None
    target, page = str(node["reftarget"]), str(node["refdoc"])
    name = target.rpartition(".")[2]
    objects = env.get_domain("py").data["objects"]
    public = [one for one in objects if one.startswith(LIBRARY) and one.rpartition(".")[2] == name]
    if public and (target.startswith(LIBRARY) or "." not in target):
        entry = objects[min(public, key=len)]
        return make_refnode(app.builder, page, entry.docname, entry.node_id, [content], target)
    return None if target.startswith(LIBRARY) and not page.startswith(REFERENCE) else content
