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
WIDTH = 6.4  # inches
MAX_EXAMPLES = 4  # of each kind
MAX_TICKS = 20


def plot_ranks(arrays: Arrays, generated: Mapping[str, Any]) -> Figure:
    """Plot, for every row of each kind, the share of real rows that score as low.

    The arrays and the measures of generated rows, which may be empty, are those of an `AuditReport`.
    """
    real = np.sort(arrays["real_scores"])
    kinds = {"real": real, "permuted": arrays["shuffled_scores"], "uniform noise": arrays["noise_scores"]}
    if generated:
        kinds["generated"] = np.array(generated["scores"])
    figure, axes = _new_figure(0.5 + 0.45 * len(kinds))
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
        figure = Figure(figsize=(WIDTH, 1.7 * len(kinds)), facecolor="white", layout="constrained")
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
    figure, axes = _new_figure(2.8)
    axes.fill_between(columns, band[0], band[3], color=GREY, alpha=0.2, linewidth=0, label="real, 5 to 95%")
    axes.fill_between(columns, band[1], band[2], color=GREY, alpha=0.35, linewidth=0, label="real, 25 to 75%")
    lines = axes.plot(columns, scaled("generated"), color=VERMILION, linewidth=1.2, marker="o", markersize=4)
    lines[0].set_label("generated")
    if "optimum" in arrays:
        lines = axes.plot(columns, scaled("optimum")[:, :MAX_EXAMPLES], color=BLUE, linewidth=1.2, linestyle="--")
        lines[0].set_label("optimum")
    axes.set(xlabel="column", ylabel="value, scaled to its range")
    if 0 < len(names) <= MAX_TICKS:
        axes.set_xticks(columns, [printable(name)[:20] for name in names], rotation=90, parse_math=False)
    figure.legend(loc="outside upper center", ncols=4)
    return figure


def _new_figure(height: float) -> tuple[Figure, Axes]:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height), facecolor="white", layout="constrained")
        return figure, figure.subplots()
