"""Figures of the tailored detector in colour: what its generator makes, and what detectors of digits say of that."""

import numpy as np
from matplotlib.figure import Figure

from anogen.detectors.gan import seeds
from companion.figures.style import BLACK, GREY, PALETTE, image_grid, new_figure, pictures, styled
from companion.records import Record

SHORT = {"airplane": "plane", "automobile": "car"}  # names that are wider than a small image


def along_norms(record: Record, classes: list[str]) -> Figure:
    """One seed in every second class, a row each, its norm rising from left to right."""
    norms = [f"{norm:g}" for norm in record["norms"]]
    return image_grid(pictures(record["shared"][::2]), row_labels=classes[::2], column_labels=norms)


def fakes(record: Record, classes: list[str]) -> Figure:
    """Fakes of natural seeds, a column for each class."""
    return image_grid(pictures(record["fakes"].swapaxes(0, 1)[:4]), column_labels=[SHORT.get(c, c) for c in classes])


def crossed(record: Record, classes: list[str]) -> Figure:
    """Mean score by the detectors of digits of images made for each class, over the norm of the seed (Fig. 17)."""
    figure, axes = new_figure(1, height=3.6)
    ax, curve = axes[0, 0], record["curve"].mean(axis=0)
    with styled():
        for y, (name, line) in enumerate(zip(classes, curve, strict=True)):
            ax.plot(
                record["fine"], line, color=PALETTE[y % len(PALETTE)], linewidth=1.4, label=name,
                linestyle="-" if y < len(PALETTE) else "--",
            )  # fmt: skip
        ax.axhline(np.mean(record["threshold"][:, 0]), color=BLACK, linewidth=1.2, linestyle=":")
        ax.axvline(seeds.RADIUS, color=GREY, linewidth=1, linestyle=":")
        ax.set(xlabel="norm of the seed", ylabel="mean score by the detectors of digits")
        ax.legend(ncols=2, fontsize=9)
    return figure
