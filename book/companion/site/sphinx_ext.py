"""The Sphinx extension of the site: directives, formulas as MathML, links of the library's reference."""

import re
from typing import Any

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.math import get_node_equation_number
from sphinx.util.nodes import make_refnode
from sphinx.writers.html5 import HTML5Translator

from companion.site import (
    benchmark,
    changes,
    citing,
    claim_pages,
    data_page,
    errata,
    finish,
    glance,
    home,
    html_nodes,
    incremental,
    live,
    metadata,
    pages,
    provenance,
    runtimes,
    scorecard,
    search,
    sources,
    summary,
    verdicts,
)
from companion.site.record_info import name as name_of

LOG = logging.getLogger(__name__)
MACROS = {"R": r"\mathbb{R}", "E": r"\mathbb{E}"}
NUMBERED = re.compile(r"\\(begin|end)\{(equation|align|gather|multline|flalign|alignat|eqnarray)\}")
LIBRARY = "anogen."
REFERENCE = "book/api/"
DIRECTIVES: dict[str, type[SphinxDirective]] = {
    "benchmark": benchmark.Benchmark,
    "byline": home.Byline,
    "bibtex": citing.BibTeX,
    "chapters": pages.directive("chapters", runtimes.chapter_table),
    "data-link": pages.directive("data-link", data_page.link_to_data),
    "errata": pages.directive("errata", errata.errata),
    "figure-index": pages.directive("figure-index", home.gallery),
    "finder": pages.directive("finder", home.finder),
    "formulas": pages.directive("formulas", errata.formulas),
    "frames": provenance.Frames,
    "glance": glance.Glance,
    "grid-time": pages.directive("grid-time", runtimes.grid),
    "laboratory": live.Laboratory,
    "provenance": provenance.Provenance,
    "scorecard": pages.directive("scorecard", scorecard.scorecard),
    "source": provenance.SourceReports,
    "states": pages.directive("states", home.state_of_sources),
    "teaser": scorecard.Teaser,
    "readings": changes.Readings,
    "verdict-changes": pages.directive("verdict-changes", changes.changes),
    "verdicts": verdicts.Verdicts,
}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register directives, the formula renderer and the clean-up of pages."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.add_config_value("anogen_downloads", default=True, rebuild="env", types=[bool])
    app.add_html_math_renderer("mathml", (_inline_math, None), (_block_math, None))
    html_nodes.setup(app)
    incremental.setup(app)
    app.add_node(pages.placeholder)
    app.add_node(provenance.frames)
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    app.connect("config-inited", _buttons, priority=100)
    app.connect("config-inited", metadata.footer, priority=100)
    app.connect("autodoc-skip-member", _skip)
    app.connect("doctree-read", provenance.assemble, priority=100)  # before the pictures are counted
    app.connect("doctree-read", errata.note)
    app.connect("doctree-read", metadata.note)
    app.connect("doctree-read", search.note)
    app.connect("missing-reference", _elsewhere)
    app.connect("missing-reference", _public_name)
    app.connect("doctree-resolved", pages.resolve)
    app.connect("html-collect-pages", claim_pages.collect)
    app.connect("html-collect-pages", data_page.collect)
    app.connect("html-collect-pages", search.write_entries)
    app.connect("html-collect-pages", sources.collect)
    app.connect("build-finished", changes.write_json)
    app.connect("build-finished", metadata.write_lists)
    app.connect("build-finished", summary.write)
    app.connect("html-page-context", metadata.describe)
    app.connect("html-page-context", search.add_scripts)
    app.connect("build-finished", finish.finish_site)
    app.connect("html-page-context", _without_thebe, priority=900)
    return {"version": "1", "env_version": 1, "parallel_read_safe": False, "parallel_write_safe": False}


def _buttons(_app: Sphinx, config: Config) -> None:
    """Show the buttons that need the address of the repository as soon as `_config.yml` has it."""
    options = config.html_theme_options
    known = bool(options.get("repository_url"))
    options |= {"use_repository_button": known, "use_issues_button": known}


def _skip(_app: Sphinx, _what: str, _name: str, member: object, skip: bool, _options: object) -> bool | None:
    """Leave out the fields of named tuples that have no docstring."""
    return str(getattr(member, "__doc__", "")).startswith("Alias for field number") or skip or None


def _elsewhere(app: Sphinx, _env: BuildEnvironment, node: nodes.Element, _content: nodes.Element) -> nodes.Node | None:
    """Name what a standalone page refers to; on the site a dead reference stays an error."""
    name = name_of(str(node.get("reftarget", "")))
    return None if app.config.anogen_downloads or name == node.get("reftarget") else nodes.Text(name)


def _public_name(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element) -> nodes.Node | None:
    """Link a name's defining module (``anogen.scorers.base.Scorer``) to its public name; other types become text."""
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


def _without_thebe(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: nodes.document | None
) -> None:
    """Drop the scripts of Thebe: they name a remote kernel, and no page runs code in the browser."""

    def is_thebe(script: Any) -> bool:
        return any("thebe" in str(part).lower() for part in (script, *getattr(script, "attributes", {}).values()))

    context["script_files"] = [script for script in context.get("script_files", []) if not is_thebe(script)]


def mathml(latex: str, *, display: bool) -> str:
    """Return a LaTeX formula as MathML, which needs no script, font or network; the page numbers equations."""
    unnumbered = NUMBERED.sub(r"\\\1{\2*}", latex)
    if display and r"\\" in latex and r"\begin" not in latex:
        unnumbered = rf"\begin{{aligned}}{latex}\end{{aligned}}"
    return LatexToMathML(macros=MACROS, fancy_error=False).convert_with_local_state(unnumbered, displaystyle=display)


def _render(node: nodes.Element, *, display: bool) -> str:
    latex = node.astext().strip()
    try:
        return mathml(latex, display=display)
    except LatexError as error:
        LOG.warning("cannot render the formula %s: %s", latex, error, location=node)
        return f"<code>{nodes.unescape(latex)}</code>"


def _inline_math(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(writer.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    writer.body.append(_render(node, display=False) + "</span>")
    raise nodes.SkipNode


def _block_math(writer: Any, node: nodes.math_block) -> None:
    writer.body.append(writer.starttag(node, "div", CLASS="math notranslate nohighlight"))
    writer.body.append(f'<div class="formula" tabindex="0">{_render(node, display=True)}</div>')
    if node["number"]:
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append("</div>\n")
    raise nodes.SkipNode
