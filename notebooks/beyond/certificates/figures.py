"""Figures of chapter `certificates`: the most normal points, and how near attempts come to them."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from anogen import detectors
from companion.figures.style import BLACK, BLUE, GREY, VERMILION, new_figure, panel, pictures
from companion.records import Record

PAIRS = 3  # a row
LEAST = 1e-9  # of the interquartile range: what is nearer is drawn here


def title(spec: str) -> str:
    """Return how a detector is called, `cblof` or `cblof:n_clusters=4`."""
    name, _, options = spec.partition(":")
    return detectors.CATALOGUE[name].title + (f" ({options})" if options else "")


def believed(certificates: Mapping[str, Record]) -> Figure:
    """Draw each detector's most normal point, and beside it the real image of median score; scores above them."""
    rows = -(-len(certificates) // PAIRS)
    columns = 3 * PAIRS - 1  # the third of each is a gap
    widths = [0.2 if c % 3 == 2 else 1 for c in range(columns)]
    figure, axes = new_figure(columns, rows, width=6.4, height=1.55 * rows, width_ratios=widths)
    for ax in axes.flat:
        ax.axis("off")
    for place, (name, record) in enumerate(certificates.items()):
        row, column = place // PAIRS, 3 * (place % PAIRS)
        left, right = axes[row, column : column + 2]
        for ax in (left, right):
            ax.axis("on")
        panel(left, pictures(record["optimum_points"][0]), float(record["optimum_score"]))
        median = np.percentile(record["test_normal_scores"], 50, method="lower")
        panel(right, pictures(record["median_image"]), float(median))
        left.set_xlabel(title(name), x=1.05, fontsize=11, labelpad=3)
    return figure


def reach(certificates: Mapping[str, Record]) -> Figure:
    """Plot how far above the optimum each kind of attempt ends, in interquartile ranges of the training scores."""
    figure, axes = new_figure(1, 1, height=0.36 * len(certificates) + 1.3)
    ax = axes[0, 0]
    for y, record in enumerate(certificates.values()):
        margin, knows = np.maximum(record["margin"], LEAST), record["knows"]
        real = float(np.median(record["test_normal_scores"]) - record["optimum_score"]) / float(record["spread"])
        ax.plot(margin[~knows], np.full((~knows).sum(), y), "o", color=VERMILION, alpha=0.8, markersize=6)
        ax.plot(margin[knows], np.full(knows.sum(), y), "|", color=BLUE, markersize=13, markeredgewidth=2)
        ax.plot([max(real, LEAST)], [y], "D", color=BLACK, markersize=5)
    # empty lines: the legend's entries
    ax.plot([], [], "o", color=VERMILION, label="from elsewhere")
    ax.plot([], [], "|", color=BLUE, markersize=13, markeredgewidth=2, label="from beside the optimum")
    ax.plot([], [], "D", color=BLACK, markersize=5, label="median real image")
    ax.axvline(LEAST, color=GREY, linewidth=1, linestyle=":")
    ax.set(xscale="log", xlabel="lowest score found minus the optimum's, in interquartile ranges")
    ax.set_yticks(range(len(certificates)), [title(name) for name in certificates])
    ax.invert_yaxis()
    figure.legend(loc="outside upper center", ncols=3, columnspacing=1.2, handletextpad=0.3, frameon=False)
    return figure
