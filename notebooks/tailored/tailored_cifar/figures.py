"""Figure 17 of the tailored paper, and figures of the generator of colour images."""

import numpy as np
from matplotlib.figure import Figure

from anogen.detectors.gan import seeds
from companion.figures.registry import implements
from companion.figures.style import BLACK, GREY, image_grid, new_figure, pictures, styled
from companion.records import Record
from notebooks.tailored.common.figures import draw_class_lines

SHORT = {"airplane": "plane", "automobile": "car"}  # names that are wider than a small image


@implements("anogen-fig-tailored-cifar-norms")
def fig_norms(record: Record, classes: list[str]) -> Figure:
    """Draw one seed in every second class, a row each, its norm rising from left to right."""
    norms = [f"{norm:g}" for norm in record["norms"]]
    return image_grid(pictures(record["shared"][::2]), row_labels=classes[::2], column_labels=norms)


@implements("anogen-fig-tailored-cifar-fakes", "anogen-fig-tailored-cifar-unscaled-fakes")
def fig_fakes(record: Record, classes: list[str]) -> Figure:
    """Draw fakes of natural seeds, a column for each class."""
    return image_grid(pictures(record["fakes"].swapaxes(0, 1)[:4]), column_labels=[SHORT.get(c, c) for c in classes])


@implements("tailored-fig-17")
def fig_17(record: Record, classes: list[str]) -> Figure:
    """Draw the mean score of `CrossedGenerator`'s detectors of digits for each colour class, over the norm."""
    figure, [[ax]] = new_figure(1, height=3.6)
    with styled():
        draw_class_lines(ax, record["fine"], record["curve"].mean(axis=0), classes)
        ax.axhline(np.mean(record["threshold"][:, 0]), color=BLACK, linewidth=1.2, linestyle=":")
        ax.axvline(seeds.RADIUS, color=GREY, linewidth=1, linestyle=":")
        ax.set(xlabel="norm of the seed", ylabel="mean score by the detectors of digits")
        ax.legend(ncols=2, fontsize=9)
    return figure
