"""Pictures of an audit: the ranks of probes among real rows, and generated rows next to real ones."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from anogen.outputs import printable

Arrays = Mapping[str, np.ndarray]

BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#666666"  # distinguishable with any common colour vision deficiency
STYLE: Any = {"font.size": 12, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False}
WIDTH = 4.8  # inches
MAX_EXAMPLES = 4  # of each kind
MAX_TICKS = 20
MAX_LINES = 40  # real windows


def plot_ranks(arrays: Arrays, generated: Mapping[str, Any]) -> Figure:
    """Plot, for every row of each kind, the share of real rows that score as low.

    The arrays and the measures of generated rows, which may be empty, are those of an `AuditReport`.
    """
    real = np.sort(arrays["real_scores"])
    kinds = {"real": real, "permuted": arrays["shuffled_scores"], "uniform noise": arrays["noise_scores"]}
    if generated:
        kinds["generated"] = np.array(generated["scores"])
    figure, axes = _new_figure(0.8 + 0.5 * len(kinds))
    for row, scores in enumerate(kinds.values()):
        share = np.searchsorted(real, scores, side="right") / len(real)
        axes.scatter(share, np.full(len(share), row), s=36, color=BLUE, alpha=0.25, linewidths=0, clip_on=False)
    axes.set(yticks=range(len(kinds)), yticklabels=list(kinds), xlim=(-0.02, 1.02), ylim=(len(kinds) - 0.5, -0.5))
    axes.set_xlabel("share of real rows that score as low")
    return figure


def plot_images(arrays: Arrays, shape: tuple[int, ...], generated: Mapping[str, Any]) -> Figure:
    """Plot real images, generated images and, if known, the optimum, each with its score."""
    low, high = arrays["low"].min(), arrays["high"].max()
    kinds = {"real": (arrays["real"], arrays["real_scores"])}
    kinds["generated"] = (arrays["generated"], generated["scores"])
    if "optimum" in arrays:
        kinds["optimum"] = (arrays["optimum"], np.full(len(arrays["optimum"]), generated["optimum_score"]))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 1.3 * len(kinds)), facecolor="white", layout="constrained")
        grid = figure.subplots(len(kinds), MAX_EXAMPLES, squeeze=False)
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
        axes.set_frame_on(False)
    for row, (kind, (images, scores)) in enumerate(kinds.items()):
        grid[row, 0].set_ylabel(kind)
        pictures = ((images - low) / (high - low)).clip(0, 1).reshape(-1, *shape)
        for axes, picture, score in zip(grid[row], pictures, scores, strict=False):
            axes.imshow(picture, vmin=0, vmax=1, cmap="gray", interpolation="nearest")
            axes.set_title(f"{score:.3g}", fontsize=10)
    return figure


def plot_strips(kinds: Mapping[str, np.ndarray]) -> Figure:
    """Plot the scores of rows of several kinds, a strip of dots for each; beyond four spreads they are clipped."""
    scores = np.concatenate([np.ravel(values) for values in kinds.values()])
    low, middle, high = np.percentile(scores, [5, 50, 95])
    reach = 2 * (high - low) or 1.0
    figure, axes = _new_figure(0.8 + 0.6 * len(kinds))
    for row, values in enumerate(kinds.values()):
        clipped = np.clip(np.ravel(values), middle - reach, middle + reach)
        axes.scatter(clipped, np.full(clipped.shape, row), s=36, color=BLUE, alpha=0.25, linewidths=0, clip_on=False)
    names = [printable(str(kind))[:24] for kind in kinds]
    axes.set_yticks(range(len(kinds)), names, parse_math=False)
    axes.set(ylim=(len(kinds) - 0.5, -0.5), xlabel="score, larger is more anomalous")
    axes.locator_params(axis="x", nbins=5)
    return figure


def plot_windows(arrays: Arrays, generated: Mapping[str, Any]) -> Figure:
    """Plot generated windows of a signal and, if known, the optimum over real ones, in the signal's units."""
    figure, axes = _new_figure(2.8)
    axes.plot(arrays["real"][:MAX_LINES].T, color=GREY, alpha=0.25, linewidth=0.8)
    axes.lines[0].set_label("real")
    best = np.argsort(generated["scores"])[:MAX_EXAMPLES]
    axes.plot(arrays["generated"][best].T, color=VERMILION, linewidth=1.4)[0].set_label("generated")
    if "optimum" in arrays:
        axes.plot(arrays["optimum"][:1].T, color=BLUE, linewidth=1.4, linestyle="--")[0].set_label("optimum")
    axes.set(xlabel="time in the window", ylabel="signal")
    figure.legend(loc="outside upper center", ncols=3)
    return figure


def plot_profiles(arrays: Arrays, names: Sequence[str] = ()) -> Figure:
    """Plot generated rows and, if known, the optimum as lines over the columns, with bands for real rows.

    At most 20 names of columns are written below them.
    """
    low, high = arrays["low"], arrays["high"]
    width = np.where(high > low, high - low, 1.0)
    columns = np.arange(len(low))

    def scaled(key: str) -> np.ndarray:
        return np.asarray((arrays[key] - low) / width).T

    band = np.percentile(scaled("real"), [5, 25, 75, 95], axis=1)
    figure, axes = _new_figure(3.4 if names else 2.8)
    axes.fill_between(columns, band[0], band[3], color=GREY, alpha=0.2, linewidth=0, label="90% of real")
    axes.fill_between(columns, band[1], band[2], color=GREY, alpha=0.35, linewidth=0, label="50% of real")
    lines = axes.plot(columns, scaled("generated"), color=VERMILION, linewidth=1.2, marker="o", markersize=4)
    lines[0].set_label("generated")
    if "optimum" in arrays:
        lines = axes.plot(columns, scaled("optimum")[:, :MAX_EXAMPLES], color=BLUE, linewidth=1.2, linestyle="--")
        lines[0].set_label("optimum")
    axes.set(xlabel="" if names else "column", ylabel="value / range")
    axes.locator_params(axis="x", integer=True)
    if 0 < len(names) <= MAX_TICKS:
        axes.set_xticks(columns, [printable(name)[:12] for name in names], rotation=90, parse_math=False)
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def _new_figure(height: float) -> tuple[Figure, Axes]:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height), facecolor="white", layout="constrained")
        return figure, figure.subplots()
