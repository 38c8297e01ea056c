"""Figures of chapter `dean` (thesis 6.3): what the ensemble draws, by its size, and what its submodels see."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from companion.figures.style import (
    BLUE,
    FIELD_COLOURS,
    GREY,
    NARROW,
    PALETTE,
    VERMILION,
    WIDTH,
    image_grid,
    new_figure,
    panel,
    pictures,
)
from companion.records import Record
from notebooks.thesis.common.image_figures import COLUMNS
from notebooks.thesis.dean.ensembles import RANGES
from notebooks.thesis.dean.submodels import TAKEN

NAMES = dict(zip(TAKEN, ("the deviation", "its power"), strict=True))


def drawn_by_class(records: Mapping[str, Record]) -> Figure:
    """Draw the starts of each class, whatever the shape of its images, scores above them (Fig. 6.13)."""
    columns = min(COLUMNS, max(len(record["images"]) for record in records.values()))
    begins = np.cumsum([0, *(-(-len(record["images"]) // columns) for record in records.values())])
    side = min(1.15, WIDTH / columns)
    rows = int(begins[-1])
    figure, axes = new_figure(columns, rows, width=side * columns + 0.9, height=(side + 0.28) * rows + 0.1)
    for ax in axes.flat:
        ax.axis("off")
    for begin, (name, record) in zip(begins, records.items(), strict=False):
        places = axes[begin:].flat
        for ax, image, score in zip(places, record["images"], record["scores"], strict=False):
            ax.axis("on")
            panel(ax, pictures(image), float(score), narrow=side < NARROW)
        axes[begin, 0].set_ylabel(name, rotation=0, ha="right", va="center")
    return figure


def by_size(record: Record, absent: Sequence[int] = ()) -> Figure:
    """Draw a column for each size of the ensemble, a row for each start, their scores above them (Fig. 6.14).

    Sizes that are `absent` from the record have a column that says so.
    """
    images, scores = pictures(record["images"]).swapaxes(0, 1), record["scores"].T
    starts, sizes = scores.shape
    empty = np.full((starts, len(absent), *images.shape[2:]), np.nan)
    nothing = np.full((starts, len(absent)), np.nan)
    labels = [f"{size:,}" for size in (*record["sizes"], *absent)]
    figure = image_grid(
        np.concatenate([images, empty], axis=1), np.concatenate([scores, nothing], axis=1), column_labels=labels
    )
    for i, ax in enumerate(figure.axes):
        row, column = divmod(i, len(labels))
        if column >= sizes:
            ax.text(0.5, 0.5, "not\ncomputed", transform=ax.transAxes, ha="center", va="center", fontsize=9)
            if row == starts - 1:
                ax.set_axis_on()
                ax.set(xticks=[], yticks=[], box_aspect=1, facecolor="none", xlabel=labels[column])
                ax.spines[:].set_visible(False)
    return figure


def single_pixels(record: Record) -> Figure:
    """Draw for each size how often a single pixel is told: darker in noise (upper row), changed in a real image."""
    sizes = record["sizes"]
    figure, axes = new_figure(len(sizes), 2, width=1.55 * len(sizes) + 2.2, height=3.6)
    rows = (("darker_lowers", "darker\nin noise\nis better"), ("speck_raises", "changed\nin a digit\nis worse"))
    for row, (key, label) in zip(axes, rows, strict=True):
        row[0].set_ylabel(label, rotation=0, ha="right", va="center")
        for ax, share in zip(row, record[key], strict=True):
            drawn = ax.imshow(pictures(100 * share), vmin=0, vmax=100, cmap=FIELD_COLOURS)
            ax.set(xticks=[], yticks=[])
    for ax, size in zip(axes[-1], sizes, strict=True):
        ax.set_xlabel(f"{size:,}")
    figure.colorbar(drawn, ax=axes, label="% of the images", shrink=0.8)
    return figure


def submodels_and_ensemble(record: Record) -> Figure:
    """Plot how many submodels have which ROC AUC (left), and that of the ensemble by its size (right)."""
    figure, axes = new_figure(2, 1, height=3.0, sharey=True, width_ratios=(1, 2))
    left, right = axes[0]
    alone = record["submodel_auc"]
    left.hist(alone, bins=20, orientation="horizontal", color=GREY)
    left.set(xlabel="submodels", ylabel="ROC AUC")
    for column, (name, color) in enumerate(zip(NAMES.values(), (BLUE, VERMILION), strict=True)):
        right.plot(record["sizes"], record["ensemble_auc"][:, column], color=color, label=f"mean of {name}")
    right.axhline(float(np.percentile(alone, 90)), color=GREY, linestyle="--", linewidth=1.5)
    right.set(xlabel="submodels in the ensemble")
    right.legend(loc="best")
    return figure


def falling(records: Mapping[str, Record]) -> Figure:
    """Plot the lowest score of each start's population by generation, in units of the median of real images."""
    figure, axes = new_figure(1, 1, height=3.0)
    ax = axes[0, 0]
    for color, (name, record) in zip(PALETTE, records.items(), strict=False):
        lines = record["history"] / np.median(record["test_normal_scores"])
        for start, line in enumerate(lines):
            label = name if start == 0 else None
            ax.plot(record["history_generations"], line, color=color, linewidth=1.4, label=label)
    ax.axhline(1, color="black", linestyle="--", linewidth=1.5)
    ax.set(xlabel="generation", ylabel="lowest score / real median", yscale="log")
    figure.legend(loc="outside right upper")
    return figure


def two_ranges(record: Record) -> Figure:
    """Draw the image that is found with either way to scale the input, its score above it."""
    return image_grid(pictures(record["images"])[None], record["scores"][None], column_labels=list(RANGES))
