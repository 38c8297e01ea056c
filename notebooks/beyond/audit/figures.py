"""The figure of the chapter `audit`."""

import numpy as np
from matplotlib.figure import Figure

from anogen.auditing import FINDINGS
from companion.figures.style import GREY, VERMILION, new_figure, styled


def overview(names: list[str], findings: np.ndarray, asked: np.ndarray) -> Figure:
    """Return a figure of what was found, (D, 6) bool, by detector; `asked` (D,) is of the first question."""
    figure, axes = new_figure(height=1.3 + 0.27 * len(names))
    known = np.ones_like(findings)
    known[:, 0] = asked
    with styled():
        one = axes[0, 0]
        row, column = np.nonzero(findings)
        one.scatter(column, row, s=70, color=VERMILION)
        row, column = np.nonzero(~findings & known)
        one.scatter(column, row, s=30, facecolors="none", edgecolors=GREY)
        one.set(xticks=range(len(FINDINGS)), yticks=range(len(names)), yticklabels=names)
        one.set_xticklabels([name.replace("_", " ") for name in FINDINGS], rotation=25, ha="right")
        one.set(xlim=(-0.5, len(FINDINGS) - 0.5), ylim=(len(names) - 0.5, -0.5))
    return figure
