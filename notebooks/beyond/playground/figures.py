"""Figure of chapter `playground`: every score field, the lowest point, and where evolutions ended."""

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import rankdata

from companion.figures.style import FIELD_COLOURS, VERMILION, WIDTH, new_figure
from companion.records import Record
from notebooks.beyond.playground.experiments import ENTRIES

COLUMNS = 5


def fields(record: Record) -> Figure:
    """Draw a panel for each detector, shaded by the rank of a score among all of its field."""
    keys = [str(key) for key in record["entries"]]
    rows = -(-len(keys) // COLUMNS)
    figure, axes = new_figure(COLUMNS, rows, width=WIDTH, height=1.55 * rows)
    for ax in axes.flat[len(keys) :]:
        ax.axis("off")
    for place, (key, ax) in enumerate(zip(keys, axes.flat, strict=False)):
        field = record["fields"][place]
        ranks = rankdata(field, method="min").reshape(field.shape)
        ax.imshow(ranks, origin="lower", extent=(0, 1, 0, 1), cmap=FIELD_COLOURS, interpolation="nearest")
        ax.plot(*record["points"].T, ".", color="white", markersize=1.5, alpha=0.7)
        ax.plot(*np.clip(record["lowest"][place], 0, 1), "o", color="white", markersize=9, fillstyle="none")
        ax.plot(*record["ends"][place].T, "X", color=VERMILION, markersize=6, markeredgecolor="white", clip_on=False)
        ax.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(0, 1))
        ax.spines[:].set_visible(False)
        ax.set_xlabel(ENTRIES[key].title, fontsize=10, labelpad=3)
    return figure
