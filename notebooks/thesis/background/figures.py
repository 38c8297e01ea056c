"""Figures of chapter 2: anomalies in the plane, and the ROC curve."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from companion.claims.base import Arrays
from companion.figures.registry import implements
from companion.figures.style import BLACK, BLUE, FIELD_COLOURS, GREEN, GREY, VERMILION, new_figure, styled
from notebooks.thesis.background.experiments import DETECTORS, KINDS

MARKS = {"N_1": ("o", BLUE), "N_2": ("s", GREEN), "o_1": ("^", VERMILION), "o_2": ("^", VERMILION), "O_3": ("D", BLACK)}
NAMES_AT = {"N_1": (2.5, 4.3), "N_2": (6.5, 0.6), "o_1": (2.2, 1.2), "o_2": (5.2, 9.4), "O_3": (8.6, 7.4)}


@implements("thesis-fig-2.1")
def fig_2_1(record: Arrays, detector: str = "LOF") -> Figure:
    """Draw the points (left), and the score that a detector gives to every place (right), with its alarm contour."""
    figure, axes = new_figure(2, width=7.2, height=3.3)
    left, right = axes[0]
    points, kind, row = record["points"], record["kind"], DETECTORS.index(detector)
    axis, limit = record["axis"], float(record["limit"][row])
    with styled():
        _scatter(left, points, kind)
        for name, (x, y) in NAMES_AT.items():
            left.text(x, y, f"${name}$", ha="center", va="center", fontsize=14)
        # scores far from all points are many times the limit: only a logarithm shows both
        score = np.log10(np.maximum(record["field"][row], 1e-3))
        field = right.contourf(axis, axis, score, levels=24, cmap=FIELD_COLOURS)
        field.set_edgecolor("face")  # no hairlines between the levels
        right.contour(axis, axis, record["field"][row], levels=[limit], colors="white", linewidths=2)
        _scatter(right, points, kind, size=7, colour="white")
        right.set(ylabel="", yticklabels=[])
        bar = figure.colorbar(field, ax=right, label=f"{detector} score, log10", shrink=0.82, aspect=22)
        bar.ax.yaxis.set_major_locator(MaxNLocator(5))
    return figure


def _scatter(axes: Axes, points: np.ndarray, kind: np.ndarray, size: float = 14, colour: str | None = None) -> None:
    for index, name in enumerate(KINDS):
        marker, own = MARKS[name]
        x, y = points[kind == index].T
        area = 2.5 * size if name.startswith("o") else size
        axes.scatter(x, y, s=area, marker=marker, color=colour or own, edgecolor="black", linewidth=0.4)
    axes.set(xlim=(0, 10), ylim=(0, 10), aspect="equal", xlabel="first feature", ylabel="second feature")
    axes.set(xticks=range(0, 10, 2), yticks=range(0, 10, 2))  # no 10: it would touch the next panel's 0


@implements("thesis-fig-2.2")
def fig_2_2(record: Arrays) -> Figure:
    """Draw the ROC curves of a good detector, of a perfect one and of random guessing, with their areas."""
    figure, [[ax]] = new_figure(width=4.6, height=4.2)
    with styled():
        for name, colour, line in (("perfect", GREEN, "--"), ("good", BLUE, "-"), ("random", GREY, "-")):
            area = float(record[f"{name}_auc"])
            ax.plot(record[f"{name}_fpr"], record[f"{name}_tpr"], line, color=colour, label=f"{name}, AUC {area:.3f}")
        ax.set(xlabel="false positive rate", ylabel="true positive rate", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        ax.set_aspect("equal")
        ax.legend(loc="lower right")
    return figure
