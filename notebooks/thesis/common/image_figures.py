"""Drawings that chapters share: images from noise, with fixed pixels, from half-normal populations (thesis 6, A)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.style import PALETTE, image_grid, new_figure, panel, pictures
from companion.records import Record
from notebooks.thesis.common.guided import masks

COLUMNS = 8


def relative(record: Record, scores: np.ndarray) -> np.ndarray:
    """Return scores in units of the median held-out real image's, rounded to hundredths; tiny ones to two digits."""
    ratio = np.asarray(scores / np.median(record["test_normal_scores"]))
    tiny = np.vectorize(lambda one: float(f"{one:.2g}"), otypes=[float])(ratio)
    return np.where(np.abs(ratio) < 0.005, tiny, np.round(ratio, 2))


def real_below(record: Record, scores: np.ndarray) -> np.ndarray:
    """Return the percentage of held-out real images with a lower score, for scores of any shape and unit."""
    return np.round(100 * (record["test_normal_scores"] < np.asarray(scores)[..., None]).mean(axis=-1))


def image_rows(groups: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Draw groups of images (n, d), scores (n,) above them, eight a row, each group's first row labelled with its name.

    The images that do not fill a row are left out, unless they are all of the group.
    """
    images, scores, labels = [], [], []
    for name, (pixels, values) in groups.items():
        columns = min(COLUMNS, len(pixels))
        for first in range(0, len(pixels) - columns + 1, columns):
            images.append(pictures(pixels[first : first + columns]))
            scores.append(values[first : first + columns])
            labels.append("" if first else name)
    return image_grid(np.stack(images), np.stack(scores), labels if any(labels) else None)


def percents(record: Record, chosen: Sequence[float] = ()) -> list[int]:
    """Return the indices of the chosen values of k among the record's; of all by default."""
    ks = list(record.parameter("ks"))
    return [i for i, k in enumerate(ks) if not chosen or any(abs(k - c) < 1e-9 for c in chosen)]


def guided(
    record: Record, pair: int = 0, chosen: Sequence[float] = (), per_row: int = 4, unguided: int = 0,
    relate: Callable[[Record, np.ndarray], np.ndarray] = relative,
) -> Figure:  # fmt: skip
    """Draw mask (fixed pixels are white) and image by k, after `unguided` pairs of starts without fixed pixels.

    Above each image is its score, as `relate` puts it in relation to real images.
    """
    ks, unmasked = record.parameter("ks"), np.zeros(record["images"].shape[1])
    shown = [(0.0, unmasked, record["images"][s], float(relate(record, record["scores"][s]))) for s in range(unguided)]
    for i in percents(record, chosen):
        mask = masks(record.arrays, ks[i])[pair].astype(float)
        image, score = record["guided_images"][i, pair], relate(record, record["guided_scores"])[i, pair]
        shown.append((ks[i], mask, image, score))
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
def side_by_side(
    records: Mapping[str, Record], k: float, pair: int = 0,
    relate: Callable[[Record, np.ndarray], np.ndarray] = relative,
) -> Figure:  # fmt: skip
    """Draw the mask of one k, with fixed pixels in white, and next to it each detector's image; a frame of a slider."""
    first = next(iter(records.values()))
    figure, axes = new_figure(1 + len(records), 1, width=1.25 * (1 + len(records)), height=1.75)
    panel(axes[0, 0], pictures(masks(first.arrays, k)[pair].astype(float)))
    axes[0, 0].set_xlabel("fixed")
    for ax, (name, record) in zip(axes[0, 1:], records.items(), strict=True):
        (level,) = percents(record, [k])
        panel(ax, pictures(record["guided_images"][level, pair]), relate(record, record["guided_scores"])[level, pair])
        ax.set_xlabel(name)
    return figure


def by_generation(
    record: Record, runs: int = 5, relate: Callable[[Record, np.ndarray], np.ndarray] = relative
) -> Figure:
    """Draw a row for each run, a column for each number of generations, scores put in relation to real images above."""
    stops = [f"{stop:,}" for stop in record.parameter("stops")]
    scores = relate(record, record["scores"][:runs])
    return image_grid(pictures(record["images"][:runs]), scores, column_labels=stops)


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
