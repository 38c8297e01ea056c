"""The Sphinx extension of the site; `_config.yml` names it."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from companion.site import (
    api,
    benchmark,
    citing,
    errata,
    mathml,
    notation,
    pages,
    provenance,
    scorecard,
    slider,
    sources,
)
from companion.site import html_nodes as elements
from companion.site import record_info as facts
from companion.site import runtimes as minutes


def setup(app: Sphinx) -> dict[str, Any]:
    """Register directives, the formula renderer and the clean-up of pages."""
    app.add_config_value("anogen_downloads", default=True, rebuild="env", types=[bool])
    elements.setup(app)
    mathml.setup(app)
    app.add_node(provenance.overview)
    app.add_node(slider.frames)
    app.add_directive("frames", slider.Frames)
    app.connect("doctree-read", slider.assemble, priority=100)  # before the pictures are counted
    app.add_directive("provenance", provenance.Provenance)
    app.add_directive("source", provenance.SourceReports)
    app.add_directive("verdicts", scorecard.Verdicts)
    app.add_directive("scorecard", scorecard.Scorecard)
    app.add_directive("figure-index", scorecard.FigureIndex)
    app.add_directive("benchmark", benchmark.Benchmark)
    app.add_directive("teaser", scorecard.Teaser)
    app.add_directive("bibtex", citing.BibTeX)
    app.add_directive("chapters", minutes.Chapters)
    app.add_directive("grid-time", minutes.Grid)
    app.add_directive("errata", errata.Errata)
    app.add_directive("formulas", notation.Formulas)
    app.connect("doctree-read", errata.note)
    app.connect("doctree-resolved", pages.resolve)
    app.connect("env-updated", pages.outdated)
    app.connect("env-purge-doc", pages.purge)
    app.connect("env-merge-info", pages.merge)
    app.connect("config-inited", buttons, priority=100)
    app.connect("missing-reference", elsewhere)
    api.setup(app)
    app.connect("html-collect-pages", sources.collect)
    app.connect("html-page-context", without_thebe, priority=900)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": False}


def buttons(_app: Sphinx, config: Config) -> None:
    """Show the buttons that need the address of the repository as soon as `_config.yml` has it."""
    options = config.html_theme_options
    known = bool(options.get("repository_url"))
    options |= {"use_repository_button": known, "use_issues_button": known}


def elsewhere(app: Sphinx, _env: BuildEnvironment, node: nodes.Element, _content: nodes.Element) -> nodes.Node | None:
    """Name what a page that stands alone refers to; on the site a dead reference stays an error."""
    name = facts.name(str(node.get("reftarget", "")))
    return None if app.config.anogen_downloads or name == node.get("reftarget") else nodes.Text(name)


def without_thebe(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: nodes.document | None
) -> None:
    """Drop the scripts of Thebe: they name a remote kernel, and no page runs code in the browser."""
    context["script_files"] = [
        script
        for script in context.get("script_files", [])
        if not any("thebe" in str(part).lower() for part in (script, *getattr(script, "attributes", {}).values()))
    ]
