"""Figures and table of chapter `theory`."""

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import chi2

from companion.figures.registry import implements
from companion.figures.style import BLUE, GREY, VERMILION, WIDTH, new_figure
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.beyond.playground.experiments import ENTRIES

DIMENSIONS = (2, 10, 100, 784)
COLUMNS = 3


@implements("anogen-fig-typical-scores")
def fig_typical_scores() -> Figure:
    """Draw the density of a Gaussian's score above its minimum, per feature, for several numbers of features."""
    figure, axes = new_figure(height=2.8)
    ax = axes[0, 0]
    x = np.linspace(0.002, 1.5, 800)
    for d, shade in zip(DIMENSIONS, (0.35, 0.55, 0.8, 1.0), strict=True):
        density = chi2.pdf(2 * d * x, d)
        ax.plot(x, density / density.max(), color=BLUE, alpha=shade, linewidth=1 + shade, label=f"{d} features")
    ax.axvline(0, color=VERMILION, linewidth=3, label="the mode")
    ax.set(xlabel="(score − lowest score) / number of features", ylabel="density, scaled", yticks=[], xlim=(-0.03, 1.5))
    ax.legend()
    return figure


def mode_shortfall(d: int, share: float = 0.5) -> float:
    """Return log10 of the probability that a draw's score is within `share` of the way from the mode to the mean."""
    return float(chi2.logcdf(share * d, d) / np.log(10))


@implements("anogen-fig-typical-points")
def fig_typical_points(record: Record) -> Figure:
    """Draw a panel for each detector: held-out points, typical points, and the point of the lowest score."""
    keys = [str(key) for key in record["entries"]]
    rows = -(-len(keys) // COLUMNS)
    figure, axes = new_figure(COLUMNS, rows, width=WIDTH, height=2.25 * rows)
    for ax in axes.flat[len(keys) :]:
        ax.axis("off")
    for place, (key, ax) in enumerate(zip(keys, axes.flat, strict=False)):
        ax.plot(*record["held_out"].T, ".", color=GREY, markersize=3, alpha=0.5)
        ax.plot(*record["drawn"][place].reshape(-1, 2).T.astype(float), ".", color=BLUE, markersize=3)
        ax.plot(*record["lowest"][place], "X", color=VERMILION, markersize=10, markeredgecolor="white")
        ax.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(0, 1), aspect="equal")
        mixed = "" if record["mixed"][place] else " (not mixed)"
        ax.set_xlabel(ENTRIES[key].title + mixed, fontsize=11, labelpad=3)
    return figure


def table_typical(record: Record) -> Table:
    """Compare the lowest score with the mean of held-out points and draws, in interquartile ranges, and who is near."""
    head = ("detector", "lowest", "held-out", "draws", "near the data: lowest; draws", "R-hat")
    rows = []
    for i, key in enumerate(map(str, record["entries"])):
        near, share = record["near"][i]
        r_hat = f"{record['r_hat'][i]:.3f}" + ("" if record["mixed"][i] else " (not mixed)")
        scores = [f"{relative(record, name)[i]:.2f}" for name in ("lowest_scores", "targets", "mean_scores")]
        rows.append([ENTRIES[key].title, *scores, f"{'yes' if near else 'no'}; {percent(share)}", r_hat])
    return Table(head, rows)


def relative(record: Record, name: str) -> np.ndarray:
    """Return scores (D,) relative to the median of held-out points, in their interquartile ranges."""
    low, median, high = np.percentile(record["held_out_scores"], [25, 50, 75], axis=1)
    return (record[name] - median) / (high - low)
