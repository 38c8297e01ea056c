"""Figures 13, 15 and 16 of the tailored paper: the classifier's features in the plane."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion.figures.style import BLACK, GREY, PALETTE, VERMILION, YELLOW, new_figure, styled
from companion.records import Record

CLASS_COLOURS = (*PALETTE, YELLOW, GREY, "#882255")
OUTLINE = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6}
TITLES: Mapping[str, str] = {
    "real": "test images", "near": "near anomalies, class {digit}", "notmnist": "notMNIST", "cifar10": "CIFAR-10",
    "gaussian": "Gaussian noise",
}  # fmt: skip


def fig_13(record: Record) -> Figure:
    """Draw the training images' features, a colour a class."""
    figure, axes = new_figure(1, width=4.8, height=4.4)
    with styled():
        for label in range(10):
            here = record["train_place"][record["train_class"] == label]
            axes[0, 0].scatter(*here.T, s=2, color=CLASS_COLOURS[label], linewidths=0)
        _name_clusters(axes[0, 0], record)
        _bare(axes[0, 0])
    return figure


def fig_15(record: Record) -> Figure:
    """Draw the paths of the seeds over the grey map: dots in steps of norm, a ring at norm 0, the end numbered."""
    figure, axes = new_figure(1, width=4.8, height=4.4)
    ax = axes[0, 0]
    with styled():
        ax.scatter(*record["train_place"].T, s=2, color="#cccccc", linewidths=0)
        for i, path in enumerate(record["path_place"]):
            ax.plot(*path.T, color=PALETTE[i], linewidth=1, marker="o", markersize=2.5, label=f"seed {i + 1}")
            ax.plot(*path[-1], color=PALETTE[i], marker="s", markersize=7, markeredgecolor=BLACK, linestyle="none")
        ax.plot(*record["path_place"][0, 0], "o", markersize=11, markerfacecolor="none", markeredgecolor=BLACK)
        _name_clusters(ax, record)
        ax.legend(fontsize=9, loc="best")
        _bare(ax)
    return figure


def fig_16(record: Record) -> Figure:
    """Draw the anomalies of each set over the grey map."""
    names = [name for name in record["names"].tolist() if name != "real"]
    figure, axes = new_figure(2, -(-len(names) // 2), width=6.4, height=2.9 * -(-len(names) // 2))
    with styled():
        for ax, name in zip(axes.flat, names, strict=False):
            ax.scatter(*record["train_place"].T, s=1.5, color="#cccccc", linewidths=0)
            ax.scatter(*record["place"][record["names"].tolist().index(name)].T, s=3, color=VERMILION, linewidths=0)
            _name_clusters(ax, record, size=8)
            title = TITLES.get(name, name).format(digit=record.parameter("path_digit"))
            ax.text(0.5, 1.02, title, transform=ax.transAxes, ha="center", va="bottom", fontsize=10)
            _bare(ax)
        for ax in axes.flat[len(names) :]:
            ax.set_visible(False)
    return figure


def _name_clusters(ax: Axes, record: Record, size: int = 10) -> None:
    """Write each class at the training image in the middle of its images."""
    for label in np.unique(record["train_class"]):
        here = record["train_place"][record["train_class"] == label]
        middle = np.median(here, axis=0)
        place = here[np.linalg.norm(here - middle, axis=1).argmin()]
        ax.text(place[0], place[1], str(label), ha="center", va="center", fontsize=size, bbox=OUTLINE)


def _bare(ax: Axes) -> None:
    """Take the ticks away: the axes of such a map have no unit."""
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, color=GREY, linewidth=0.6)
