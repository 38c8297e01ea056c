"""Drawings that chapters share: images from noise, with fixed pixels, from half-normal populations (thesis 6, A)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.style import PALETTE, image_grid, new_figure, panel, pictures
from companion.records import Record
from notebooks.thesis.common.guided import masks

COLUMNS = 8


def image_rows(groups: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Draw groups of images (n, d), scores (n,) above them, eight a row, every row labelled with its group's name.

    The images that do not fill a row are left out, unless they are all of the group.
    """
    images, scores, labels = [], [], []
    for name, (pixels, values) in groups.items():
        columns = min(COLUMNS, len(pixels))
        for first in range(0, len(pixels) - columns + 1, columns):
            images.append(pictures(pixels[first : first + columns]))
            scores.append(values[first : first + columns])
            labels.append(name)
    return image_grid(np.stack(images), np.stack(scores), labels if any(labels) else None)


def percents(record: Record, chosen: Sequence[float] = ()) -> list[int]:
    """Return the indices of the chosen values of k among the record's; of all by default."""
    ks = list(record.parameter("ks"))
    return [i for i, k in enumerate(ks) if not chosen or any(abs(k - c) < 1e-9 for c in chosen)]


def guided(record: Record, pair: int = 0, chosen: Sequence[float] = (), per_row: int = 4, unguided: int = 0) -> Figure:
    """Draw mask (fixed pixels are white) and image by k, after `unguided` pairs of starts without fixed pixels."""
    ks, unmasked = record.parameter("ks"), np.zeros(record["images"].shape[1])
    shown = [(0.0, unmasked, record["images"][s], record["scores"][s]) for s in range(unguided)]
    for i in percents(record, chosen):
        mask = masks(record.arrays, ks[i])[pair].astype(float)
        shown.append((ks[i], mask, record["guided_images"][i, pair], record["guided_scores"][i, pair]))
    rows = -(-len(shown) // per_row)
    figure, axes = new_figure(2 * per_row, rows, width=0.95 * 2 * per_row, height=1.38 * rows)
    for ax in axes.flat[2 * len(shown) :]:
        ax.axis("off")
    for (left, right), (k, mask, image, score) in zip(axes.reshape(-1, 2), shown, strict=False):
        panel(left, pictures(mask))
        panel(right, pictures(image), float(score))
        left.set_xlabel(f"k = {k:.0%}")
    return figure


@implements("anogen-fig-deep-svdd-k-slider", "anogen-fig-grid-*-slider")
def side_by_side(records: Mapping[str, Record], k: float, pair: int = 0) -> Figure:
    """Draw the mask of one k, with fixed pixels in white, and next to it each detector's image; a frame of a slider."""
    first = next(iter(records.values()))
    figure, axes = new_figure(1 + len(records), 1, width=1.25 * (1 + len(records)), height=1.75)
    panel(axes[0, 0], pictures(masks(first.arrays, k)[pair].astype(float)))
    axes[0, 0].set_xlabel("fixed")
    for ax, (name, record) in zip(axes[0, 1:], records.items(), strict=True):
        (level,) = percents(record, [k])
        panel(ax, pictures(record["guided_images"][level, pair]), float(record["guided_scores"][level, pair]))
        ax.set_xlabel(name)
    return figure


def by_generation(record: Record, runs: int = 5) -> Figure:
    """Draw a row for each run from a half-normal population, a column for each number of generations (Fig. 6.12)."""
    stops = [f"{stop:,}" for stop in record.parameter("stops")]
    return image_grid(pictures(record["images"][:runs]), record["scores"][:runs], column_labels=stops)


def against_k(qualities: Mapping[str, Record], measure: str, unguided: str | None = None) -> Figure:
    """Plot a measure of the images by k, one line a detector: the mean over pairs, and at k = 0 over starts."""
    figure, axes = new_figure(1, 1, height=3.2)
    ax = axes[0, 0]
    for i, (name, quality) in enumerate(qualities.items()):
        ks, values = list(quality.parameter("ks")), list(np.mean(quality[measure], axis=1))
        if unguided is not None:
            ks, values = [0.0, *ks], [float(np.mean(quality[unguided])), *values]
        style: dict[str, Any] = {"color": PALETTE[i % len(PALETTE)], "linestyle": ("-", "--")[i // len(PALETTE) % 2]}
        ax.plot([100 * k for k in ks], values, marker="o", markersize=3, label=name, **style)
    ax.set(xlabel="k, percent of the pixels fixed", ylabel=measure.removeprefix("guided_").replace("_", " "))
    figure.legend(loc="outside right upper")
    return figure
