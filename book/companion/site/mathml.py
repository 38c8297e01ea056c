"""Formulas become MathML while the site is built: a page needs no script, no font and no network to show them."""

import re
from typing import Any

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

MACROS = {"R": r"\mathbb{R}", "E": r"\mathbb{E}"}
NUMBERED = re.compile(r"\\(begin|end)\{(equation|align|gather|multline|flalign|alignat|eqnarray)\}")
LOG = logging.getLogger(__name__)


def mathml(latex: str, *, display: bool) -> str:
    """Return the LaTeX formula as a MathML element; equation numbers are left to the page.

    Raises
    ------
    LatexError
        If the formula uses a command that MathML Core has no counterpart for.
    """
    unnumbered = NUMBERED.sub(r"\\\1{\2*}", latex)
    if display and r"\\" in latex and r"\begin" not in latex:
        unnumbered = rf"\begin{{aligned}}{latex}\end{{aligned}}"
    return LatexToMathML(macros=MACROS, fancy_error=False).convert_with_local_state(unnumbered, displaystyle=display)


def setup(app: Sphinx) -> None:
    """Register the renderer as ``html_math_renderer = "mathml"``."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))


def _render(node: nodes.Element, *, display: bool) -> str:
    latex = node.astext().strip()
    try:
        return mathml(latex, display=display)
    except LatexError as error:
        LOG.warning("cannot render the formula %s: %s", latex, error, location=node)
        return f"<code>{nodes.unescape(latex)}</code>"


def _inline(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(writer.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    writer.body.append(_render(node, display=False) + "</span>")
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.math_block) -> None:
    writer.body.append(writer.starttag(node, "div", CLASS="math notranslate nohighlight"))
    writer.body.append(f'<div class="formula" tabindex="0">{_render(node, display=True)}</div>')
    if node["number"]:
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append("</div>\n")
    raise nodes.SkipNode
