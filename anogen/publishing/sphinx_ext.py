"""The Sphinx extension of the site; `_config.yml` names it."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from anogen.publishing import elements, facts, mathml, provenance, scorecard


def setup(app: Sphinx) -> dict[str, Any]:
    """Register directives, the formula renderer and the clean-up of pages."""
    app.add_config_value("anogen_downloads", default=True, rebuild="env", types=[bool])
    elements.setup(app)
    mathml.setup(app)
    app.add_node(provenance.overview)
    app.add_directive("provenance", provenance.Provenance)
    app.add_directive("source", provenance.SourceReports)
    app.add_directive("verdicts", scorecard.Verdicts)
    app.add_directive("scorecard", scorecard.Scorecard)
    app.add_directive("figure-index", scorecard.FigureIndex)
    app.add_directive("teaser", scorecard.Teaser)
    app.connect("doctree-resolved", scorecard.resolve)
    app.connect("env-updated", scorecard.outdated)
    app.connect("env-purge-doc", scorecard.purge)
    app.connect("env-merge-info", scorecard.merge)
    app.connect("config-inited", buttons, priority=100)
    app.connect("missing-reference", elsewhere)
    app.connect("html-page-context", without_thebe, priority=900)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}


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
