"""Figures of chapter `autoencoder-cifar` (thesis 6.1, colour images)."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.style import BLUE, CHANNELS, GREEN, VERMILION, image_grid, new_figure, pictures
from companion.records import Record
from notebooks.thesis.autoencoder.figures import thousandths
from notebooks.thesis.autoencoder_cifar.claims import channel_means
from notebooks.thesis.common.descent import WAYS
from notebooks.thesis.common.image_figures import COLUMNS, image_rows

WAY_NAMES = [f"{way.rule}, {way.reduction}".replace("adam", "Adam") for way in WAYS]


@implements("thesis-fig-6.3", "thesis-fig-6.4")
def figs_6_3_6_4(record: Record, way: int = 0, starts: int = 16) -> Figure:
    """Draw the image of each start by one way to descend, eight a row, as it is and with its contrast stretched."""
    images = record["images"][way, :starts]
    scores = thousandths(record["scores"][way, :starts, 0], median_real(record))
    return image_rows({"as generated": (images, scores), "stretched": (stretch(images), scores)})


@implements("thesis-fig-6.6", "anogen-fig-evolution-colour")
def fig_6_6(records: Mapping[str, Record], real: Mapping[str, float], starts: int = COLUMNS) -> Figure:
    """Draw the evolved images of each class, as they are and with their contrast stretched."""
    groups: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name, record in records.items():
        images, scores = record["images"][:starts], thousandths(record["scores"][:starts], real[name])
        groups |= {name: (images, scores), f"{name},\nstretched": (stretch(images), scores)}
    return image_rows(groups)


def stretch(images: np.ndarray) -> np.ndarray:
    """Return images (n, d) whose values fill [0, 1], each from its 1st to its 99th percentile over all channels."""
    low, high = np.percentile(images.astype(float), (1, 99), axis=1, keepdims=True)
    return np.asarray(np.clip((images - low) / np.maximum(high - low, 1e-9), 0, 1))


def median_real(descent: Record) -> float:
    """Return the median score of the held-out images of the class."""
    return float(np.median(descent["test_normal_scores"]))


@implements("anogen-fig-colour-ways")
def fig_ways(record: Record, columns: int = COLUMNS) -> Figure:
    """Draw the same starts by each rule and reduction, one row a way, with scores relative to real images."""
    images = record["images"][:, :columns]
    scores = thousandths(record["scores"][:, :columns, 0], median_real(record))
    return image_grid(pictures(images), scores, [name.replace(", ", ",\n") for name in WAY_NAMES])


@implements("anogen-fig-colour-tints")
def fig_tints(groups: Mapping[str, np.ndarray]) -> Figure:
    """Plot the mean red, green and blue of each image of a group (n, d), minus their mean; a tint is above 0."""
    figure, [[ax]] = new_figure(1, 1, height=3.2)
    for place, images in enumerate(groups.values()):
        means = channel_means(images, CHANNELS[images.shape[1]])
        means = means - means.mean(axis=1, keepdims=True)
        for channel, (colour, marker) in enumerate(zip((VERMILION, GREEN, BLUE), "s^o", strict=True)):
            x = place + 0.22 * (channel - 1) + np.linspace(-0.05, 0.05, len(means))
            name = ("red", "green", "blue")[channel] if place == 0 else None
            ax.scatter(x, means[:, channel], s=16, color=colour, marker=marker, label=name, linewidth=0)
    ax.axhline(0, color="black", linewidth=0.8)
    largest = max(0.02, *np.abs(ax.get_ylim()))  # rounding is no tint
    ax.set_ylim(-largest, largest)
    ax.set(ylabel="channel mean minus grey")
    ax.set_xticks(range(len(groups)), list(groups), fontsize=8)
    figure.legend(loc="outside right upper", frameon=False)
    return figure


@implements("anogen-fig-colour-structure")
def fig_structure(values: Mapping[str, Sequence[np.ndarray]], label: str) -> Figure:
    """Plot a measure of every image (n,) as dots: one position a method, one column of dots a group."""
    figure, [[ax]] = new_figure(1, 1, height=2.8)
    for place, groups in enumerate(values.values()):
        for i, group in enumerate(groups):
            x = place + 0.3 * (i - (len(groups) - 1) / 2)
            ax.scatter(np.full(len(group), x), group, s=14, color=(VERMILION, BLUE)[i % 2], alpha=0.6, linewidth=0)
    ax.set_xticks(range(len(values)), list(values))
    ax.set(ylabel=label)
    return figure
