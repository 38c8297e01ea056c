"""Figures and tables of chapter `certificates`: the most normal points, and the distances of attempts from them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from anogen import detectors
from companion.figures.registry import implements
from companion.figures.style import BLACK, BLUE, GREY, VERMILION, new_figure, panel, pictures, short
from companion.figures.tables import Table
from companion.records import Record

PAIRS = 3  # a row
MIN_MARGIN = 1e-9  # of the interquartile range: smaller margins are drawn here


def title(spec: str) -> str:
    """Return the printed name of a detector, `cblof` or `cblof:n_clusters=4`."""
    name, _, options = spec.partition(":")
    return detectors.CATALOGUE[name].title + (f" ({options})" if options else "")


def margin(record: Record, score: float) -> float:
    """Return the difference of a score from the optimum's, in interquartile ranges of the training scores."""
    difference = float(score) - float(record["optimum_score"])
    return 0.0 if abs(difference) <= record["slack"] else difference / float(record["spread"])


def most_normal_image(record: Any) -> tuple[np.ndarray, float]:
    """Return the most normal image, (d,), and its score: the optimum among rows in [0, 1]."""
    if "box_point" in getattr(record, "arrays", record):
        return record["box_point"], float(record["box_score"])
    return record["optimum_points"][0], float(record["optimum_score"])


@implements("anogen-fig-most-normal")
def fig_most_normal(certificates: Mapping[str, Record]) -> Figure:
    """Draw each detector's most normal image next to the real image of median score.

    Above it is its score minus the median, in interquartile ranges of the training scores.
    """
    rows = -(-len(certificates) // PAIRS)
    widths = [1, 1, 0.2] * PAIRS  # the third of each is a gap
    figure, axes = new_figure(3 * PAIRS - 1, rows, width=6.4, height=1.55 * rows, width_ratios=widths[:-1])
    for ax in axes.flat:
        ax.axis("off")
    for i, (name, record) in enumerate(certificates.items()):
        left, right = axes[i // PAIRS, 3 * (i % PAIRS) :][:2]
        left.axis("on")
        right.axis("on")
        image, score = most_normal_image(record)
        median = np.percentile(record["test_normal_scores"], 50, method="lower")
        panel(left, pictures(image), (score - float(median)) / float(record["spread"]))
        panel(right, pictures(record["median_image"]))
        left.set_xlabel(title(name), x=1.05, fontsize=11, labelpad=3)
    return figure


@implements("anogen-fig-certificates")
def fig_margins(certificates: Mapping[str, Record]) -> Figure:
    """Plot the margin of each kind of attempt, in interquartile ranges of the training scores."""
    figure, [[ax]] = new_figure(1, 1, height=0.36 * len(certificates) + 1.3)
    for y, record in enumerate(certificates.values()):
        margins, knows = np.maximum(record["margin"], MIN_MARGIN), record["knows"]
        real = float(np.median(record["test_normal_scores"]) - record["optimum_score"]) / float(record["spread"])
        ax.plot(margins[~knows], np.full((~knows).sum(), y), "o", color=VERMILION, alpha=0.8, markersize=6)
        ax.plot(margins[knows], np.full(knows.sum(), y), "|", color=BLUE, markersize=13, markeredgewidth=2)
        ax.plot([max(real, MIN_MARGIN)], [y], "D", color=BLACK, markersize=5)
    # empty lines: the legend's entries
    ax.plot([], [], "o", color=VERMILION, label="not knowing the optimum")
    ax.plot([], [], "|", color=BLUE, markersize=13, markeredgewidth=2, label="starting near the optimum")
    ax.plot([], [], "D", color=BLACK, markersize=5, label="median real image")
    ax.axvline(MIN_MARGIN, color=GREY, linewidth=1, linestyle=":")
    ax.set(xscale="log", xlabel="lowest score found minus the optimum's, in interquartile ranges")
    ax.set_yticks(range(len(certificates)), [title(name) for name in certificates])
    ax.invert_yaxis()
    figure.legend(loc="outside upper center", ncols=3, columnspacing=1.2, handletextpad=0.3, frameon=False)
    return figure


def table_certificates(certificates: Mapping[str, Record]) -> Table:
    """Return the reason and the kind of each certificate."""
    rows = [[title(name), str(r["why"]).replace("|", r"\|"), str(r["kind"])] for name, r in certificates.items()]
    return Table(("detector", "why nothing is more normal", "kind"), rows)


def table_attempts(certificates: Mapping[str, Record]) -> Table:
    """Return the margins of the best attempts and of the median real image."""
    rows = []
    for name, record in certificates.items():
        knows, lowest = record["knows"], record["lowest"]
        best = np.flatnonzero(~knows)[lowest[~knows].argmin()]
        rows.append([
            title(name),
            f"{short(margin(record, lowest[best]))} ({record['attempts'][best]})",
            short(margin(record, lowest[knows].min())),
            short(margin(record, float(np.median(record["test_normal_scores"])))),
        ])  # fmt: skip
    return Table(("detector", "best without knowing it", "best from near it", "median real image"), rows)
