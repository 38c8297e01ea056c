"""How the figures of this book look: white, without titles, large enough to read, safe for colour-blind readers."""

from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# The palette of Okabe and Ito: told apart by readers with any of the common colour vision deficiencies.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
GREY = "#666666"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)  # yellow lines vanish on white
FIELD_COLOURS = "cividis"  # monotone in lightness, and so in print

NARROW = 0.75  # inches; in a grid of smaller images scores have fewer digits
WIDTH = 6.4  # inches, of a full-width figure: 12 pt type stays readable when the page shows it 600 pixels wide
RC: Any = {
    "axes.axisbelow": True,
    "axes.labelsize": 12,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "white",
    "font.size": 12,
    "image.cmap": "gray",
    "image.interpolation": "nearest",
    "legend.fontsize": 11,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "savefig.facecolor": "white",
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
}
CHANNELS = {28 * 28: (28, 28), 32 * 32 * 3: (32, 32, 3)}


def styled() -> AbstractContextManager[None]:
    """Return a context in which matplotlib draws in this book's style; outside of it nothing changes."""
    return mpl.rc_context(RC)


def new_figure(
    ncols: int = 1, nrows: int = 1, *, width: float = WIDTH, height: float | None = None, **subplots: Any
) -> tuple[Figure, np.ndarray]:
    """Return an opaque white figure that belongs to no pyplot state, and its axes as an array (nrows, ncols).

    Width and height are in inches; by default a panel is 0.75 times as high as it is wide.
    """
    height = height if height is not None else 0.75 * width / ncols * nrows
    with styled():
        figure = Figure(figsize=(width, height), facecolor="white", layout="constrained")
        axes = figure.subplots(nrows, ncols, squeeze=False, **subplots)
    return figure, axes


def canvas(width: float = WIDTH, height: float = 3.0) -> tuple[Figure, Axes]:
    """Return a figure for a drawing: one bare pair of axes in which a unit is an inch, the origin at the lower left."""
    with styled():
        figure = Figure(figsize=(width, height), facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    axes.axis("off")
    return figure, axes


def panel(axes: Axes, image: np.ndarray, score: float | None = None, *, narrow: bool = False) -> None:
    """Draw an image, (h, w) or (h, w, 3) of floats in [0, 1] or uint8, with its anomaly score above it.

    The score is data, not a title. If `narrow`, it has fewer digits, so that it is not wider than a small image.
    """
    top = 255 if np.issubdtype(np.asarray(image).dtype, np.integer) else 1.0
    # half precision is how records keep pictures, but not a type that matplotlib draws
    axes.imshow(np.asarray(image, dtype=float) / top, vmin=0.0, vmax=1.0, cmap="gray", interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(visible=True, color=GREY, linewidth=0.6)  # a white image must not run into the page
    if score is not None:
        text, size = (brief(score), 9) if narrow else (short(score), 10)
        axes.text(0.5, 1.04, text, transform=axes.transAxes, ha="center", va="bottom", fontsize=size)


def image_grid(
    images: np.ndarray,
    scores: np.ndarray | None = None,
    row_labels: list[str] | None = None,
    column_labels: list[str] | None = None,
) -> Figure:
    """Return a figure of images in rows and columns.

    Images are (r, c, h, w) or (r, c, h, w, 3), of floats in [0, 1] or uint8; a place with NaN stays empty. Scores
    (r, c) are written above the images, a label to the left of each row and one below each column.
    """
    rows, columns = images.shape[:2]
    side = min(1.15, WIDTH / columns)
    longest = max((len(line) for text in row_labels or [] for line in text.split("\n")), default=0)
    label = 0.1 * longest + 0.15 if row_labels else 0.0
    figure, axes = new_figure(
        columns, rows, width=columns * side + label, height=rows * (side + (0.28 if scores is not None else 0.06)) + 0.1
    )
    for r in range(rows):
        for c in range(columns):
            if np.isnan(images[r, c]).all():
                axes[r, c].axis("off")
                continue
            score = None if scores is None else float(scores[r, c])
            panel(axes[r, c], images[r, c], score, narrow=side < NARROW)
            if row_labels and c == 0:
                axes[r, c].set_ylabel(row_labels[r], rotation=0, ha="right", va="center")
            if column_labels and r == rows - 1:
                axes[r, c].set_xlabel(column_labels[c])
    return figure


def short(number: float) -> str:
    """Write a number with three significant digits, without an exponent where that stays short."""
    if not np.isfinite(number):
        return str(number)
    if number == 0 or 1e-4 <= abs(number) < 1e5:
        text = f"{number:.3g}"
        return f"{number:.0f}" if "e" in text else text
    mantissa, exponent = f"{number:.2e}".split("e")
    return rf"${float(mantissa):g}\cdot10^{{{int(exponent)}}}$"


def brief(number: float) -> str:
    """Write a number with two or three significant digits, in at most seven characters."""
    if not np.isfinite(number) or number == 0 or 1e-2 <= abs(number) < 1e5:
        return short(number)
    mantissa, exponent = f"{number:.1e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def pictures(rows: np.ndarray) -> np.ndarray:
    """Reshape rows (..., d) to images (..., h, w) or (..., h, w, 3); square and grey where d is not known."""
    side = round(rows.shape[-1] ** 0.5)
    return rows.reshape(*rows.shape[:-1], *CHANNELS.get(rows.shape[-1], (side, side)))
